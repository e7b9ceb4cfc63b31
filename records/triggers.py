"""The database triggers of the records: made from each model's fields, they queue what changed.

All are statement-level and see every way of writing (bulk, raw SQL, cascades). Old and new rows
are joined by FULL JOIN because PostgreSQL keeps a trigger's plan for the session: a full join is
never done by nested loops, which would be right for one row and ruinous for the next 20,000.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pgtrigger

from records.guards import (
    BOTH,
    NEW,
    OLD,
    ForgetFoldedName,
    KeepIdentity,
    RecordTrigger,
    RefuseTruncate,
    StatusGoesForward,
    WallInsert,
    WallUpdate,
    column,
    row,
)

# The order in which accounting must hear of the types; equal to connectors.documents.RANKS.
RANKS: Mapping[str, int] = {
    "customer": 20,
    "vendor": 20,
    "item": 20,
    "invoice": 30,
    "bill": 30,
    "credit_memo": 40,
    "vendor_credit": 40,
    "payment": 40,
}


class CaptureInsert(RecordTrigger):
    name = "capture_insert"
    when = pgtrigger.After
    operation = pgtrigger.Insert
    referencing = NEW

    def body(self, model: Any) -> str:
        is_issued = "AND status = 'issued'" if _has_status(model) else ""
        return _capture(
            model,
            f"SELECT {_described(model)}, 'create' AS operation, NULL::text AS fields"
            f" FROM new_rows WHERE deleted_at IS NULL {is_issued}",
        )


class CaptureUpdate(RecordTrigger):
    name = "capture_update"
    when = pgtrigger.After
    operation = pgtrigger.Update
    referencing = BOTH

    def body(self, model: Any) -> str:
        status = ", o.status AS was_status" if _has_status(model) else ""
        operation = DOCUMENT_OPERATION if _has_status(model) else PLAIN_OPERATION
        return _capture(
            model,
            f"SELECT {_described(model)}, {operation} AS operation, fields"
            f" FROM (SELECT n.*, o.deleted_at AS was_deleted_at{status},"
            f" {_changed_names(model)} AS fields"
            " FROM new_rows n FULL JOIN old_rows o USING (id)) compared"
            " WHERE fields <> ''",
        )


class CaptureDelete(RecordTrigger):
    name = "capture_delete"
    when = pgtrigger.After
    operation = pgtrigger.Delete
    referencing = OLD

    def body(self, model: Any) -> str:
        was_issued = "AND status <> 'draft'" if _has_status(model) else ""
        return _capture(
            model,
            f"SELECT {_described(model)}, 'delete' AS operation, NULL::text AS fields"
            f" FROM old_rows WHERE deleted_at IS NULL {was_issued}",
        )


class CaptureLineInsert(RecordTrigger):
    name = "capture_insert"
    when = pgtrigger.After
    operation = pgtrigger.Insert
    referencing = NEW

    def body(self, model: Any) -> str:
        parent = model._meta.get_field(model.document_field).column
        return _capture_documents(model, f"SELECT DISTINCT {parent} FROM new_rows")


class CaptureLineUpdate(RecordTrigger):
    name = "capture_update"
    when = pgtrigger.After
    operation = pgtrigger.Update
    referencing = BOTH

    def body(self, model: Any) -> str:
        parent = model._meta.get_field(model.document_field).column
        columns = (parent, *_columns(model))
        return _capture_documents(
            model,
            f"SELECT DISTINCT unnest(ARRAY[n.{parent}, o.{parent}])"
            " FROM new_rows n FULL JOIN old_rows o USING (id)"
            f" WHERE {row('n', columns)} IS DISTINCT FROM {row('o', columns)}",
        )


class CaptureLineDelete(RecordTrigger):
    name = "capture_delete"
    when = pgtrigger.After
    operation = pgtrigger.Delete
    referencing = OLD

    def body(self, model: Any) -> str:
        parent = model._meta.get_field(model.document_field).column
        return _capture_documents(model, f"SELECT DISTINCT {parent} FROM old_rows")


# What happened to a row whose columns or state changed; null: nothing accounting needs to hear.
PLAIN_OPERATION = """CASE
    WHEN deleted_at IS NOT NULL AND was_deleted_at IS NULL THEN 'delete'
    WHEN deleted_at IS NOT NULL THEN NULL
    WHEN was_deleted_at IS NOT NULL THEN 'create'
    ELSE 'update' END"""
DOCUMENT_OPERATION = """CASE
    WHEN status = 'draft' THEN NULL
    WHEN deleted_at IS NOT NULL THEN
        CASE WHEN was_deleted_at IS NULL AND was_status <> 'draft' THEN 'delete' END
    WHEN status = 'voided' THEN
        CASE WHEN was_status = 'issued'
               OR was_status = 'voided' AND was_deleted_at IS NOT NULL THEN 'void' END
    WHEN was_status = 'draft' OR was_deleted_at IS NOT NULL THEN 'create'
    ELSE 'update' END"""


def _capture(model: Any, changes: str) -> str:
    """One call for all changes, and none when there are none."""
    return (
        f"PERFORM syncqueue_capture('{model.record_type}', {RANKS[model.record_type]},"
        " array_agg(company_id), array_agg(id), array_agg(label), array_agg(amount),"
        " array_agg(operation), array_agg(fields))"
        f" FROM ({changes}) changed WHERE operation IS NOT NULL HAVING count(*) > 0;"
        " RETURN NULL;"
    )


def _capture_documents(model: Any, touched: str) -> str:
    """A change of lines is an update of their documents, as far as these are synchronized.

    The amount is summed up here: the document's own total is brought up to date only later.
    """
    parent = model._meta.get_field(model.document_field)
    document = parent.related_model
    table, lines = document._meta.db_table, parent.remote_field.get_accessor_name()
    amount = f"{table}.amount"
    if lines == "lines":
        amount = (
            f"(SELECT sum(line.amount) FROM {model._meta.db_table} line"
            f" WHERE line.{parent.column} = {table}.id)"
        )
    return _capture(
        document,
        f"SELECT company_id, id, {column(document, document.label_field)}::text AS label,"
        f" {amount}::numeric AS amount, 'update' AS operation, '{lines}' AS fields"
        # By array, and not by join: the right plan for one document and for thousands.
        f" FROM {table} WHERE id = ANY(ARRAY({touched}))"
        " AND status = 'issued' AND deleted_at IS NULL",
    )


def _described(model: Any) -> str:
    names = {field.name for field in model._meta.fields}
    amount = next((name for name in ("total", "amount") if name in names), "NULL")
    label = column(model, model.label_field)
    return f"company_id, id, {label}::text AS label, {amount}::numeric AS amount"


def _changed_names(model: Any) -> str:
    """The names of the columns that differ, joined by commas."""
    watched = [*_columns(model), "deleted_at", *(["status"] if _has_status(model) else [])]
    cases = (
        f"CASE WHEN n.{column} IS DISTINCT FROM o.{column} THEN '{column.removesuffix('_id')}' END"
        for column in watched
    )
    return f"concat_ws(',', {', '.join(cases)})"


def _has_status(model: Any) -> bool:
    return any(field.name == "status" for field in model._meta.fields)


def _columns(model: Any) -> tuple[str, ...]:
    return tuple(column(model, name) for name in model.synced_fields)


# For Meta.triggers. Types that are only imported are guarded, but nothing of them is queued.
GUARDED = [KeepIdentity(), RefuseTruncate()]
WALLED = [*GUARDED, WallInsert(), WallUpdate()]
CAPTURED = [*WALLED, CaptureInsert(), CaptureUpdate(), CaptureDelete()]
NAMED = [ForgetFoldedName()]
ISSUED = [*CAPTURED, StatusGoesForward()]
LINES = [*WALLED, CaptureLineInsert(), CaptureLineUpdate(), CaptureLineDelete()]
