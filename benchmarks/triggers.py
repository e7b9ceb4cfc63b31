"""One UPDATE of many rows, and many of one row, with the triggers and without, by turns."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import psycopg2

TIMES = 5
ALL = "UPDATE records_customer SET phone = phone || '1'"


def main() -> None:
    count = int(sys.argv[1])
    database = psycopg2.connect(os.environ["DATABASE_URL"])
    cursor = database.cursor()
    found: dict[str, list[float]] = {}
    for _ in range(TIMES):
        for what in ("off", "on", "on again"):
            found.setdefault(what, []).append(_bulk(database, cursor, what, count))
        for what in ("off", "on"):
            found.setdefault(f"single {what}", []).append(_single(database, cursor, what))
    print(json.dumps({name: min(seconds) for name, seconds in found.items()}))  # noqa: T201


def _bulk(database: Any, cursor: Any, what: str, count: int) -> float:
    """ "on again": the records wait in the queue already, so the edits coalesce."""
    _prepare(cursor, what)
    if what == "on again":
        cursor.execute(ALL)
    started = time.perf_counter()
    cursor.execute(ALL)
    seconds = time.perf_counter() - started
    assert cursor.rowcount >= count
    database.rollback()
    return seconds


def _single(database: Any, cursor: Any, what: str) -> float:
    _prepare(cursor, what)
    started = time.perf_counter()
    for number in range(1, 501):
        cursor.execute(ALL + " WHERE id = %s", [number])
    seconds = (time.perf_counter() - started) / 500
    database.rollback()
    return seconds


def _prepare(cursor: Any, what: str) -> None:
    if what == "off":
        cursor.execute("ALTER TABLE records_customer DISABLE TRIGGER USER")


if __name__ == "__main__":
    main()
