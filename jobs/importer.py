"""The import phase: reads what changed in accounting, page by page, and merges it into ours.

One transaction per page: lock our records, drop echoes, merge, write only what changed, move the
cursor. A record that cannot be applied becomes an error and does not stop its page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection as database
from django.utils import timezone
from django.utils.translation import gettext as _

from connectors import documents
from connectors.documents import RANKS, RecordType
from connectors.interface import Cursor as Position
from connectors.interface import Outage, Page, Reason, Remote
from connectors.models import ConnectionState, Cursor, Link
from jobs import adopt, applied, faults, mapping, outages, policies, words
from jobs.lease import fenced
from jobs.mapping import Loaded, Missing, Resolver
from jobs.merge import Merge, Policy, merge
from jobs.models import Attempt, ErrorPhase, JobState
from jobs.sender import Reading, Sender
from jobs.steps import reach
from jobs.work import Canceled, Stop, Work
from records.bulk import update_rows
from records.models import RECORD_MODELS
from syncqueue import transitions
from syncqueue.models import State, SyncQueueItem
from syncqueue.transitions import Entry

# Records by the columns that are written: one statement for all that have the same.
Taken = dict[tuple[str, ...], list[Any]]


@dataclass
class Seen:
    """External ids met since a scan began; a complete scan tells what is gone."""

    ids: set[str] = field(default_factory=set)
    from_start: bool = False


class Importer:
    """Imports what changed, in one slice of one job."""

    def __init__(self, work: Work, sender: Sender) -> None:
        self._work = work
        self._sender = sender

    def run(self) -> None:
        """Every type that was not imported yet in this job. Raises Stop, Canceled, Outage."""
        with fenced(self._work.lease):
            self._work.update_job(state=JobState.IMPORTING)
        for record_type in self._types():
            self._pull(record_type)

    def pull_these(self, objects: Sequence[Sequence[str]]) -> None:
        """Read and apply single objects: [[record type, external id], ...]."""
        by_type: dict[RecordType, list[str]] = defaultdict(list)
        for record_type, external_id in objects:
            by_type[RecordType(record_type)].append(external_id)
        for kind, external_ids in by_type.items():
            self.fetch(kind, external_ids)

    def refresh(self, stale: Sequence[Attempt]) -> None:
        """Fetch objects whose version moved, merge them, and let their items be sent anew."""
        by_type: dict[RecordType, list[int]] = defaultdict(list)
        for attempt in stale:
            by_type[RecordType(attempt.record_type)].append(attempt.record_id)
        for record_type, record_ids in by_type.items():
            links = Link.objects.filter(
                connection=self._work.connection,
                record_type=record_type,
                record_id__in=record_ids,
            )
            ids = list(links.values_list("external_id", flat=True))
            self.fetch(record_type, ids)

    def fetch(self, record_type: RecordType, external_ids: Sequence[str]) -> None:
        """Read these objects now and apply them; what is not there any more is gone."""
        found = self._sender.read(self._work.connector.fetch(record_type, external_ids))
        missing = [external_id for external_id in external_ids if external_id not in found]
        outages.repeated(
            self._work, lambda: self._apply(record_type, list(found.values()), missing)
        )

    def merge(self, remotes: Sequence[Remote]) -> None:
        """Merge objects that are linked, and were read already. Fenced."""
        for record_type in dict.fromkeys(remote.record_type for remote in remotes):
            self._apply(record_type, [r for r in remotes if r.record_type is record_type], ())

    def _types(self) -> list[RecordType]:
        done = set(self._work.job.checkpoint.get("pulled", []))
        directions = self._work.connector.directions
        wanted = set(self._work.job.scope.get("types", directions))
        is_matching = self._work.connection.state == ConnectionState.MATCHING
        return [
            record_type
            for record_type in sorted(directions, key=lambda kind: (RANKS[kind], kind))
            if record_type in wanted
            and record_type not in done
            and (directions[record_type].imports or directions[record_type].exports)
            and not (is_matching and directions[record_type].exports)
        ]

    def _pull(self, record_type: RecordType) -> None:
        """All pages of one type, each with its cursor in one transaction."""
        work = self._work
        cursor = _cursor(work, record_type)
        seen = Seen(from_start=not cursor.position)
        with fenced(work.lease):
            work.update_job(phase=words.importing(record_type))
        ahead: Reading[Page] | None = None
        while True:
            work.breathe()
            page = self._sender.finish(ahead or self._ask(record_type, cursor.position))
            ahead = None if page.is_last else self._ask_ahead(record_type, page.cursor.position)
            reach("import.read")
            seen.ids.update(remote.external_id for remote in page.records)
            outages.repeated(work, lambda: self._apply_page(record_type, page, cursor, seen))  # noqa: B023
            reach("import.moved")
            if page.is_last:
                return
            if not page.cursor.position:  # The provider makes us start over with a full scan.
                seen = Seen(from_start=True)

    def _ask(self, record_type: RecordType, position: Mapping[str, Any]) -> Reading[Page]:
        return self._sender.start(self._work.connector.pull(record_type, Position(position)))

    def _ask_ahead(
        self, record_type: RecordType, position: Mapping[str, Any]
    ) -> Reading[Page] | None:
        """The next page is fetched while this one is applied. What is in the way of that shows
        again when its turn comes: first, this page is applied."""
        if self._sender.must_wait(to_write=False):
            return None
        with suppress(Stop, Canceled, Outage):
            return self._ask(record_type, position)
        return None

    def _apply_page(self, record_type: RecordType, page: Page, cursor: Cursor, seen: Seen) -> None:
        gone = list(page.deleted)
        if page.is_last and page.is_complete_scan and seen.from_start:
            gone += _vanished(self._work, record_type, seen.ids)
        self._apply(record_type, page.records, gone)
        reach("import.applied")
        cursor.position = dict(page.cursor.position)
        cursor.save()
        if page.is_last:
            pulled = [*self._work.job.checkpoint.get("pulled", []), record_type]
            self._work.job.checkpoint["pulled"] = pulled
            self._work.update_job(checkpoint=self._work.job.checkpoint)

    def _apply(
        self, record_type: RecordType, remotes: Sequence[Remote], gone: Sequence[str]
    ) -> None:
        """Merge what is linked, judge what is not, note what is gone. Fenced and muted."""
        _mute(self._work)
        links = self._links(record_type, [remote.external_id for remote in remotes])
        linked = [(links[r.external_id], r) for r in remotes if r.external_id in links]
        changed = [(link, r) for link, r in linked if _is_news(link, r)]
        self._merge_all(record_type, changed)
        self._balances(record_type, linked)
        unlinked = [remote for remote in remotes if remote.external_id not in links]
        imported = adopt.adopt(self._work, record_type, unlinked)
        self._work.count(imported=imported)
        self._note_gone(record_type, gone)

    def _merge_all(self, record_type: RecordType, changed: Sequence[tuple[Link, Remote]]) -> None:
        if not changed:
            return
        ids = [link.record_id for link, _remote in changed]
        loaded = mapping.load(record_type=record_type, ids=ids, lock=True)
        resolver = Resolver(self._work.connection)
        resolver.load(mapping.references(record_type, loaded.values()))
        _load_taken(record_type, [remote for _link, remote in changed], resolver)
        now = timezone.now()
        taken: Taken = defaultdict(list)
        for link, remote in changed:
            ours = loaded.get(link.record_id)
            if ours is None:
                continue
            if _was_voided_there(link, remote) and not ours.is_voided:
                self._gone(record_type, link)
                # Told once: the next time it is an echo.
                link.theirs, link.version = documents.to_json(remote.content), remote.version
                continue
            columns = self._merge_one(record_type, link, remote, ours, resolver)
            link.synced_at = ours.record.updated_at = now
            if columns:
                taken[columns].append(ours.record)
        for columns, records in taken.items():
            update_rows(RECORD_MODELS[record_type], records, [*columns, "updated_at"])
        applied.note(self._work, record_type, taken)
        update_rows(
            Link,
            [link for link, _remote in changed],
            ["ours", "theirs", "version", "conflicts", "gone_at", "synced_at"],
        )
        self._work.count(imported=sum(map(len, taken.values())))

    def _merge_one(
        self,
        record_type: RecordType,
        link: Link,
        remote: Remote,
        loaded: Loaded,
        resolver: Resolver,
    ) -> tuple[str, ...]:
        """The columns of our record that changed. The link always takes what they have now."""
        theirs = documents.to_json(remote.content)
        try:
            ours = documents.to_json(mapping.to_document(record_type, loaded, resolver.resolve))
        except Missing:
            ours = dict(link.ours)
        outcome = merge(
            agreed_ours=link.ours or ours,
            agreed_theirs=link.theirs or theirs,
            ours=ours,
            theirs=theirs,
            policies=policies.decided(
                policies.policies_of(self._work.connection, record_type),
                ours_at=loaded.record.updated_at,
                theirs_at=remote.changed_at,
            ),
            default=Policy.OURS,
        )
        if not self._work.connector.directions[record_type].imports:
            outcome = replace(outcome, take={})
        self._note_conflicts(link, outcome, ours, theirs)
        columns = _take(record_type, loaded, outcome, remote, resolver)
        link.ours = {**(link.ours or ours), **(outcome.take if columns else {})}
        link.theirs, link.version = theirs, remote.version
        return columns

    def _note_conflicts(
        self, link: Link, outcome: Merge, ours: dict[str, Any], theirs: dict[str, Any]
    ) -> None:
        """Keep both values until a person decides; the record is not sent meanwhile. What was in
        conflict before stays so: theirs of that field counts as read, and would not show again."""
        before = {
            name: {**sides, "ours": ours.get(name), "theirs": theirs.get(name)}
            for name, sides in link.conflicts.items()
            if ours.get(name) != theirs.get(name)
        }
        link.conflicts = before | {
            name: {"agreed": link.ours.get(name), "ours": ours.get(name), "theirs": theirs[name]}
            for name in sorted(outcome.conflicts)
        }
        if not link.conflicts:
            return
        item = (
            SyncQueueItem.objects.open()
            .filter(
                connection=self._work.connection,
                record_type=link.record_type,
                record_id=link.record_id,
            )
            .first()
        )
        if item and item.state in (State.WAITING, State.BLOCKED, State.FAILED):
            SyncQueueItem.objects.filter(pk=item.pk).update(state=State.CONFLICT)
            names = ", ".join(name.replace("_", " ") for name in link.conflicts)
            faults.resolve(self._work, [item])
            faults.record(
                self._work,
                [
                    faults.Fault(
                        reason=Reason.STALE_VERSION,
                        message=_("%(record)s: both sides changed %(fields)s.")
                        % {"record": item.label, "fields": names},
                        phase=ErrorPhase.IMPORT,
                        item=item,
                        code="conflict",
                        field=names[:100],
                        external_id=link.external_id,
                        cause=("conflict", link.record_type, link.record_id),
                    )
                ],
            )

    def _balances(self, record_type: RecordType, linked: Iterable[tuple[Link, Remote]]) -> None:
        """What accounting says is open: for people to see, never sent."""
        model = RECORD_MODELS[record_type]
        if not hasattr(model, "balance"):
            return
        rows = [(link.record_id, r.balance) for link, r in linked if r.balance is not None]
        if rows:
            with database.cursor() as cursor:
                cursor.execute(
                    f"UPDATE {model._meta.db_table} r SET balance = d.balance"
                    " FROM unnest(%s::bigint[], %s::numeric[]) AS d(id, balance)"
                    " WHERE r.id = d.id AND r.balance IS DISTINCT FROM d.balance",
                    [[row[0] for row in rows], [row[1] for row in rows]],
                )

    def _note_gone(self, record_type: RecordType, gone: Sequence[str]) -> None:
        for link in self._links(record_type, gone).values():
            if link.gone_at is None:
                self._gone(record_type, link)
                link.save(update_fields=["gone_at"])

    def _gone(self, record_type: RecordType, link: Link) -> None:
        """Deleted or voided there: never created again by itself, and never voids ours."""
        loaded = mapping.load(record_type=record_type, ids=[link.record_id]).get(link.record_id)
        link.gone_at = timezone.now()
        if loaded is None or loaded.record.deleted_at or loaded.is_voided:
            return
        label = str(loaded.record)
        transitions.enqueue(
            connection=self._work.connection,
            record_type=record_type,
            rank=RANKS[record_type],
            entries=[Entry(link.record_id, label, loaded.amount)],
            operation="update",
        )
        item = SyncQueueItem.objects.open().get(
            connection=self._work.connection, record_type=record_type, record_id=link.record_id
        )
        SyncQueueItem.objects.filter(pk=item.pk).update(state=State.CONFLICT)
        fault = faults.Fault(
            reason=Reason.GONE,
            message=_("%(record)s was deleted or voided in accounting.") % {"record": label},
            phase=ErrorPhase.IMPORT,
            item=item,
            code="gone",
            external_id=link.external_id,
            cause=("gone", record_type, link.record_id),
        )
        faults.resolve(self._work, [item])
        faults.record(self._work, [fault])

    def _links(self, record_type: RecordType, external_ids: Sequence[str]) -> dict[str, Link]:
        links = Link.objects.filter(
            connection=self._work.connection,
            record_type=record_type,
            external_id__in=external_ids,
        )
        return {link.external_id: link for link in links}


def _is_news(link: Link, remote: Remote) -> bool:
    """Not an echo of what we sent or have read. The version alone does not tell: what was looked up
    after an answer got lost may have been edited there since we sent it."""
    return link.version != remote.version or link.theirs != documents.to_json(remote.content)


def _load_taken(record_type: RecordType, remotes: Sequence[Remote], resolver: Resolver) -> None:
    """Whatever these refer to, for what the merge may take from them."""
    for column, name in mapping.COLUMNS[record_type].items():
        if target := mapping.REFERENCES.get(column):
            ids = {getattr(remote.content, name) for remote in remotes}
            resolver.load_external(target, {i for i in ids if i})


def _take(
    record_type: RecordType, loaded: Loaded, outcome: Merge, remote: Remote, resolver: Resolver
) -> tuple[str, ...]:
    """Give the record what the merge takes; returns the columns to be written, and only these."""
    if not outcome.take:
        return ()
    values = {name: getattr(remote.content, name) for name in outcome.take}
    columns = mapping.to_columns(record_type, values, resolver.record_id)
    for column, value in columns.items():
        setattr(loaded.record, column, value)
    return tuple(columns)


def _was_voided_there(link: Link, remote: Remote) -> bool:
    is_voided = bool(getattr(remote.content, "is_voided", False))
    return is_voided and not link.theirs.get("is_voided", False) and bool(link.theirs)


def _cursor(work: Work, record_type: RecordType) -> Cursor:
    cursor, _is_new = Cursor.objects.get_or_create(
        connection=work.connection, record_type=record_type
    )
    return cursor


def _vanished(work: Work, record_type: RecordType, seen: set[str]) -> list[str]:
    """Linked objects that a complete scan did not meet."""
    links = Link.objects.filter(
        connection=work.connection, record_type=record_type, gone_at=None
    ).values_list("external_id", flat=True)
    return [external_id for external_id in links.iterator() if external_id not in seen]


def _mute(work: Work) -> None:
    """What this transaction writes does not echo into this connection's queue."""
    with database.cursor() as cursor:
        cursor.execute("SELECT set_config('sync.muted', %s, true)", [str(work.connection.pk)])
