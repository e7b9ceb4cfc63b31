"""Makes records of rows: groups the rows of a document and turns cells into values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from records.csv_import.columns import Column, Reference, Unfit
from records.csv_import.files import Refusal, Row
from records.csv_import.shapes import Entry, Parsed, Problem, Shape

# A record that cannot be imported: everything that is wrong with it.
Refused = list[Problem]


def parse(
    shape: Shape, rows: Iterable[Row | Refusal], *, currency: str
) -> Iterator[Parsed | Refused | Refusal]:
    """Each record of the file, or why it is refused. A document is accepted or refused whole.

    An unreadable line is passed on, and spoils the documents on both sides of it: it may have
    been a line of either. `currency` is what an empty cell means.
    """
    seen: dict[str, int] = {}
    for group in _groups(shape, rows):
        if isinstance(group, Refusal):
            yield group
            continue
        lines, unreadable = group
        first = lines[0]
        key = first.cells[shape.key]
        if key in seen:
            yield [Problem(first.line, shape.key, _again(shape, key, seen[key]))]
        elif unreadable:
            message = f"Line {unreadable}, next to it, cannot be read. Correct that line first."
            yield [Problem(first.line, "", message)]
        else:
            yield _record(shape, lines, currency)
        if key:
            seen.setdefault(key, first.line)


def _groups(
    shape: Shape, rows: Iterable[Row | Refusal]
) -> Iterator[tuple[list[Row], int] | Refusal]:
    """Rows that stand together and have the same key; plain records are groups of one row."""
    group: list[Row] = []
    before = after = 0
    for row in rows:
        if isinstance(row, Refusal):
            yield row
            after = row.line if shape.entries else 0
            continue
        is_more = bool(
            group and shape.entries and row.cells[shape.key] == group[0].cells[shape.key]
        )
        if group and not is_more:
            yield group, before or after
            group, before, after = [], after, 0
        elif not group:
            before, after = after, 0
        group.append(row)
    if group:
        yield group, before or after


def _again(shape: Shape, key: str, line: int) -> str:
    if shape.entries:
        return f"“{key}” has rows at line {line} already. Put all its rows together."
    return f"“{key}” is at line {line} already. Remove one of them."


def _record(shape: Shape, rows: list[Row], currency: str) -> Parsed | Refused:
    first = rows[0]
    values, references, problems = _values(shape.columns, first)
    parsed = Parsed(first.line, first.cells[shape.key], values, references)
    if shape.entries or "currency" in values:
        values["currency"] = values.get("currency") or currency
    for row in rows:
        problems += _differences(shape, first, row)
        if shape.entries and row.cells.get(shape.entries.present):
            more, names, faults = _values(shape.entries.columns, row)
            parsed.entries.append(Entry(row.line, more, names))
            problems += faults
    if not problems:
        problems += shape.complete(parsed)
    return problems or parsed


def _values(
    columns: Iterable[Column | Reference], row: Row
) -> tuple[dict[str, Any], dict[str, str], list[Problem]]:
    values: dict[str, Any] = {}
    references: dict[str, str] = {}
    problems: list[Problem] = []
    for column in columns:
        cell = row.cells.get(column.name)
        if cell is None:
            continue
        try:
            if isinstance(column, Column):
                values[column.field] = column.value(cell)
            elif cell or not column.must_be_filled:
                references[column.name] = cell
            else:
                raise Unfit("This cell is empty. Fill it in.")
        except Unfit as unfit:
            problems.append(Problem(row.line, column.name, str(unfit)))
    return values, references, problems


def _differences(shape: Shape, first: Row, row: Row) -> Iterator[Problem]:
    """The rows of a document repeat its heading, or leave it empty."""
    for column in shape.columns:
        cell = row.cells.get(column.name)
        if cell and cell != first.cells[column.name]:
            message = (
                f"“{cell}” differs from line {first.line} of the same record,"
                f" which has “{first.cells[column.name]}”. Use one value in all its rows."
            )
            yield Problem(row.line, column.name, message)
