"""What became of what was sent: first stored with the links (3a), then applied to the queue (3b).

The two are separate transactions. 3a touches no table that a user writes to, so it cannot be held
up; 3b can be repeated from what 3a stored, without sending anything again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection as database

from connectors import documents
from connectors.documents import Document, RecordType
from connectors.interface import (
    Accepted,
    Again,
    Operation,
    Outcome,
    Partly,
    PushId,
    Reason,
    Rejected,
    Remote,
    Unknown,
)
from connectors.models import Link
from jobs import errors, faults
from jobs.models import Attempt, AttemptOutcome
from jobs.work import Work
from syncqueue import transitions
from syncqueue.models import State
from syncqueue.transitions import Verdict


@dataclass(frozen=True, slots=True)
class NotSent:
    """It is certain that the provider never acted on it: it goes into a new exchange."""

    why: str


Result = Outcome | NotSent
# A refusal for a taken name is tried once more when the rest of its rank has been sent.
SECOND_CHANCE_DELAY = 3600.0
# The code of an attempt whose message is the note for the next one.
AGAIN = "again"
NEEDS_A_PERSON = (State.FAILED, State.CONFLICT)


@dataclass
class Applied:
    """What 3b left to do: items whose link is stale, to be fetched and merged."""

    stale: list[Attempt] = field(default_factory=list)


_WRITE_DOWN = """
INSERT INTO jobs_attempt (exchange_id, item_id, record_type, record_id, push_id, operation,
    sent_generation, content, company_id, outcome, external_id, reason, code, message, field)
SELECT d.exchange_id, d.item_id, d.record_type, d.record_id, d.push_id, d.operation,
    d.sent_generation, d.content, %s, '', '', '', '', '', ''
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::text[],
            %s::int[], %s::jsonb[])
     WITH ORDINALITY AS d(exchange_id, item_id, record_type, record_id, push_id, operation,
                          sent_generation, content, position)
ORDER BY d.position
RETURNING id, item_id
"""


def write_down(attempts: Sequence[Attempt]) -> None:
    """Step 1: what is about to be sent, of one company, each item once; gives them their ids."""
    rows = [
        (
            a.exchange_id,
            a.item_id,
            a.record_type,
            a.record_id,
            a.push_id,
            a.operation,
            a.sent_generation,
            json.dumps(a.content),
        )
        for a in attempts
    ]
    with database.cursor() as cursor:
        columns = [list(column) for column in zip(*rows, strict=True)]
        cursor.execute(_WRITE_DOWN, [attempts[0].company_id, *columns])
        ids = {item_id: attempt_id for attempt_id, item_id in cursor.fetchall()}
    for attempt in attempts:
        attempt.pk = ids[attempt.item_id]


def attempts_of(exchange_id: int) -> list[Attempt]:
    """The attempts that were not applied yet, with their items."""
    return list(
        Attempt.objects.filter(exchange_id=exchange_id, applied_at=None)
        .select_related("item")
        .order_by("pk")
    )


def results(
    attempts: Sequence[Attempt], outcomes: Mapping[PushId, Result], missing: Result
) -> list[tuple[Attempt, Result]]:
    """Each attempt with its outcome; what the answer left out is `missing`."""
    return [(attempt, outcomes.get(attempt.push_id, missing)) for attempt in attempts]


def store(work: Work, settled: Sequence[tuple[Attempt, Result]]) -> list[tuple[Attempt, Result]]:
    """3a: the attempts' outcomes and the links. Fenced. An object that is linked to another
    record of ours is never linked twice: its outcome becomes a refusal."""
    settled = _without_double_links(work, settled)
    _store_attempts(settled)
    _store_links(work, settled)
    for attempt, result in settled:
        if isinstance(result, Accepted) and result.remote is None:
            Link.objects.filter(
                connection_id=work.connection.pk,
                record_type=attempt.record_type,
                record_id=attempt.record_id,
            ).delete()
    return settled


def apply(work: Work, exchange_id: int, settled: Sequence[tuple[Attempt, Result]]) -> Applied:
    """3b: items, errors, counters, wake-ups. Fenced."""
    applied = Applied()
    verdicts: list[Verdict] = []
    refusals: list[faults.Fault] = []
    for attempt, result in settled:
        if isinstance(result, Unknown):
            continue
        verdict, fault = _judge(attempt, result, applied)
        verdicts.append(verdict)
        if fault:
            refusals.append(fault)
    states = transitions.apply(verdicts)
    items = [attempt.item for attempt, _ in settled]
    if _close(work, exchange_id, settled):
        faults.resolve(
            work,
            [item for item in items if states.get(item.pk) in (State.SYNCED, *NEEDS_A_PERSON)],
        )
    faults.record(work, [f for f in refusals if f.item and states.get(f.item.pk) in NEEDS_A_PERSON])
    if unknown := [one.item_id for one, result in settled if isinstance(result, Unknown)]:
        transitions.mark_unknown(item_ids=unknown)
    transitions.wake(connection=work.connection)
    return applied


def total_differs(content: Mapping[str, Any], remote: Remote | None) -> bool:
    """Money that did not arrive as it was sent is an error, never silence. `content` is the
    document as JSON; only what has lines or is a payment has a total."""
    if remote is None or remote.total is None or content.get("is_voided", True):
        return False
    if "lines" in content:
        return remote.total != sum(Decimal(line["amount"]) for line in content["lines"])
    return remote.total != Decimal(content["amount"])


def _judge(
    attempt: Attempt, result: Result, applied: Applied
) -> tuple[Verdict, faults.Fault | None]:
    item = attempt.item
    if isinstance(result, Accepted):
        return _judge_accepted(attempt, result)
    if isinstance(result, Partly) and total_differs(attempt.content, result.remote):
        return _judge_total(attempt, result.remote)
    if isinstance(result, Rejected):
        return _judge_rejected(attempt, result, applied)
    return Verdict(item.pk, attempt.sent_generation, State.WAITING), None


def _judge_accepted(attempt: Attempt, result: Accepted) -> tuple[Verdict, faults.Fault | None]:
    if attempt.operation != Operation.DELETE and total_differs(attempt.content, result.remote):
        return _judge_total(attempt, result.remote)
    return Verdict(attempt.item_id, attempt.sent_generation, State.SYNCED), None


def _judge_total(attempt: Attempt, remote: Remote | None) -> tuple[Verdict, faults.Fault | None]:
    fault = faults.total_differs(attempt.item, attempt, _content(attempt), remote)
    return _refused(attempt, State.FAILED, fault), fault


def _judge_rejected(
    attempt: Attempt, result: Rejected, applied: Applied
) -> tuple[Verdict, faults.Fault | None]:
    item = attempt.item
    fault = faults.refused(item, attempt, result)
    if result.reason is Reason.STALE_VERSION and item.attempts < 3:
        applied.stale.append(attempt)
        return _refused(attempt, State.WAITING, fault), None
    if result.reason is Reason.DUPLICATE and item.reason != Reason.DUPLICATE:
        return _refused(attempt, State.WAITING, fault, SECOND_CHANCE_DELAY), None
    if result.reason is Reason.GONE:
        return _refused(attempt, State.CONFLICT, fault), fault
    delay = errors.delay_before(result.reason, item.attempts)
    if delay is not None and result.reason is not Reason.STALE_VERSION:
        return _refused(attempt, State.WAITING, fault, delay), None
    return _refused(attempt, State.FAILED, fault), fault


def _refused(attempt: Attempt, state: State, fault: faults.Fault, delay: float = 0) -> Verdict:
    return Verdict(
        attempt.item_id,
        attempt.sent_generation,
        state,
        reason=fault.reason,
        refusal=fault.message,
        delay=delay,
        counts_as_attempt=errors.explain(fault.reason).counts_as_attempt,
    )


def _content(attempt: Attempt) -> Document | None:
    if not attempt.content:
        return None
    return documents.from_json(RecordType(attempt.record_type), attempt.content)


# What was sent is in the attempt already and is not moved through this process again.
_STORE_LINKS = """
INSERT INTO connectors_link (connection_id, company_id, record_type, record_id, external_id,
    version, ours, theirs, is_finished, conflicts, gone_at, synced_at)
SELECT %s, %s, a.record_type, a.record_id, d.external_id, d.version,
    CASE WHEN d.is_agreed THEN a.content ELSE '{}' END, d.theirs, d.is_finished, '{}', NULL, now()
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::boolean[], %s::jsonb[], %s::boolean[])
    AS d(id, external_id, version, is_agreed, theirs, is_finished)
JOIN jobs_attempt a ON a.id = d.id
ORDER BY a.record_type, a.record_id
ON CONFLICT (connection_id, record_type, record_id) DO UPDATE SET
    external_id = excluded.external_id, version = excluded.version, ours = excluded.ours,
    theirs = excluded.theirs, is_finished = excluded.is_finished, gone_at = NULL,
    synced_at = excluded.synced_at
"""


def _store_links(work: Work, settled: Sequence[tuple[Attempt, Result]]) -> None:
    rows = [row for attempt, result in settled if (row := _link(attempt, result))]
    if rows:
        with database.cursor() as cursor:
            columns = [list(column) for column in zip(*rows, strict=True)]
            cursor.execute(_STORE_LINKS, [work.connection.pk, work.connection.company_id, *columns])


def _link(attempt: Attempt, result: Result) -> tuple[int, str, str, bool, str, bool] | None:
    """attempt, external id, version, whether what was sent is agreed, theirs, is finished"""
    if isinstance(result, Partly):
        is_agreed = not total_differs(attempt.content, result.remote)
        return attempt.pk, result.external_id, result.version, is_agreed, "{}", False
    if not isinstance(result, Accepted) or result.remote is None:
        return None
    # What did not arrive as it was sent is not agreed: a retry must send it again.
    is_agreed = not total_differs(attempt.content, result.remote)
    theirs = json.dumps(documents.to_json(result.remote.content))
    return attempt.pk, result.external_id, result.version, is_agreed, theirs, True


def _without_double_links(
    work: Work, settled: Sequence[tuple[Attempt, Result]]
) -> list[tuple[Attempt, Result]]:
    there = {
        (attempt.record_type, result.external_id)
        for attempt, result in settled
        if isinstance(result, Accepted | Partly)
    }
    owner = _owners(work, there)
    checked: list[tuple[Attempt, Result]] = []
    for attempt, result in settled:
        if isinstance(result, Accepted | Partly):
            key = (attempt.record_type, result.external_id)
            if owner.setdefault(key, attempt.record_id) != attempt.record_id:
                result = Rejected(
                    Reason.DUPLICATE,
                    "linked_twice",
                    "This object in accounting is linked to another record of ours.",
                    external_id=result.external_id,
                )
        checked.append((attempt, result))
    return checked


def _owners(work: Work, objects: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Which record of ours each of these is linked to, by type and external id."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT record_type, external_id, record_id FROM connectors_link"
            " WHERE connection_id = %s AND record_type = ANY(%s) AND external_id = ANY(%s)",
            [
                work.connection.pk,
                list({kind for kind, _ in objects}),
                list({external_id for _, external_id in objects}),
            ],
        )
        return {(kind, external_id): record_id for kind, external_id, record_id in cursor}


_STORE = """
UPDATE jobs_attempt AS a SET outcome = d.outcome, external_id = d.external_id, reason = d.reason,
    code = d.code, message = d.message, field = d.field
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
    AS d(id, outcome, external_id, reason, code, message, field)
WHERE a.id = d.id
"""


def _store_attempts(settled: Sequence[tuple[Attempt, Result]]) -> None:
    rows = [(attempt.pk, *_columns(result)) for attempt, result in settled]
    if rows:
        with database.cursor() as cursor:
            cursor.execute(_STORE, [list(column) for column in zip(*rows, strict=True)])


def _columns(result: Result) -> tuple[str, str, str, str, str, str]:
    """outcome, external id, reason, code, message, field"""
    match result:
        case Accepted():
            return AttemptOutcome.ACCEPTED, result.external_id, "", "", "", ""
        case Partly():
            return AttemptOutcome.PARTLY, result.external_id, "", "", "", ""
        case Rejected():
            return (
                AttemptOutcome.REJECTED,
                result.external_id,
                result.reason,
                result.code[:60],
                result.message,
                result.field[:100],
            )
        case Again(note):
            return AttemptOutcome.NOT_SENT, "", "", AGAIN, note, ""
        case Unknown(why):
            return AttemptOutcome.UNKNOWN, "", "", "", why, ""
        case NotSent(why):
            return AttemptOutcome.NOT_SENT, "", "", "", why, ""


# One statement, for each costs a round trip, and every batch needs them.
_CLOSE = """
WITH attempts AS (
    UPDATE jobs_attempt SET applied_at = now() WHERE id = ANY(%(done)s)
), exchange AS (
    UPDATE jobs_exchange SET settled_at = now() WHERE id = %(exchange)s AND %(is_settled)s
), job AS (
    UPDATE jobs_syncjob
    SET exported = exported + %(accepted)s, progress = progress + %(accepted)s
    WHERE id = %(job)s AND %(accepted)s > 0
)
SELECT EXISTS (
    SELECT FROM jobs_syncerror WHERE connection_id = %(connection)s AND resolved_at IS NULL
)
"""


def _close(work: Work, exchange_id: int, settled: Sequence[tuple[Attempt, Result]]) -> bool:
    """What was applied is counted, and never applied again. Whether there are errors to resolve."""
    done = [attempt.pk for attempt, result in settled if not isinstance(result, Unknown)]
    with database.cursor() as cursor:
        cursor.execute(
            _CLOSE,
            {
                "done": done,
                "exchange": exchange_id,
                "is_settled": len(done) == len(settled),
                "accepted": sum(isinstance(result, Accepted) for _, result in settled),
                "job": work.job.pk,
                "connection": work.connection.pk,
            },
        )
        return bool(cursor.fetchone()[0])
