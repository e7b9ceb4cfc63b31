"""How a job moves items from state to state: claim, send, answer, block, wake. Bulk SQL only.

Every function is called inside the job's fenced transaction.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import connection as database
from django.db.models.functions import Now

from connectors.documents import RecordType
from connectors.models import Connection
from syncqueue import dates
from syncqueue.models import FINAL_STATES, State, SyncQueueItem


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an item, unless it was edited after `generation` was read."""

    item_id: int
    generation: int
    state: State
    reason: str = ""
    refusal: str = ""
    # Seconds until the next attempt, for an item that waits again.
    delay: float = 0
    counts_as_attempt: bool = False
    blocked_by_type: str = ""
    blocked_by_id: int | None = None
    blocked_by_need: str = ""


def claim(
    *,
    connection: Connection,
    rank: int,
    limit: int,
    item_ids: Sequence[int] | None = None,
    oldest_first: Collection[RecordType] = (),
) -> list[SyncQueueItem]:
    """Lock what may be sent now, what was moved to the top first, then in id order, passing over
    what somebody is editing. Types in `oldest_first` go by their dates before all else."""
    due = SyncQueueItem.objects.due().filter(connection=connection, rank=rank)
    if item_ids is not None:
        due = due.filter(pk__in=item_ids)
    line = dates.in_order(due, oldest_first) if oldest_first else due.order_by("-priority", "id")
    return list(line.select_for_update(skip_locked=True, of=("self",))[:limit])


def ranks_due(*, connection: Connection, item_ids: Sequence[int] | None = None) -> list[int]:
    """The ranks that have something to send, in order."""
    due = SyncQueueItem.objects.due().filter(connection=connection)
    if item_ids is not None:
        due = due.filter(pk__in=item_ids)
    return sorted(due.order_by().values_list("rank", flat=True).distinct())


def mark_sending(*, item_ids: Sequence[int]) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE queue_syncqueueitem SET state = 'sending', sent_generation = generation"
            " WHERE id = ANY(%s)",
            [list(item_ids)],
        )


def mark_unknown(*, item_ids: Iterable[int]) -> None:
    SyncQueueItem.objects.filter(pk__in=list(item_ids), state=State.SENDING).update(
        state=State.UNKNOWN
    )


_APPLY = """
UPDATE queue_syncqueueitem AS i SET
    state = CASE WHEN edited THEN 'waiting' ELSE d.state END,
    reason = CASE WHEN edited THEN '' ELSE d.reason END,
    refusal = CASE WHEN edited THEN '' ELSE d.refusal END,
    attempts = CASE WHEN edited THEN 0 ELSE i.attempts + d.attempt END,
    next_attempt_at = now() + CASE WHEN edited THEN 0 ELSE d.delay END * interval '1 second',
    blocked_by_type = CASE WHEN edited THEN '' ELSE d.blocked_by_type END,
    blocked_by_id = CASE WHEN edited THEN NULL ELSE d.blocked_by_id END,
    blocked_by_need = CASE WHEN edited THEN '' ELSE d.blocked_by_need END,
    finished_at = CASE WHEN NOT edited AND d.state = ANY(%s) THEN now() END
FROM (
    SELECT d.*, q.generation <> d.generation AS edited
    FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::text[], %s::text[], %s::float[],
                %s::int[], %s::text[], %s::bigint[], %s::text[])
         AS d(id, generation, state, reason, refusal, delay, attempt,
              blocked_by_type, blocked_by_id, blocked_by_need)
    JOIN (SELECT id, generation FROM queue_syncqueueitem
          WHERE id = ANY(%s) AND finished_at IS NULL ORDER BY id FOR UPDATE) q ON q.id = d.id
) AS d
WHERE i.id = d.id
RETURNING i.id, i.state
"""


def apply(verdicts: Sequence[Verdict]) -> dict[int, State]:
    """Give each item its state in one statement; what was edited meanwhile waits again.

    Returns the state that each item has now.
    """
    if not verdicts:
        return {}
    columns = zip(
        *(
            (
                v.item_id,
                v.generation,
                v.state.value,
                v.reason,
                v.refusal,
                v.delay,
                int(v.counts_as_attempt),
                v.blocked_by_type,
                v.blocked_by_id,
                v.blocked_by_need,
            )
            for v in verdicts
        ),
        strict=True,
    )
    final = [state.value for state in FINAL_STATES]
    with database.cursor() as cursor:
        cursor.execute(
            _APPLY, [final, *(list(column) for column in columns), [v.item_id for v in verdicts]]
        )
        return {item_id: State(state) for item_id, state in cursor.fetchall()}


_WAKE = """
UPDATE queue_syncqueueitem AS i
SET state = 'waiting', blocked_by_type = '', blocked_by_id = NULL, blocked_by_need = '',
    next_attempt_at = now()
WHERE i.connection_id = %s AND i.state = 'blocked' AND i.finished_at IS NULL
  AND i.blocked_by_need = ''
  AND (EXISTS (SELECT 1 FROM connectors_link l
               WHERE l.connection_id = i.connection_id AND l.record_type = i.blocked_by_type
                 AND l.record_id = i.blocked_by_id AND l.is_finished AND l.gone_at IS NULL)
       OR NOT EXISTS (SELECT 1 FROM queue_syncqueueitem b
                      WHERE b.connection_id = i.connection_id AND b.finished_at IS NULL
                        AND b.record_type = i.blocked_by_type AND b.record_id = i.blocked_by_id))
"""


def wake(*, connection: Connection) -> int:
    """Let go of every item whose blocker is there now, or waits no more."""
    with database.cursor() as cursor:
        cursor.execute(_WAKE, [connection.pk])
        return int(cursor.rowcount)


def wake_needs(*, connection: Connection) -> int:
    """Let what waits for a mapping try again: the job asks anew, which costs no request."""
    return (
        SyncQueueItem.objects.open()
        .filter(connection=connection, state=State.BLOCKED)
        .exclude(blocked_by_need="")
        .update(state=State.WAITING, blocked_by_need="", next_attempt_at=Now())
    )


def hasten(*, connection: Connection, rank: int, reason: str) -> int:
    """Let what was put off for this reason be due now."""
    return (
        SyncQueueItem.objects.waiting()
        .filter(connection=connection, rank=rank, reason=reason, next_attempt_at__gt=Now())
        .update(next_attempt_at=Now())
    )


_ENQUEUE = """
INSERT INTO queue_syncqueueitem
    (connection_id, company_id, record_type, record_id, label, amount, first_operation, operation,
     changed_fields, generation, rank, state, attempts, next_attempt_at, blocked_by_type,
     blocked_by_need, reason, refusal, first_changed_at, changed_at, changed_by_id, origin,
     hold_reason)
SELECT %s, %s, %s, d.id, d.label, d.amount, %s, %s, '{}', 1, %s, 'waiting', 0, now(), '', '', '',
       '', now(), now(), %s, %s, ''
FROM unnest(%s::bigint[], %s::text[], %s::numeric[]) AS d(id, label, amount)
ORDER BY d.id
ON CONFLICT (connection_id, record_type, record_id) WHERE finished_at IS NULL DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record to be queued without an edit: a dependency, an initial load, a reconciliation."""

    record_id: int
    label: str
    amount: object | None = None


def enqueue(
    *,
    connection: Connection,
    record_type: str,
    rank: int,
    entries: Sequence[Entry],
    operation: str = "create",
    user_id: int | None = None,
    origin: str = "job",
) -> int:
    """Queue records that are not queued yet; returns how many were added."""
    if not entries:
        return 0
    with database.cursor() as cursor:
        cursor.execute(
            _ENQUEUE,
            [
                connection.pk,
                connection.company_id,
                record_type,
                operation,
                operation,
                rank,
                user_id,
                origin,
                [entry.record_id for entry in entries],
                [entry.label for entry in entries],
                [entry.amount for entry in entries],
            ],
        )
        return int(cursor.rowcount)


def next_due_at(*, connection: Connection) -> datetime.datetime | None:
    """When the earliest waiting item may be sent; None when nothing waits."""
    return (
        SyncQueueItem.objects.waiting()
        .filter(connection=connection, held_at=None)
        .order_by("next_attempt_at")
        .values_list("next_attempt_at", flat=True)
        .first()
    )
