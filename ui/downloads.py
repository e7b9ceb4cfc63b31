"""A table as a CSV file: the shown columns of all pages, written while it is read."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.html import strip_tags
from django_tables2.rows import BoundRow

from ui.tables import Table

# A spreadsheet takes a cell that begins so for a formula (OWASP, "CSV injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
ROWS_AT_ONCE = 2000


class _Line:
    """What csv writes to: gives the line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def harmless(value: Any) -> Any:
    """Text that a spreadsheet would run gets an apostrophe in front; numbers stay numbers."""
    if value is None or isinstance(value, (int, float, Decimal)):
        return value
    text = strip_tags(str(value))
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def lines(table: Table, zone: datetime.tzinfo) -> Iterator[str]:
    """Runs when the request is over, so it is told the time zone of the request."""
    columns = [column for column in table.columns if not column.column.exclude_from_export]
    writer = csv.writer(_Line())
    # Excel takes UTF-8 for what it is only with this mark in front.
    yield "\ufeff" + writer.writerow([str(column.header) for column in columns])
    found = table.data.data.iterator(chunk_size=ROWS_AT_ONCE)
    while records := list(islice(found, ROWS_AT_ONCE)):
        table.look_up(records)
        for record in records:
            row = BoundRow(record, table)
            with timezone.override(zone):
                cells = [harmless(row.get_cell_value(column.name)) for column in columns]
            yield writer.writerow(cells)


def csv_response(table: Table) -> StreamingHttpResponse:
    zone = timezone.get_current_timezone()
    response = StreamingHttpResponse(lines(table, zone), content_type="text/csv; charset=utf-8")
    name = f"{table.table_name}-{timezone.localdate():%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
