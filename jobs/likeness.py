"""What the matching page says of a proposal: who the two are, and in which fields they differ.

Only reads, for all rows of a page at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors import documents
from connectors.documents import RecordType
from connectors.interface import Connector
from connectors.models import Connection, Match
from connectors.registry import connector_for
from jobs import mapping
from jobs.field_words import FIELD_TARGETS, Names, changes, value
from jobs.mapping import Key, Loaded, Missing, Resolver
from syncqueue.hooks import Change

# What tells one from another, besides the name.
FACTS = ("contact_name", "email", "phone", "city", "tax_number", "sku", "unit_price")
# What stands for the id there of a record that is not there yet.
OURS = "ours:"

Snapshot = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Short facts of either side, and what differs: `old` is ours, `new` is theirs."""

    ours: str = ""
    theirs: str = ""
    differences: Sequence[Change] = field(default_factory=tuple)


def of_matches(connection: Connection, matches: Sequence[Match]) -> dict[int, Likeness]:
    """By match id."""
    connector = connector_for(connection)
    by_type: dict[RecordType, list[Match]] = defaultdict(list)
    for match in matches:
        by_type[RecordType(match.record_type)].append(match)
    found: dict[int, Likeness] = {}
    for record_type, rows in by_type.items():
        found |= _of_type(connection, connector, record_type, rows)
    return found


def facts(record_type: RecordType, snapshot: Snapshot) -> str:
    told = [value(record_type, name, snapshot.get(name), {}) for name in FACTS if name in snapshot]
    return " · ".join(one for one in told if one)


def _of_type(
    connection: Connection, connector: Connector, record_type: RecordType, rows: Sequence[Match]
) -> dict[int, Likeness]:
    loaded = mapping.load(record_type=record_type, ids=[m.record_id for m in rows if m.record_id])
    resolver = _resolver(connection, record_type, rows, loaded)
    ours = {pk: _documents(connector, record_type, one, resolver) for pk, one in loaded.items()}
    names = _names(record_type, rows, ours, resolver)
    found = {}
    for match in rows:
        mine, normal = ours.get(match.record_id or 0, ({}, {}))
        differing: list[str] = []
        if mine and match.external_id:
            differing = [
                name for name in mine if (normal.get(name) or "") != (match.theirs.get(name) or "")
            ]
        found[match.pk] = Likeness(
            facts(record_type, mine),
            facts(record_type, match.theirs),
            changes(record_type, differing, mine, match.theirs, names),
        )
    return found


def _resolver(
    connection: Connection,
    record_type: RecordType,
    rows: Sequence[Match],
    loaded: Mapping[int, Loaded],
) -> Resolver:
    resolver = Resolver(connection)
    resolver.load(mapping.references(record_type, loaded.values()))
    for name, target in FIELD_TARGETS[record_type].items():
        resolver.load_external(target, {m.theirs[name] for m in rows if m.theirs.get(name)})
    return resolver


def _documents(
    connector: Connector, record_type: RecordType, loaded: Loaded, resolver: Resolver
) -> tuple[Snapshot, Snapshot]:
    """Our record as a document, and as they would give it back."""

    def resolve(target: RecordType, record_id: int | None) -> str | None:
        try:
            return resolver.resolve(target, record_id)
        except Missing:
            return f"{OURS}{record_id}"

    document = mapping.to_document(record_type, loaded, resolve)
    return documents.to_json(document), documents.to_json(
        connector.normalize(record_type, document)
    )


def _names(
    record_type: RecordType,
    rows: Sequence[Match],
    ours: Mapping[int, tuple[Snapshot, Snapshot]],
    resolver: Resolver,
) -> Names:
    """The names of the terms and accounts that either side refers to."""
    keys: dict[tuple[RecordType, str], Key] = {}
    snapshots = [*(mine for mine, _normal in ours.values()), *(match.theirs for match in rows)]
    for name, target in FIELD_TARGETS[record_type].items():
        for external_id in {one[name] for one in snapshots if one.get(name)}:
            own = external_id.removeprefix(OURS)
            pk = int(own) if own != external_id else resolver.record_id(target, external_id)
            if pk is not None:
                keys[target, external_id] = (target, pk)
    records = mapping.labels(keys.values())
    return {pair: str(records[key]) for pair, key in keys.items() if key in records}
