"""The first byte of each page over a crowd of rows, by each order and a search; run by pages.py.

In its own process on its own database: fills it (unless there are jobs already), asks each page as
a person of the company would, and prints one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from typing import Any

import django
import psutil

from benchmarks.ground import say

TIMES = 7


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, required=True)
    parser.add_argument("--errors", type=int, required=True)
    asked = parser.parse_args()
    django.setup()
    from django.core.management import call_command

    from benchmarks import crowd
    from jobs.models import SyncJob

    call_command("migrate", verbosity=0)
    if not SyncJob.objects.exists():
        started = time.perf_counter()
        crowd.fill(jobs=asked.jobs, errors=asked.errors)
        say(f"    filled in {time.perf_counter() - started:.0f} s")
    found: dict[str, Any] = {"jobs": asked.jobs, "errors": asked.errors, "cores": os.cpu_count()}
    found |= {"pages": pages(), "writing": writing(), "load": os.getloadavg()[1]}
    print(json.dumps(found))  # noqa: T201  (the starter reads it)


def pages() -> dict[str, dict[str, float]]:
    from django.db import connection as database
    from django.test import Client

    browser = Client(headers={"host": "127.0.0.1"})
    browser.force_login(_person())
    with database.cursor() as cursor:
        # One backend does all the work, so that its CPU time is that of the page.
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT pg_backend_pid()")
        backend = psutil.Process(cursor.fetchone()[0])
    found = {}
    for name, address in addresses():
        found[name] = _page(browser, address, backend)
        page = found[name]
        say(f"    {name}: {page['ms']:.0f} ms, CPU {page['cpu_ms']:.0f} ms")
    return found


def _page(browser: Any, address: str, backend: psutil.Process) -> dict[str, float]:
    """The first request fills what lives as long as the process: templates, caches. Of the others
    the fastest counts: on a machine that is shared, what is slower was disturbed. What nobody can
    disturb is the CPU time: this process's and the database's."""
    from django.db import connection as database

    from benchmarks.measure import Statements

    seconds, statements = [], Statements()
    cpu = _cpu(backend)
    for again in range(TIMES + 1):
        if again == 1:
            cpu = _cpu(backend)
        statements = Statements()
        started = time.perf_counter()
        with database.execute_wrapper(statements):
            answer = browser.get(address)
            first = next(iter(answer)) if answer.streaming else answer.content
        seconds.append(time.perf_counter() - started)
        assert answer.status_code == 200, (address, answer.status_code)
        assert first
    return {
        "first_ms": seconds[0] * 1000,
        "ms": min(seconds[1:]) * 1000,
        "cpu_ms": (_cpu(backend) - cpu) / TIMES * 1000,
        "statements": statements.count,
    }


def _cpu(backend: psutil.Process) -> float:
    theirs = backend.cpu_times()
    return time.process_time() + theirs.user + theirs.system


def addresses() -> Iterator[tuple[str, str]]:
    """Each page, its views, each order both ways, a search that finds and one that does not."""
    from django.urls import reverse

    from jobs.models import SyncJob
    from jobs.tables import SyncErrorTable, SyncJobTable

    jobs, errors = reverse("sync-jobs"), reverse("sync-errors")
    yield "Overview", reverse("overview")
    yield "Sync Jobs", jobs
    for column in SyncJobTable.sortable():
        yield f"Sync Jobs by {column}", f"{jobs}?sort={column}"
        yield f"Sync Jobs by {column}, falling", f"{jobs}?sort=-{column}"
    for query in ("view=errors", "view=failed", "view=running", "by=manual", "by=webhook", "by=me"):
        yield f"Sync Jobs, {query}", f"{jobs}?{query}"
    yield "Sync Jobs, page 5,000", f"{jobs}?page=5000"
    yield "Sync Jobs, search for a number", f"{jobs}?q=4711"
    yield "Sync Jobs, search for a name", f"{jobs}?q=harbor"
    yield "Sync Jobs, search for nothing", f"{jobs}?q=nowhere"
    yield "Sync Jobs, the first rows of the file", f"{jobs}?export=csv"
    books = SyncJob.objects.order_by("pk").values("company")[:1]
    latest = SyncJob.objects.filter(company__in=books).order_by("-pk")
    yield "Sync Job", reverse("sync-job", args=[latest[0].pk])
    yield "Sync Job with errors", reverse("sync-job", args=[latest.filter(error_count__gt=0)[0].pk])
    yield "Sync Job, its records", reverse("sync-job-records", args=[latest[0].pk])
    yield "Errors, by cause", errors
    yield "Errors of a Sync Job", f"{errors}?job={latest.filter(error_count__gt=0)[0].pk}"
    yield "Errors", f"{errors}?show=table"
    for column in SyncErrorTable.sortable():
        yield f"Errors by {column}", f"{errors}?show=table&sort={column}"
        yield f"Errors by {column}, falling", f"{errors}?show=table&sort=-{column}"
    yield "Errors, search for a record", f"{errors}?show=table&q=INV-4711"
    yield "Errors, search for nothing", f"{errors}?show=table&q=nowhere"
    yield "Errors, resolved", f"{errors}?show=table&view=resolved"
    yield "Sync Queue", reverse("sync-queue")


def writing() -> dict[str, dict[str, float]]:
    """Milliseconds for a thousand rows, with all indexes and without those that only lists use."""
    return {
        "insert errors": _with_and_without("jobs_syncerror", "error_%", _INSERT_ERRORS),
        "insert jobs": _with_and_without("jobs_syncjob", "job_by_%", _INSERT_JOBS),
        "update jobs": _with_and_without("jobs_syncjob", "job_by_%", _UPDATE_JOBS),
    }


def _with_and_without(table: str, names: str, statement: str) -> dict[str, float]:
    """All in one transaction that is taken back: the indexes are there again."""
    from django.db import connection as database
    from django.db import transaction

    with transaction.atomic(), database.cursor() as cursor:
        with_all = _best(cursor, statement)
        cursor.execute(
            "SELECT indexname, pg_relation_size(indexname::regclass) FROM pg_indexes"
            " WHERE tablename = %s AND indexname LIKE %s",
            [table, names],
        )
        rows: list[Any] = cursor.fetchall()
        for name, _size in rows:
            cursor.execute(f"DROP INDEX {name}")
        without = _best(cursor, statement)
        transaction.set_rollback(True)
    size = sum(size for _name, size in rows)
    return {"with": with_all, "without": without, "indexes": len(rows), "mb": size / 2**20}


def _best(cursor: Any, statement: str) -> float:
    seconds = []
    for _again in range(5):
        started = time.perf_counter()
        cursor.execute(statement)
        seconds.append(time.perf_counter() - started)
    return min(seconds) * 1000


def _person() -> Any:
    from django.contrib.auth.models import User

    from companies.models import Company, Membership, Role

    company = Company.objects.order_by("pk")[0]
    reader, _is_new = User.objects.get_or_create(username="reader", is_staff=True)
    Membership.objects.get_or_create(user=reader, company=company, role=Role.ADMINISTRATOR)
    return reader


_COLUMNS = """SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
WHERE attrelid = '{table}'::regclass AND attnum > 0 AND attname <> 'id' AND NOT attisdropped"""
_INSERT = """DO $$ BEGIN EXECUTE (SELECT format(
'INSERT INTO {table} (%1$s) SELECT %1$s FROM {table} ORDER BY id DESC LIMIT 1000', ({columns})));
END $$"""
_INSERT_ERRORS = _INSERT.format(
    table="jobs_syncerror", columns=_COLUMNS.format(table="jobs_syncerror")
)
_INSERT_JOBS = _INSERT.format(table="jobs_syncjob", columns=_COLUMNS.format(table="jobs_syncjob"))
# What every answer of the accounting system changes.
_UPDATE_JOBS = """UPDATE jobs_syncjob SET received_response_at = clock_timestamp(),
exported = exported + 30 WHERE id IN (SELECT id FROM jobs_syncjob ORDER BY id DESC LIMIT 1000)"""


if __name__ == "__main__":
    main()
