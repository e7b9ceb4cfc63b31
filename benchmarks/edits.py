"""Edits one record a thousand times while it is under way; each edit is its own transaction."""

from __future__ import annotations

import json
import os
import sys
import time

import psycopg2


def main() -> None:
    count = int(sys.argv[1])
    database = psycopg2.connect(os.environ["DATABASE_URL"])
    database.autocommit = True
    cursor = database.cursor()
    cursor.execute("SET synchronous_commit = off")
    while True:
        cursor.execute("SELECT count(*) FROM queue_syncqueueitem WHERE state = 'sending'")
        if cursor.fetchone()[0]:
            break
        time.sleep(0.02)
    for number in range(count):
        cursor.execute("UPDATE records_invoice SET memo = %s", [f"Edit {number}"])
    cursor.execute("SELECT state, generation FROM queue_syncqueueitem WHERE finished_at IS NULL")
    print(json.dumps({"item": cursor.fetchone()}))  # noqa: T201  (the starter reads it)


if __name__ == "__main__":
    main()
