"""Writes values of theirs into a record of ours, because a person chose them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from connectors.documents import Document, Line, RecordType
from connectors.models import Connection
from jobs import mapping
from jobs.mapping import Key, Resolver
from records.models import LINE_MODELS, RECORD_MODELS
from records.totals import retotal


def take(connection: Connection, key: Key, theirs: Document, names: Sequence[str]) -> str:
    """Write these fields of theirs; a sentence when they cannot be written here. In a transaction;
    the record is locked."""
    record_type, record_id = key
    if "applications" in names:
        return _("What a payment pays can only be changed in its form. Choose ours.")
    lines: Sequence[Line] = getattr(theirs, "lines", ()) if "lines" in names else ()
    resolver = Resolver(connection)
    _load(resolver, record_type, theirs, lines)
    values = {name: getattr(theirs, name) for name in names if name != "lines"}
    if missing := _unknown(resolver, record_type, values, lines):
        return _("Number %s in accounting has no counterpart here yet. Choose ours.") % missing
    if values:
        columns = mapping.to_columns(record_type, values, resolver.record_id)
        RECORD_MODELS[record_type]._default_manager.filter(pk=record_id).update(
            **columns, updated_at=Now()
        )
    if "lines" in names:
        _take_lines(record_type, record_id, lines, resolver)
    return ""


def _load(
    resolver: Resolver, record_type: RecordType, theirs: Document, lines: Sequence[Line]
) -> None:
    for columns, rows in ((mapping.COLUMNS[record_type], [theirs]), (mapping.LINE_COLUMNS, lines)):
        for column, field in columns.items():
            if target := mapping.REFERENCES.get(column):
                ids = {getattr(row, field) for row in rows}
                resolver.load_external(target, {one for one in ids if one})


def _unknown(
    resolver: Resolver, record_type: RecordType, values: Mapping[str, Any], lines: Sequence[Line]
) -> str:
    """Their id of something that we do not have; "" when we have everything."""
    wanted = [
        (mapping.REFERENCES.get(column), values.get(field))
        for column, field in mapping.COLUMNS[record_type].items()
    ] + [
        (mapping.REFERENCES.get(column), getattr(line, field))
        for line in lines
        for column, field in mapping.LINE_COLUMNS.items()
    ]
    for target, theirs in wanted:
        if target is not None and theirs and resolver.record_id(target, theirs) is None:
            return str(theirs)
    return ""


def _take_lines(
    record_type: RecordType, record_id: int, lines: Sequence[Line], resolver: Resolver
) -> None:
    """By key: what both have is changed, what only they have added, what only we have removed."""
    model: Any = LINE_MODELS[record_type]
    record = RECORD_MODELS[record_type]._default_manager.get(pk=record_id)
    ours = {line.position: line for line in model.objects.filter(**{record_type: record_id})}
    there = {field.attname for field in model._meta.concrete_fields}
    for place, line in enumerate(lines, start=1):
        position = int(line.key) if line.key.isdecimal() else place
        row = ours.pop(position, None) or model(**{record_type: record}, position=position)
        for column, value in _columns(line, resolver).items():
            if column in there:
                setattr(row, column, value)
        row.save()
    model.objects.filter(pk__in=[row.pk for row in ours.values()]).delete()
    retotal(model=type(record), ids=[record_id])  # type: ignore[arg-type]  # it has lines


def _columns(line: Line, resolver: Resolver) -> dict[str, Any]:
    """As columns of ours. The amount follows from quantity and price, or is their price."""
    columns: dict[str, Any] = {}
    for column, field in mapping.LINE_COLUMNS.items():
        target, value = mapping.REFERENCES.get(column), getattr(line, field)
        if column != "position":
            columns[column] = resolver.record_id(target, value) if target and value else value
    if line.quantity * line.unit_price != line.amount and not line.unit_price:
        columns |= {"quantity": 1, "unit_price": line.amount}
    return columns
