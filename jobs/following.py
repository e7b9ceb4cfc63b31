"""Follows a merge in accounting: what refers to one record of ours refers to another from now on.

The links of what referred to it change with it: over there the merge has changed the same already,
so nothing has to be sent.
"""

from __future__ import annotations

from typing import Any

from django.db import connection as database
from django.db.models.functions import Now

from connectors.documents import RecordType
from connectors.models import Link
from jobs import mapping
from records.models import LINE_MODELS, RECORD_MODELS


def follow(gone: Link, other: Link) -> None:
    """In a transaction. The record of `gone` is deleted as a person deletes it."""
    target = RecordType(gone.record_type)
    for record_type in RecordType:
        for column in _columns(mapping.COLUMNS[record_type], target):
            field = mapping.COLUMNS[record_type][column]
            manager: Any = RECORD_MODELS[record_type]._default_manager
            manager.filter(**{column: gone.record_id}).update(
                **{column: other.record_id}, updated_at=Now()
            )
            _follow_in_links(gone, other, record_type, field)
        if record_type in LINE_MODELS and record_type is not RecordType.PAYMENT:
            _follow_in_lines(gone, other, record_type, target)
    RECORD_MODELS[target]._default_manager.filter(pk=gone.record_id).update(
        deleted_at=Now(), updated_at=Now()
    )


def _columns(columns: Any, target: RecordType) -> list[str]:
    return [column for column in columns if mapping.REFERENCES.get(column) is target]


_IN_LINKS = """
UPDATE connectors_link SET
    ours = CASE WHEN ours->>%(field)s = %(gone)s
                THEN jsonb_set(ours, ARRAY[%(field)s], to_jsonb(%(other)s::text)) ELSE ours END,
    theirs = CASE WHEN theirs->>%(field)s = %(gone)s
                THEN jsonb_set(theirs, ARRAY[%(field)s], to_jsonb(%(other)s::text)) ELSE theirs END
WHERE connection_id = %(connection)s AND record_type = %(type)s
  AND (ours->>%(field)s = %(gone)s OR theirs->>%(field)s = %(gone)s)
"""
_LINES = """
(SELECT jsonb_agg(CASE WHEN line->>%(field)s = %(gone)s
                       THEN jsonb_set(line, ARRAY[%(field)s], to_jsonb(%(other)s::text))
                       ELSE line END ORDER BY position)
 FROM jsonb_array_elements({side}->'lines') WITH ORDINALITY AS l(line, position))
"""
_IN_LINES = f"""
UPDATE connectors_link SET
    ours = CASE WHEN jsonb_array_length(ours->'lines') > 0
                THEN jsonb_set(ours, '{{lines}}', {_LINES.format(side="ours")}) ELSE ours END,
    theirs = CASE WHEN jsonb_array_length(theirs->'lines') > 0
                THEN jsonb_set(theirs, '{{lines}}', {_LINES.format(side="theirs")})
                ELSE theirs END
WHERE connection_id = %(connection)s AND record_type = %(type)s AND record_id = ANY(%(ids)s)
"""


def _follow_in_links(gone: Link, other: Link, record_type: RecordType, field: str) -> None:
    with database.cursor() as cursor:
        cursor.execute(_IN_LINKS, _values(gone, other, record_type, field))


def _follow_in_lines(gone: Link, other: Link, record_type: RecordType, target: RecordType) -> None:
    model: Any = LINE_MODELS[record_type]
    there = {field.attname for field in model._meta.concrete_fields}
    for column in _columns(mapping.LINE_COLUMNS, target):
        if column not in there:
            continue
        rows = model.objects.filter(**{column: gone.record_id})
        ids = set(rows.values_list(f"{record_type}_id", flat=True))
        rows.update(**{column: other.record_id})
        values = _values(gone, other, record_type, mapping.LINE_COLUMNS[column])
        with database.cursor() as cursor:
            cursor.execute(_IN_LINES, {**values, "ids": list(ids)})


def _values(gone: Link, other: Link, record_type: RecordType, field: str) -> dict[str, Any]:
    return {
        "connection": gone.connection_id,
        "type": record_type.value,
        "field": field,
        "gone": gone.external_id,
        "other": other.external_id,
    }
