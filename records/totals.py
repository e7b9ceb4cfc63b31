"""The amounts of lines and the totals of documents, brought up to date in the database."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.db import connection, transaction

from records.models import LINE_MODELS, MINOR_UNITS, Document

# PostgreSQL rounds numeric half away from zero, as `rounded` in records/models/record.py does.
AMOUNTS = """
UPDATE {lines} line SET amount = exact.amount
FROM (
    SELECT l.id, round(l.quantity * l.unit_price,
                       coalesce((%(units)s::jsonb ->> d.currency)::int, 2)) AS amount
    FROM {lines} l JOIN {documents} d ON d.id = l.{parent}
    WHERE l.{parent} = ANY(%(ids)s)
) exact
WHERE line.id = exact.id AND line.amount <> exact.amount
"""
TOTALS = """
UPDATE {documents} document SET total = summed.total
FROM (
    SELECT d.id, coalesce(sum(l.amount), 0) AS total
    FROM {documents} d LEFT JOIN {lines} l ON l.{parent} = d.id
    WHERE d.id = ANY(%(ids)s)
    GROUP BY d.id
) summed
WHERE document.id = summed.id AND document.total <> summed.total
"""


@transaction.atomic
def retotal(*, model: type[Document], ids: Collection[int]) -> None:
    """Line amounts by the rounding rule, then the totals; what is right already is not written."""
    lines: Any = LINE_MODELS[model.record_type]
    names = {
        "documents": model._meta.db_table,
        "lines": lines._meta.db_table,
        "parent": lines._meta.get_field(lines.document_field).column,
    }
    values: dict[str, Any] = {"units": json.dumps(MINOR_UNITS), "ids": list(ids)}
    with connection.cursor() as cursor:
        for statement in (AMOUNTS, TOTALS):
            cursor.execute(statement.format(**names), values)
