"""A company with very many finished jobs and errors, written by PostgreSQL itself.

Indexes and checks of references are put aside while the rows are written: it is a copy of what
years of use would leave, not a measurement of writing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection as database

# Of a hundred errors one is open, of one of so many causes.
OPEN_SHARE, CAUSES = 100, 200
TABLES = ("jobs_syncjob", "jobs_syncerror")


def fill(*, jobs: int, errors: int) -> None:
    """Jobs of 400 days for one company, each with the same number of errors; a few of another."""
    company, books = _company("Harbor Foods")
    other = _company("Quay Foods")
    with _bare(), database.cursor() as cursor:
        cursor.execute(_JOBS, {"jobs": jobs, "books": books, "company": company, "errors": errors})
        cursor.execute(_JOBS, {"jobs": 20, "books": other[1], "company": other[0], "errors": 20})
        cursor.execute(
            _ERRORS,
            {"errors": errors, "books": books, "company": company, "causes": CAUSES}
            | {"open": OPEN_SHARE, "jobs": jobs},
        )
    with database.cursor() as cursor:
        cursor.execute(_EXCHANGES, {"books": books, "company": company})
        cursor.execute(_QUEUE, {"books": books, "company": company})
        cursor.execute("VACUUM ANALYZE")


def _company(name: str) -> tuple[int, int]:
    """Its id, and that of its connection."""
    from companies.models import Company
    from connectors.models import Connection, ConnectionState

    company = Company.objects.create(name=name)
    books = Connection.objects.create(
        company=company,
        kind="quickbooks_online",
        account_id=str(company.pk),
        name=f"{name} Inc.",
        state=ConnectionState.READY,
    )
    return company.pk, books.pk


@contextmanager
def _bare() -> Iterator[None]:
    """The two tables without their indexes (but the keys) and without checks of references."""
    with database.cursor() as cursor:
        indexes = _rows(cursor, _INDEXES)
        references = _rows(cursor, _REFERENCES)
        for table, name, _definition in references:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute("SET maintenance_work_mem = '1GB'")
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in references:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition} NOT VALID")
        cursor.execute("RESET ALL")


def _rows(cursor: Any, query: str) -> list[Any]:
    cursor.execute(query, [list(TABLES)])
    rows: list[Any] = cursor.fetchall()
    return rows


_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY(%s::regclass[]) AND NOT indisprimary
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""
_REFERENCES = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = ANY(%s::regclass[]) AND contype = 'f'
"""
# Every tenth job has errors, every hundredth failed.
_JOBS = """
INSERT INTO jobs_syncjob (connection_id, company_id, state, outcome, trigger, created_at,
    sent_request_at, received_response_at, completed_at, exported, imported, unchanged, skipped,
    blocked, failed, error_count, requests, phase, progress, progress_total, explanation, scope,
    run_again, lease_owner, lease_generation, takeovers, checkpoint)
SELECT %(books)s, %(company)s, 'finished',
    CASE WHEN n %% 100 = 0 THEN 'failed' WHEN n %% 10 = 0 THEN 'with_errors'
        ELSE 'succeeded' END,
    CASE WHEN n %% 50 = 0 THEN 'manual' ELSE 'schedule' END, at, at + interval '1 second',
    at + interval '20 seconds', at + interval '25 seconds', n %% 90, n %% 7, 0, 0, 0, 0,
    CASE WHEN n %% 10 = 0 THEN 10 * %(errors)s / %(jobs)s ELSE 0 END, 5, '', 0, 0,
    n || ' records were exchanged.', '{}', false, '', 1, 0, '{}'
FROM (SELECT n, now() - interval '1 day' * (400.0 * (%(jobs)s - n) / %(jobs)s) AS at
    FROM generate_series(1, %(jobs)s) AS n) AS jobs ORDER BY n
"""
_ERRORS = """
INSERT INTO jobs_syncerror (job_id, connection_id, company_id, phase, record_type, record_id,
    external_id, label, reason, code, field, message, advice, detail, fingerprint, amount,
    currency, occurred_at, resolved_at, resolution)
SELECT first + (n::bigint * %(jobs)s / (%(errors)s + 1)) / 10 * 10 + 9, %(books)s, %(company)s,
    'export', (ARRAY['invoice', 'customer', 'payment'])[1 + n %% 3], n, '',
    'INV-' || n, (ARRAY['validation', 'duplicate', 'closed_period'])[1 + n %% 3],
    '6240', '', 'The accounting system refuses the record as it is.', '', 'Name is taken.',
    md5((n / %(open)s %% %(causes)s)::text), 10, 'USD', at,
    CASE WHEN n %% %(open)s = 0 THEN NULL ELSE at + interval '1 hour' END, ''
FROM (SELECT n, now() - interval '1 day' * (400.0 * (%(errors)s - n) / %(errors)s) AS at
    FROM generate_series(1, %(errors)s) AS n) AS errors,
    (SELECT min(id) AS first FROM jobs_syncjob WHERE company_id = %(company)s) AS jobs ORDER BY n
"""
# The latest job sent 3,000 records.
_EXCHANGES = """
WITH job AS (
    SELECT max(id) AS id FROM jobs_syncjob WHERE company_id = %(company)s
), sent AS (
    INSERT INTO jobs_exchange (job_id, connection_id, company_id, is_write, method, url, summary,
        key, created_at, provider_id, status, failure, settled_at)
    SELECT job.id, %(books)s, %(company)s, true, 'POST', 'https://books.example/batch',
        '30 invoices', n::text, now(), '', 200, '', now()
    FROM job, generate_series(1, 100) AS n RETURNING id
)
INSERT INTO jobs_attempt (exchange_id, company_id, item_id, record_type, record_id, push_id,
    operation, sent_generation, content, outcome, external_id, reason, code, message, field,
    applied_at)
SELECT sent.id, %(company)s, n, 'invoice', n, n::text, 'create', 1, '{}', 'accepted', n::text,
    '', '', '', '', now()
FROM sent, generate_series(1, 30) AS n
"""
_QUEUE = """
INSERT INTO queue_syncqueueitem (connection_id, company_id, record_type, record_id, label,
    first_operation, operation, changed_fields, generation, rank, state, attempts,
    next_attempt_at, blocked_by_type, blocked_by_need, reason, refusal, first_changed_at,
    changed_at, origin, hold_reason, priority)
SELECT %(books)s, %(company)s, 'invoice', n, 'INV-' || n, 'update', 'update', '{}', 1, 30,
    'waiting', 0, now(), '', '', '', '', now(), now(), 'web', '', 0
FROM generate_series(1, 5000) AS n
"""
