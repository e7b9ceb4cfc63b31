"""What people decide about who is who on both sides; it is carried out when they confirm it.

Until then a decision is a word in a `Match` row and can be taken back: no link is made, nothing is
created here or there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import connection as database
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from companies.audit import audit
from connectors.documents import RecordType
from connectors.models import Connection, ConnectionState, Cursor, Decision, Match, MatchQuerySet
from jobs import adopt, loading, mapping
from jobs.control import Opened, open_job
from jobs.mapping import Resolver
from jobs.models import SyncJob
from syncqueue import control as queue_control
from syncqueue.models import SyncQueueItem

PAIR = Q(record_id__isnull=False) & ~Q(external_id="")
UNDECIDED = Q(decision=Decision.PENDING)
EXACT = UNDECIDED & PAIR & Q(is_exact=True)
DOUBTFUL = UNDECIDED & PAIR & Q(is_exact=False)
ONLY_HERE = UNDECIDED & Q(external_id="")
ONLY_THERE = UNDECIDED & Q(record_id=None)
DECIDED = ~UNDECIDED

BATCH = 2000
# An entry of the audit log names this many; of more it says how many there were.
NAMED = 50


class NotYet(Exception):
    """It cannot be confirmed now; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """How many links were made, and the job that goes on from there."""

    linked: int
    opened: Opened


@transaction.atomic
def decide(
    *, connection: Connection, matches: MatchQuerySet, decision: Decision, user: User | None
) -> int:
    """Note a decision about those that have none yet. LINK is about pairs, and takes a record
    once: what else it was proposed for stays undecided. Returns how many were decided."""
    rows = _locked(matches.filter(connection=connection).undecided())
    if decision == Decision.LINK:
        rows = _once_each(connection, [row for row in rows if row.record_id and row.external_id])
    Match.objects.filter(pk__in=[row.pk for row in rows]).update(
        decision=decision, decided_by=user, decided_at=Now()
    )
    _note(connection, user, f"matching.{decision}", rows)
    return len(rows)


@transaction.atomic
def undo(*, connection: Connection, matches: MatchQuerySet, user: User) -> int:
    """Take decisions back that were not carried out yet."""
    rows = _locked(matches.filter(connection=connection).decided().unconfirmed())
    Match.objects.filter(pk__in=[row.pk for row in rows]).update(
        decision=Decision.PENDING, decided_by=None, decided_at=None
    )
    _note(connection, user, "matching.undo", rows)
    return len(rows)


@transaction.atomic
def link_to(*, match: Match, other: Match, user: User) -> None:
    """The record of `match` is the object of `other`. What the two were paired with before stands
    alone again. Raises NotYet when one of them is decided meanwhile."""
    rows = _locked(Match.objects.filter(pk__in=[match.pk, other.pk]).undecided())
    found = {row.pk: row for row in rows}
    if len(found) != len({match.pk, other.pk}):
        raise NotYet(_("It was decided meanwhile. Take that back first, under Decided."))
    mine, target = found[match.pk], found[other.pk]
    freed = (target.record_id, target.record_label) if target.pk != mine.pk else (None, "")
    record_id, label = mine.record_id, mine.record_label
    if target.pk != mine.pk:
        _take_record_away(mine)
    target.record_id, target.record_label = record_id, label
    target.is_exact, target.why, target.clash = False, _("Chosen by hand"), ""
    target.decision, target.decided_by = Decision.LINK, user
    target.decided_at = Now()
    target.save()
    if freed[0] is not None:
        _stand_alone(target, *freed)
    _note(match.connection, user, "matching.link", [target])


def undecided_pairs(connection: Connection) -> int:
    return Match.objects.filter(connection=connection).pairs().undecided().count()


@transaction.atomic
def confirm(*, connection: Connection, user: User, initial_load: bool) -> Confirmed:
    """Carry out what was decided, and open the job that goes on. Raises NotYet."""
    connection = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    _check(connection)
    linked = carry_out(connection=connection, user=user)
    audit(
        company=connection.company,
        user=user,
        action="matching.confirm",
        target=connection,
        linked=linked,
        initial_load=initial_load,
    )
    scope = loading.scope() if initial_load else None
    return Confirmed(linked, open_job(connection=connection, user=user, scope=scope))


def carry_out(*, connection: Connection, user: User | None) -> int:
    """Make the links, leave alone what was skipped, and let the connection be ready. In a
    transaction. Returns how many links were made."""
    new = Match.objects.filter(connection=connection).decided().unconfirmed()
    linked = sum(_link(connection, RecordType(kind)) for kind in _types(new, Decision.LINK))
    _leave_alone(connection, new.filter(decision=Decision.SKIP), user)
    _send(connection, new.filter(decision=Decision.CREATE, record_id__isnull=False), user)
    # An object that was read already is read again, to be created here as another one.
    Cursor.objects.filter(
        connection=connection, record_type__in=_types(new, Decision.CREATE)
    ).delete()
    new.update(confirmed_at=Now())
    Match.objects.filter(connection=connection).undecided().alone().delete()
    if connection.state == ConnectionState.MATCHING:
        connection.state = ConnectionState.READY
        connection.save(update_fields=["state"])
    return linked


def _check(connection: Connection) -> None:
    """Raises NotYet."""
    if not connection.is_open:
        raise NotYet(_("This connection is closed. Connect the accounting system again."))
    if count := undecided_pairs(connection):
        said = ngettext(
            "%d proposal is still to be decided. Link it, create it, or skip it first.",
            "%d proposals are still to be decided. Link, create, or skip them first.",
            count,
        )
        raise NotYet(said % count)
    job = SyncJob.objects.open().filter(connection=connection).first()
    if job:
        raise NotYet(_("%s is still running. Confirm when it has finished.") % job)


def _locked(matches: MatchQuerySet) -> list[Match]:
    rows = matches.select_for_update(of=("self",), no_key=True).order_by("pk")
    return list(rows.defer("theirs"))


def _once_each(connection: Connection, rows: list[Match]) -> list[Match]:
    taken = set(
        Match.objects.filter(connection=connection, decision=Decision.LINK)
        .unconfirmed()
        .values_list("record_type", "record_id")
    )
    first = {(row.record_type, row.record_id): row for row in reversed(rows)}
    return sorted(
        (row for key, row in first.items() if key not in taken), key=lambda row: int(row.pk)
    )


def _take_record_away(match: Match) -> None:
    """Only its object stays, if it has one."""
    if not match.external_id:
        match.delete()
        return
    match.record_id, match.record_label = None, ""
    match.is_exact, match.why, match.clash = False, "", ""
    match.save()


def _stand_alone(match: Match, record_id: int | None, label: str) -> None:
    Match.objects.get_or_create(
        connection_id=match.connection_id,
        company_id=match.company_id,
        record_type=match.record_type,
        record_id=record_id,
        external_id="",
        defaults={"record_label": label},
    )


def _types(matches: MatchQuerySet, decision: Decision) -> list[str]:
    found = matches.filter(decision=decision).order_by().values_list("record_type", flat=True)
    return sorted(set(found))


_MAKE_LINKS = """
INSERT INTO connectors_link (connection_id, company_id, record_type, record_id, external_id,
    version, ours, theirs, is_finished, conflicts, gone_at, synced_at)
SELECT m.connection_id, m.company_id, m.record_type, m.record_id, m.external_id, m.version,
    d.ours, m.theirs, true, '{}', NULL, now()
FROM unnest(%s::bigint[], %s::jsonb[]) AS d(id, ours)
JOIN connectors_match m ON m.id = d.id
ORDER BY m.record_id
ON CONFLICT DO NOTHING
"""


def _link(connection: Connection, record_type: RecordType) -> int:
    """Links in bulk; what differs now counts as agreed until either side changes it."""
    count = 0
    for batch in _batches(connection, record_type):
        loaded = mapping.load(record_type=record_type, ids=list(batch))
        alive = {pk: one for pk, one in loaded.items() if one.record.deleted_at is None}
        resolver = Resolver(connection)
        resolver.load(mapping.references(record_type, alive.values()))
        ids = [batch[pk] for pk in alive]
        ours = [json.dumps(adopt.ours_of(record_type, one, resolver)) for one in alive.values()]
        with database.cursor() as cursor:
            cursor.execute(_MAKE_LINKS, [ids, ours])
            count += cursor.rowcount
    return count


def _batches(connection: Connection, record_type: RecordType) -> Iterator[dict[int, int]]:
    """record id -> match id of what is to be linked."""
    rows = Match.objects.filter(
        connection=connection, record_type=record_type, decision=Decision.LINK
    ).unconfirmed()
    pairs: list[Any] = list(rows.order_by("pk").values_list("record_id", "pk"))
    for at in range(0, len(pairs), BATCH):
        yield dict(pairs[at : at + BATCH])


def _leave_alone(connection: Connection, skipped: MatchQuerySet, user: User | None) -> None:
    """An edit made while matching does not send what was skipped."""
    rows = skipped.filter(record_id__isnull=False)
    person = user or next((row.decided_by for row in rows.select_related("decided_by")[:1]), None)
    if person is None:
        return
    for record_type in _types(rows, Decision.SKIP):
        ids = rows.filter(record_type=record_type).values("record_id")
        items = SyncQueueItem.objects.open().filter(
            connection=connection, record_type=record_type, record_id__in=ids
        )
        queue_control.skip(items=items, user=person, reason=_("Skipped when it was matched."))


def _send(connection: Connection, created: MatchQuerySet, user: User | None) -> None:
    """Records of ours that a person wants there, whether they are edited or not."""
    for record_type in _types(created, Decision.CREATE):
        ids = created.filter(record_type=record_type).values("record_id")
        rows = list(loading.missing(connection, RecordType(record_type)).filter(pk__in=ids))
        loading.enqueue(connection, RecordType(record_type), rows, user)


def _note(connection: Connection, user: User | None, action: str, rows: list[Match]) -> None:
    if not rows:
        return
    audit(
        company=connection.company,
        user=user,
        action=action,
        target=str(rows[0]) if len(rows) == 1 else f"{len(rows)} proposals",
        count=len(rows),
        records=[[row.record_type, str(row)] for row in rows[:NAMED]],
    )
