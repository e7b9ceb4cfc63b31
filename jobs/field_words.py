"""Fields of the neutral documents in people's words: what they are called, what they say."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from connectors.documents import RecordType
from jobs.mapping import APPLICATION_COLUMNS, COLUMNS, LINE_COLUMNS, REFERENCES
from records.models import LINE_MODELS, RECORD_MODELS
from syncqueue.hooks import Change

# (what it points to, their id) -> the name of our record
Names = Mapping[tuple[RecordType, str], str]

# record type -> {field: what it points to}
FIELD_TARGETS: Mapping[RecordType, Mapping[str, RecordType]] = {
    record_type: {
        field: REFERENCES[column] for column, field in columns.items() if column in REFERENCES
    }
    for record_type, columns in COLUMNS.items()
}
ROW_TARGETS: Mapping[str, RecordType] = {
    field: REFERENCES[column]
    for column, field in (*LINE_COLUMNS.items(), *APPLICATION_COLUMNS.items())
    if column in REFERENCES
}


def changes(
    record_type: RecordType,
    fields: Iterable[str],
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    names: Names,
) -> list[Change]:
    """In the order in which the record's form shows its fields, lines last."""
    order = list(COLUMNS[record_type].values())
    known = sorted(set(fields) & set(order), key=order.index)
    said = [
        Change(
            field_name(record_type, name),
            value(record_type, name, old.get(name), names),
            value(record_type, name, new.get(name), names),
        )
        for name in known
    ]
    if "is_voided" in fields:
        said.append(Change(_("state"), _status(old), _status(new)))
    if "lines" in fields:
        said += _lines(record_type, old.get("lines") or (), new.get("lines") or (), names)
    if "applications" in fields:
        said += _applications(old.get("applications") or (), new.get("applications") or (), names)
    return said


def field_name(record_type: RecordType, name: str) -> str:
    """What the record's form calls a field of the document."""
    column = _column(record_type, name)
    return str(column.verbose_name) if column is not None else name.replace("_", " ")


def value(record_type: RecordType, name: str, given: Any, names: Names) -> str:
    """A value of a snapshot as the record's form shows it."""
    if given is None or given == "":
        return ""
    target = FIELD_TARGETS[record_type].get(name)
    if target is not None:
        return names.get((target, given), _("number %s there") % given)
    return _plain(_column(record_type, name), given)


def _plain(column: models.Field[Any, Any] | None, given: Any) -> str:
    if isinstance(given, bool):
        return _("yes") if given else _("no")
    if column is not None and column.choices:
        return str(dict(column.flatchoices).get(given, given))
    if isinstance(column, models.DecimalField):
        return number(given)
    if isinstance(column, models.DateField):
        return str(date_format(datetime.date.fromisoformat(given), "j M Y"))
    return str(given)


def number(given: str) -> str:
    """ "1,250.5": as many decimals as it has."""
    decimals = max(0, -int(Decimal(given).normalize().as_tuple().exponent))
    return number_format(Decimal(given), decimals, use_l10n=True, force_grouping=True)


def _column(record_type: RecordType, name: str) -> models.Field[Any, Any] | None:
    columns = {field: column for column, field in COLUMNS[record_type].items()}
    return _field_of(RECORD_MODELS[record_type], columns.get(name, ""))


def _field_of(model: type[models.Model], attname: str) -> models.Field[Any, Any] | None:
    return next((f for f in model._meta.concrete_fields if f.attname == attname), None)


def _status(snapshot: Mapping[str, Any]) -> str:
    return _("Voided") if snapshot.get("is_voided") else _("Issued")


def _lines(
    record_type: RecordType, old: Iterable[Any], new: Iterable[Any], names: Names
) -> Iterator[Change]:
    """One entry for each line that came or went, and for each cell of a line that changed."""
    before, after = ({row["key"]: row for row in rows} for rows in (old, new))
    for key in sorted(before.keys() | after.keys(), key=_place):
        line = _("line %s") % key
        if key not in before:
            yield Change(line, "", _line(after[key], names))
        elif key not in after:
            yield Change(line, _line(before[key], names), "")
        else:
            for name in LINE_COLUMNS.values():
                was, is_now = before[key].get(name), after[key].get(name)
                if was != is_now:
                    said = [_cell(record_type, name, one, names) for one in (was, is_now)]
                    yield Change(f"{line}, {_line_field(record_type, name)}", *said)


def _place(key: str) -> tuple[int, str]:
    return (int(key) if key.isdecimal() else 0, key)


def _line(row: Mapping[str, Any], names: Names) -> str:
    """ "2 × Chai, 36.00"."""
    what = names.get((RecordType.ITEM, row.get("item") or ""), "") or row.get("description") or ""
    said = _("%(quantity)s × %(what)s, %(amount)s") if what else _("%(quantity)s × %(amount)s")
    return said % {
        "quantity": number(row.get("quantity") or "1"),
        "what": what,
        "amount": number(row.get("amount") or "0"),
    }


def _cell(record_type: RecordType, name: str, given: Any, names: Names) -> str:
    if given is None or given == "":
        return ""
    if name in ROW_TARGETS:
        return names.get((ROW_TARGETS[name], given), _("number %s there") % given)
    return _plain(_line_column(record_type, name), given)


def _line_column(record_type: RecordType, name: str) -> models.Field[Any, Any] | None:
    columns = {field: column for column, field in LINE_COLUMNS.items()}
    return _field_of(LINE_MODELS[record_type], columns.get(name, ""))


def _line_field(record_type: RecordType, name: str) -> str:
    column = _line_column(record_type, name)
    return str(column.verbose_name) if column is not None else name.replace("_", " ")


def _applications(old: Iterable[Any], new: Iterable[Any], names: Names) -> Iterator[Change]:
    """What a payment settles, by the number of the document."""
    before, after = ({row["document"]: row["amount"] for row in rows} for rows in (old, new))
    for document in sorted(before.keys() | after.keys()):
        was, is_now = before.get(document), after.get(document)
        if was != is_now:
            name = names.get((RecordType.INVOICE, document), document)
            yield Change(
                _("applied to %s") % name,
                number(was) if was else "",
                number(is_now) if is_now else "",
            )
