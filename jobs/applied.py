"""Notes what an import took over, so that a record can tell its whole history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection as database

from connectors.documents import RecordType
from jobs.work import Work

# The columns of a record that the import made: none was changed.
CREATED: tuple[str, ...] = ()
_NOTE = """
INSERT INTO jobs_applied (job_id, company_id, record_type, record_id, fields)
SELECT %s, %s, %s, d.id, string_to_array(d.fields, ',')
FROM unnest(%s::bigint[], %s::text[]) AS d(id, fields)
"""


def note(
    work: Work, record_type: RecordType, taken: Mapping[tuple[str, ...], Sequence[Any]]
) -> None:
    """`taken`: records by the columns that were written; one statement for all. Fenced."""
    rows = [
        (record.pk, ",".join(columns)) for columns, records in taken.items() for record in records
    ]
    if not rows:
        return
    with database.cursor() as cursor:
        cursor.execute(
            _NOTE,
            [
                work.job.pk,
                work.connection.company_id,
                record_type.value,
                [record_id for record_id, _columns in rows],
                [columns for _record_id, columns in rows],
            ],
        )
