"""A record as it is on both sides, field by field and line by line, in words for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.documents import RecordType, to_json
from connectors.interface import Remote
from connectors.models import Connection, Link
from jobs import field_words, mapping
from jobs.culprits import Reference
from jobs.field_words import FIELD_TARGETS, ROW_TARGETS, Names, number
from jobs.mapping import Missing, Resolve, Resolver
from jobs.models import SyncError
from syncqueue.words import type_name

ROWS = ("lines", "applications")
PURCHASES = (RecordType.BILL, RecordType.VENDOR_CREDIT)


@dataclass(frozen=True, slots=True)
class Part:
    """A line, in words; "" where a side does not have it."""

    key: str
    agreed: str
    ours: str
    theirs: str

    @property
    def differs(self) -> bool:
        return self.ours != self.theirs


@dataclass(frozen=True, slots=True)
class Row:
    """A field. `parts`: its lines, where it has some; only those that are not the same."""

    name: str
    label: str
    agreed: str
    ours: str
    theirs: str
    parts: Sequence[Part] = ()

    @property
    def differs(self) -> bool:
        return self.ours != self.theirs or any(part.differs for part in self.parts)


def rows(
    record_type: RecordType,
    *,
    ours: Mapping[str, Any],
    theirs: Mapping[str, Any],
    agreed: Mapping[str, Any],
    names: Names,
    only: Iterable[str] | None = None,
) -> list[Row]:
    """Of neutral documents as JSON; `only` these fields, else all that either side has."""
    fields = list(only) if only is not None else [name for name in theirs if name in ours]
    return [
        _row(record_type, name, agreed.get(name), ours.get(name), theirs.get(name), names)
        for name in fields
    ]


def with_remote(error: SyncError, remote: Remote) -> list[Row]:
    """The record that an error is about beside an object of theirs."""
    record_type, theirs = RecordType(error.record_type), to_json(remote.content)
    loaded = mapping.load(record_type=record_type, ids=[error.record_id or 0])
    if error.record_id not in loaded:
        return []
    resolver = Resolver(error.connection)
    resolver.load(mapping.references(record_type, loaded.values()))
    # A reference that accounting does not have yet has no id there.
    document = mapping.to_document(record_type, loaded[error.record_id], _lenient(resolver))
    ours = to_json(document)
    names = names_of(error.connection, [(record_type, ours), (record_type, theirs)])
    return rows(record_type, ours=ours, theirs=theirs, agreed={}, names=names)


def _lenient(resolver: Resolver) -> Resolve:
    def resolve(record_type: RecordType, record_id: int | None) -> str | None:
        try:
            return resolver.resolve(record_type, record_id)
        except Missing:
            return None

    return resolve


def names_of(connection: Connection, contents: Iterable[tuple[str, Mapping[str, Any]]]) -> Names:
    """What these documents refer to, by name: one query, and one for each type."""
    wanted: dict[RecordType, set[str]] = defaultdict(set)
    for record_type, content in contents:
        for target, external_id in _references(record_type, content):
            wanted[target].add(external_id)
    everything = {external_id for ids in wanted.values() for external_id in ids}
    links = Link.objects.filter(
        connection=connection, record_type__in=wanted, external_id__in=everything
    ).values_list("record_type", "record_id", "external_id")
    keys = {(RecordType(kind), pk): external_id for kind, pk, external_id in links}
    records = mapping.labels(keys)
    return {(key[0], keys[key]): str(record) for key, record in records.items()}


def field_name(record_type: RecordType, name: str) -> str:
    special = {
        "lines": _("Lines"),
        "applications": _("What it pays"),
        "is_voided": _("Voided"),
        "party": type_name("vendor" if record_type in PURCHASES else "customer"),
    }
    return special.get(name) or capfirst(field_words.field_name(record_type, name))


def _references(record_type: str, content: Mapping[str, Any]) -> Iterable[Reference]:
    for name, target in FIELD_TARGETS[RecordType(record_type)].items():
        if content.get(name):
            yield target, str(content[name])
    for line in (*(content.get("lines") or ()), *(content.get("applications") or ())):
        for name, target in ROW_TARGETS.items():
            if line.get(name):
                yield target, str(line[name])


def _row(
    record_type: RecordType, name: str, agreed: Any, ours: Any, theirs: Any, names: Names
) -> Row:
    label = field_name(record_type, name)
    if name in ROWS:
        sides = [_lines(one, names) for one in (agreed, ours, theirs)]
        keys = sorted({key for side in sides for key in side}, key=_in_order)
        parts = [Part(key, *(side.get(key, "") for side in sides)) for key in keys]
        said = [ngettext("%d line", "%d lines", len(side)) % len(side) for side in sides]
        different = [part for part in parts if part.differs]
        return Row(name, label, said[0], said[1], said[2], different)
    said = [field_words.value(record_type, name, one, names) for one in (agreed, ours, theirs)]
    return Row(name, label, said[0], said[1], said[2])


def _lines(lines: Any, names: Names) -> dict[str, str]:
    """By key; an application has none, and goes by its document."""
    return {
        str(line.get("key") or line.get("document")): _line(line, names) for line in lines or ()
    }


def _line(line: Mapping[str, Any], names: Names) -> str:
    said = []
    if "quantity" in line:
        said.append(f"{number(str(line['quantity']))} × {number(str(line.get('unit_price') or 0))}")
    for name, target in ROW_TARGETS.items():
        if line.get(name):
            said.append(names.get((target, str(line[name])), _("number %s there") % line[name]))
    if line.get("description"):
        said.append(str(line["description"]))
    return f"{', '.join(said)} = {number(str(line.get('amount') or 0))}"


def _in_order(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isdecimal() else (2**31, key)
