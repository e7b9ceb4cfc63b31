"""What waits for a decision: records that both sides changed, or that are gone in accounting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from connectors.documents import RecordType, to_json
from connectors.interface import Reason
from connectors.models import Connection, Link
from jobs import mapping, side_by_side
from jobs.field_words import Names
from jobs.mapping import Key, Missing, Resolver
from jobs.models import SyncError
from jobs.side_by_side import Row
from syncqueue.models import State, SyncQueueItem, SyncQueueQuerySet


@dataclass(slots=True)
class Dispute:
    """One record. `rows`: the fields that both sides changed, where that is what it is about."""

    item: SyncQueueItem
    link: Link | None
    error: SyncError | None
    rows: list[Row] = field(default_factory=list)

    @property
    def is_gone(self) -> bool:
        return self.link is not None and self.link.gone_at is not None

    @property
    def message(self) -> str:
        return self.error.message if self.error else self.item.refusal


def waiting(items: QuerySet[SyncQueueItem]) -> SyncQueueQuerySet:
    """The open items that a person has to decide about."""
    found: Any = items.filter(finished_at=None, state=State.CONFLICT)
    rows: SyncQueueQuerySet = found
    return rows


def described(items: Sequence[SyncQueueItem]) -> list[Dispute]:
    """With the values of both sides. A constant number of queries for the items of a page."""
    links, errors = _links(items), _errors(items)
    disputes = [Dispute(item, links.get(_key(item)), errors.get(_key(item))) for item in items]
    by_connection: dict[Connection, list[Dispute]] = defaultdict(list)
    for dispute in disputes:
        if dispute.link and dispute.link.conflicts and not dispute.is_gone:
            by_connection[dispute.item.connection].append(dispute)
    for connection, of_connection in by_connection.items():
        _add_rows(connection, of_connection)
    return disputes


def _key(row: Any) -> tuple[int, str, int | None]:
    return row.connection_id, row.record_type, row.record_id


def _of(items: Iterable[SyncQueueItem]) -> Q:
    about = Q(pk__in=[])
    by_type: dict[tuple[int, str], list[int]] = defaultdict(list)
    for item in items:
        by_type[item.connection_id, item.record_type].append(item.record_id)
    for (connection_id, record_type), ids in by_type.items():
        about |= Q(connection_id=connection_id, record_type=record_type, record_id__in=ids)
    return about


def _links(items: Sequence[SyncQueueItem]) -> dict[Any, Link]:
    return {_key(link): link for link in Link.objects.filter(_of(items)).order_by("pk")}


def _errors(items: Sequence[SyncQueueItem]) -> dict[Any, SyncError]:
    """The newest open one of each."""
    rows = SyncError.objects.unresolved().filter(
        _of(items), reason__in=[Reason.STALE_VERSION, Reason.GONE]
    )
    return {_key(error): error for error in rows.order_by("pk")}


def _add_rows(connection: Connection, disputes: Sequence[Dispute]) -> None:
    ours = _ours(connection, [_record(one.item) for one in disputes])
    contents: list[tuple[str, Mapping[str, Any]]] = []
    for one in disputes:
        assert one.link is not None
        sides = one.link.conflicts.values()
        for name in ("agreed", "theirs"):
            told = {
                key: side.get(name) for key, side in zip(one.link.conflicts, sides, strict=True)
            }
            contents.append((one.item.record_type, told))
        contents.append((one.item.record_type, ours.get(_record(one.item), {})))
    names = side_by_side.names_of(connection, contents)
    for one in disputes:
        assert one.link is not None
        one.rows = _rows(one.link, ours.get(_record(one.item), {}), names)


def _rows(link: Link, ours: Mapping[str, Any], names: Names) -> list[Row]:
    """Ours as it is now: it may have been edited since the conflict was noticed."""
    sides = {
        name: {key: value.get(name) for key, value in link.conflicts.items()}
        for name in ("agreed", "ours", "theirs")
    }
    return side_by_side.rows(
        RecordType(link.record_type),
        ours={**sides["ours"], **{key: ours[key] for key in link.conflicts if key in ours}},
        theirs=sides["theirs"],
        agreed=sides["agreed"],
        names=names,
        only=sorted(link.conflicts),
    )


def _record(item: SyncQueueItem) -> Key:
    return RecordType(item.record_type), item.record_id


def _ours(connection: Connection, keys: Sequence[Key]) -> dict[Key, dict[str, Any]]:
    """Our records as neutral documents; left out is what refers to something not linked."""
    by_type: dict[RecordType, list[int]] = defaultdict(list)
    for record_type, record_id in keys:
        by_type[record_type].append(record_id)
    found: dict[Key, dict[str, Any]] = {}
    for record_type, ids in by_type.items():
        loaded = mapping.load(record_type=record_type, ids=ids)
        resolver = Resolver(connection)
        resolver.load(mapping.references(record_type, loaded.values()))
        for record_id, one in loaded.items():
            try:
                document = mapping.to_document(record_type, one, resolver.resolve)
            except Missing:
                continue
            found[record_type, record_id] = to_json(document)
    return found
