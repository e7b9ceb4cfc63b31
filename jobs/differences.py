"""Why a record has to be sent, in people's words: what differs from the last agreement.

Only reads, for many items at once: the pages ask for the rows they show.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from connectors import documents
from connectors.documents import RecordType
from connectors.models import Connection, Link
from connectors.registry import connector_for
from jobs import mapping
from jobs.field_words import FIELD_TARGETS, ROW_TARGETS, Names, changes
from jobs.mapping import Key, Loaded, Missing, Resolver
from jobs.merge import changed_fields
from records.models import Record
from syncqueue.hooks import Change
from syncqueue.models import SyncQueueItem

Snapshot = Mapping[str, Any]
# What stands for the id there of a record that is not there yet.
OURS = "ours:"


@dataclass(frozen=True, slots=True)
class Sides:
    """What was agreed and what is there now, both as plain JSON; only `fields` differ."""

    record_type: RecordType
    agreed: Snapshot
    present: Snapshot
    fields: frozenset[str]


def of_items(items: Sequence[SyncQueueItem]) -> dict[int, list[Change]]:
    """By item id; left out is what was never agreed, or is not there any more."""
    by_connection: dict[int, list[SyncQueueItem]] = defaultdict(list)
    for item in items:
        by_connection[item.connection_id].append(item)
    connections = Connection.objects.select_related("company").in_bulk(list(by_connection))
    found: dict[int, list[Change]] = {}
    for pk, of_connection in by_connection.items():
        keys = {item.pk: (RecordType(item.record_type), item.record_id) for item in of_connection}
        said = of_records(connections[pk], set(keys.values()))
        found |= {item_id: said[key] for item_id, key in keys.items() if key in said}
    return found


def of_records(connection: Connection, keys: set[Key]) -> dict[Key, list[Change]]:
    """What differs for each of these records; an empty list: nothing does."""
    sides, resolver = _sides(connection, keys)
    names = _names(connection, resolver, sides.values())
    return {
        key: changes(one.record_type, one.fields, one.agreed, one.present, names)
        for key, one in sides.items()
    }


def _sides(connection: Connection, keys: set[Key]) -> tuple[dict[Key, Sides], Resolver]:
    links = _links(connection, keys)
    loaded = _loaded(links)
    resolver = Resolver(connection)
    resolver.load(
        {
            reference
            for (record_type, _pk), one in loaded.items()
            for reference in mapping.references(record_type, [one])
        }
    )
    connector = None
    found: dict[Key, Sides] = {}
    for key, one in loaded.items():
        link, record_type = links[key], key[0]
        document = mapping.to_document(record_type, one, lambda *ref: _reference(resolver, *ref))
        present = documents.to_json(document)
        agreed, compared = link.ours, present
        if not agreed:  # Linked, but never sent: only theirs is known, as they write it.
            connector = connector or connector_for(connection)
            agreed = link.theirs
            compared = documents.to_json(connector.normalize(record_type, document))
        found[key] = Sides(record_type, agreed, present, changed_fields(agreed, compared))
    return found, resolver


def _links(connection: Connection, keys: set[Key]) -> dict[Key, Link]:
    """Those of records that both sides have."""
    wanted = Q(pk__in=[])
    for record_type, ids in by_type(keys).items():
        wanted |= Q(record_type=record_type, record_id__in=ids)
    links = Link.objects.filter(wanted, connection=connection, is_finished=True, gone_at=None)
    return {(RecordType(link.record_type), link.record_id): link for link in links}


def _loaded(keys: Iterable[Key]) -> dict[Key, Loaded]:
    """Those that are exported as they are: neither drafts nor deleted."""
    return {
        (record_type, pk): one
        for record_type, ids in by_type(keys).items()
        for pk, one in mapping.load(record_type=record_type, ids=ids).items()
        if one.is_exportable
    }


def _reference(resolver: Resolver, record_type: RecordType, record_id: int | None) -> str | None:
    try:
        return resolver.resolve(record_type, record_id)
    except Missing:
        return f"{OURS}{record_id}"


def _names(connection: Connection, resolver: Resolver, sides: Iterable[Sides]) -> Names:
    """The names of everything that the differing fields refer to, before and now."""
    wanted: dict[RecordType, set[str]] = defaultdict(set)
    for one in sides:
        for snapshot in (one.agreed, one.present):
            for target, external_id in _referred(one, snapshot):
                wanted[target].add(external_id)
    for target, ids in wanted.items():
        resolver.load_external(target, ids)
    keys: dict[tuple[RecordType, str], Key] = {}
    for target, ids in wanted.items():
        for external_id in ids:
            own = external_id.removeprefix(OURS)
            pk = int(own) if own != external_id else resolver.record_id(target, external_id)
            if pk is not None:
                keys[target, external_id] = (target, pk)
    records: dict[Key, Record] = mapping.labels(keys.values())
    return {pair: str(records[key]) for pair, key in keys.items() if key in records}


def _referred(one: Sides, snapshot: Snapshot) -> Iterator[tuple[RecordType, str]]:
    for name in one.fields:
        value = snapshot.get(name)
        if name in FIELD_TARGETS[one.record_type] and value:
            yield FIELD_TARGETS[one.record_type][name], value
        elif name in {"lines", "applications"}:
            for row in value or ():
                for field, target in ROW_TARGETS.items():
                    if row.get(field):
                        yield target, row[field]


def by_type(keys: Iterable[Key]) -> dict[RecordType, list[int]]:
    found: dict[RecordType, list[int]] = defaultdict(list)
    for record_type, pk in keys:
        found[record_type].append(pk)
    return found
