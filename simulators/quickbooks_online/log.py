"""The list of every committed write, in order, for tests and for people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulators.quickbooks_online.clock import written
from simulators.quickbooks_online.rows import Rows, Stored
from simulators.quickbooks_online.schema import Json

if TYPE_CHECKING:
    from simulators.quickbooks_online.writing import Change

# The reference that Syncapp leaves in a text field of what it writes.
MARKER = re.compile(r"syncapp:[A-Za-z0-9_-]+(?::[A-Za-z0-9_-]+)*")


def note_write(change: Change, operation: str, stored: Stored) -> None:
    change.rows.changes.append((stored.type, stored.id, operation))
    change.rows.db.execute(
        "INSERT INTO log (time, request_id, operation, type, id, marker, origin) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            stored.updated,
            change.request_id,
            operation,
            stored.type,
            stored.id,
            marker(stored),
            change.origin,
        ),
    )


def marker(stored: Stored) -> str:
    """The first marker in PrivateNote, Notes or any other text of the object."""
    notes = (str(stored.body.get(name) or "") for name in ("PrivateNote", "Notes"))
    for text in (*notes, stored.text):
        found = MARKER.search(text)
        if found:
            return found.group()
    return ""


def entries(rows: Rows, newest_first: bool = False) -> Iterator[Json]:
    order = "DESC" if newest_first else "ASC"
    found = rows.db.execute(
        "SELECT time, request_id, operation, type, id, marker, origin "
        f"FROM log ORDER BY seq {order}"
    )
    names = ("time", "request_id", "operation", "type", "id", "marker", "origin")
    for row in found:
        yield {**dict(zip(names, row, strict=True)), "time": written(row[0])}
