"""Writes a batch of parsed records in one transaction: only what is new or differs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from companies.models import Company
from records.bulk import insert_rows, update_rows
from records.csv_import.columns import Reference
from records.csv_import.shapes import Entry, Parsed, Problem, Shape
from records.models import Status

BATCH_SIZE = 2000


@dataclass(slots=True)
class Written:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class Changes:
    """What a batch will write, in the order in which it is written."""

    new: list[Any] = field(default_factory=list)
    # New documents are drafts until their lines are there: then they are queued once, and whole.
    issue: list[tuple[Any, str]] = field(default_factory=list)
    gone_entries: list[int] = field(default_factory=list)
    changed_entries: list[Any] = field(default_factory=list)
    # With their records, which have no ids yet.
    new_entries: list[tuple[Any, Entry]] = field(default_factory=list)
    changed: list[Any] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)


def write(company: Company, shape: Shape, batch: Sequence[Parsed]) -> Written:
    """Must run in a transaction, and may be run again from the start (see `bulk.repeated`)."""
    written = Written()
    resolved = _resolved(company, shape, batch, written)
    existing = _existing(company, shape, [parsed.key for parsed in resolved])
    entries = _existing_entries(shape, existing.values())
    changes = Changes()
    for parsed in resolved:
        record = existing.get(parsed.key)
        if record is None:
            _create(company, shape, parsed, changes)
            written.created += 1
            continue
        problem = _step_back(parsed, record)
        if problem:
            written.problems.append(problem)
            written.refused += 1
        elif _update(shape, parsed, record, entries[record.pk], changes):
            written.updated += 1
        else:
            written.unchanged += 1
    _apply(shape, changes)
    return written


# -- references ----------------------------------------------------------------------------------


def _resolved(
    company: Company, shape: Shape, batch: Sequence[Parsed], written: Written
) -> list[Parsed]:
    """Puts ids into the values; who refers to nothing, or twice to the same, is refused."""
    own = [c for c in shape.columns if isinstance(c, Reference)]
    columns = shape.entries.columns if shape.entries else ()
    theirs = [c for c in columns if isinstance(c, Reference)]
    entries = [entry for parsed in batch for entry in parsed.entries]
    ids = {c.name: _ids(company, c, batch) for c in own}
    ids |= {c.name: _ids(company, c, entries) for c in theirs}
    good = []
    for parsed in batch:
        problems = list(_fill(parsed, own, ids))
        for entry in parsed.entries:
            problems += _fill(entry, theirs, ids)
        problems = problems or list(_twice(shape, parsed))
        written.problems += problems
        written.refused += bool(problems)
        if not problems:
            good.append(parsed)
    return good


def _ids(company: Company, column: Reference, parts: Iterable[Parsed | Entry]) -> dict[str, int]:
    """The ids of what the cells of this column name; of several, the oldest."""
    wanted = {text for part in parts if (text := part.references.get(column.name))}
    found: dict[str, int] = {}
    rows = column.model.objects.filter(company=company, deleted_at=None).order_by("-pk")
    for name in reversed(column.by):
        matching = rows.filter(**{f"{name}__in": wanted}) if wanted else rows.none()
        found |= dict(matching.values_list(name, "pk"))
    if column.makes_missing and wanted - found.keys():
        # One at a time per company, so that two imports do not both make it.
        Company.objects.select_for_update().get(pk=company.pk)
        for name in sorted(wanted - found.keys()):
            made, _ = column.model.objects.get_or_create(
                company=company, deleted_at=None, **{column.by[0]: name}
            )
            found[name] = made.pk
    return found


def _fill(
    part: Parsed | Entry, columns: Iterable[Any], ids: dict[str, dict[str, int]]
) -> Iterable[Problem]:
    for column in columns:
        text = part.references.get(column.name)
        if text is None:
            continue
        part.values[column.field] = ids[column.name].get(text) if text else None
        if text and text not in ids[column.name]:
            label = column.model._meta.verbose_name
            message = f"There is no {label} “{text}” in this company. {column.hint}"
            yield Problem(part.line, column.name, message)


def _twice(shape: Shape, parsed: Parsed) -> Iterable[Problem]:
    seen: dict[Any, int] = {}
    for entry in parsed.entries if shape.entries else ():
        assert shape.entries is not None
        key = entry.values[shape.entries.key]
        if key in seen:
            message = f"The same is at line {seen[key]} already. Each may appear once."
            yield Problem(entry.line, shape.entries.present, message)
        seen[key] = entry.line


# -- comparing -----------------------------------------------------------------------------------


def _existing(company: Company, shape: Shape, keys: list[str]) -> dict[str, Any]:
    """Locked in the order of their ids, as everybody locks them; deleted ones too."""
    rows = shape.model.objects.filter(company=company, external_ref__in=keys)
    return {row.external_ref: row for row in rows.order_by("pk").select_for_update(no_key=True)}


def _existing_entries(shape: Shape, records: Iterable[Any]) -> dict[int, dict[Any, Any]]:
    found: dict[int, dict[Any, Any]] = defaultdict(dict)
    if shape.entries:
        parent = f"{shape.entries.parent}_id"
        ids = [record.pk for record in records]
        for entry in shape.entries.model.objects.filter(**{f"{parent}__in": ids}):
            found[getattr(entry, parent)][getattr(entry, shape.entries.key)] = entry
    return found


def _step_back(parsed: Parsed, record: Any) -> Problem | None:
    """A document goes from draft to issued to voided only."""
    wanted = parsed.values.get("status", getattr(record, "status", None))
    order = list(Status.values)
    if wanted is None or order.index(wanted) >= order.index(record.status):
        return None
    message = f"It is {record.status} here and cannot become {wanted} again."
    return Problem(parsed.line, "status", f"{message} Write {record.status}, or leave it out.")


def _create(company: Company, shape: Shape, parsed: Parsed, changes: Changes) -> None:
    values = dict(parsed.values)
    names = {field.name for field in shape.model._meta.fields}
    if "currency" in names:
        values.setdefault("currency", company.currency)
    record = shape.model(company=company, **{**values, "external_ref": parsed.key})
    changes.new.append(record)
    if "status" in names:
        status = values.get("status", Status.ISSUED)
        record.status = Status.DRAFT
        if status != Status.DRAFT:
            changes.issue.append((record, status))
    changes.new_entries += [(record, entry) for entry in parsed.entries]


def _update(
    shape: Shape, parsed: Parsed, record: Any, entries: dict[Any, Any], changes: Changes
) -> bool:
    """Notes what differs. A deleted record comes back."""
    differing = _assign(record, {**parsed.values, "deleted_at": None})
    entries_differ = _update_entries(shape, parsed, record, entries, changes)
    if differing:
        changes.changed.append(record)
        changes.fields |= differing
    return bool(differing) or entries_differ


def _update_entries(
    shape: Shape, parsed: Parsed, record: Any, entries: dict[Any, Any], changes: Changes
) -> bool:
    if shape.entries is None:
        return False
    before = len(changes.new_entries), len(changes.changed_entries)
    for entry in parsed.entries:
        known = entries.pop(entry.values[shape.entries.key], None)
        if known is None:
            changes.new_entries.append((record, entry))
        elif _assign(known, entry.values):
            changes.changed_entries.append(known)
    changes.gone_entries += [entry.pk for entry in entries.values()]
    return bool(entries) or before != (len(changes.new_entries), len(changes.changed_entries))


def _assign(row: Any, values: dict[str, Any]) -> set[str]:
    differing = {name for name, value in values.items() if getattr(row, name) != value}
    for name in differing:
        setattr(row, name, values[name])
    return differing


# -- writing -------------------------------------------------------------------------------------


def _apply(shape: Shape, changes: Changes) -> None:
    changes.new.sort(key=lambda record: record.external_ref)
    shape.model.objects.bulk_create(changes.new, batch_size=BATCH_SIZE)
    if shape.entries:
        _apply_entries(shape.entries.model, shape.entries.parent, changes)
    for record, status in changes.issue:
        record.status = status
    update_rows(shape.model, [record for record, _ in changes.issue], ["status"])
    now = timezone.now()
    for record in changes.changed:
        record.updated_at = now
    update_rows(shape.model, changes.changed, sorted(changes.fields | {"updated_at"}))


def _apply_entries(model: Any, parent: str, changes: Changes) -> None:
    model.objects.filter(pk__in=changes.gone_entries).delete()
    own = [f for f in model._meta.concrete_fields if f.name not in {"id", "company", parent}]
    defaults = {column.attname: column.get_default() for column in own}
    changes.changed_entries.sort(key=lambda entry: entry.pk)
    update_rows(model, changes.changed_entries, list(defaults))
    insert_rows(
        model,
        ["company_id", f"{parent}_id", *defaults],
        [
            (record.company_id, record.pk, *(defaults | entry.values).values())
            for record, entry in changes.new_entries
        ],
    )
