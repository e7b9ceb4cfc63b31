"""The database triggers of the records: made from each model's fields, they queue what changed.

All are statement-level and see every way of writing (bulk, raw SQL, cascades). Old and new rows
are joined by FULL JOIN because PostgreSQL keeps a trigger's plan for the session: a full join is
never done by nested loops, which would be right for one row and ruinous for the next 20,000.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import models

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

OLD = pgtrigger.Referencing(old="old_rows")
NEW = pgtrigger.Referencing(new="new_rows")
BOTH = pgtrigger.Referencing(old="old_rows", new="new_rows")


class RecordTrigger(pgtrigger.Trigger):
    """Makes its function from the model's own lists of fields."""

    level = pgtrigger.Statement

    def get_func(self, model: type[models.Model]) -> str:
        # A migration's model has lost everything but its fields.
        return self.body(apps.get_model(model._meta.label))

    def body(self, model: Any) -> str:
        raise NotImplementedError


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
            f" WHERE {_row('n', columns)} IS DISTINCT FROM {_row('o', columns)}",
        )


class CaptureLineDelete(RecordTrigger):
    name = "capture_delete"
    when = pgtrigger.After
    operation = pgtrigger.Delete
    referencing = OLD

    def body(self, model: Any) -> str:
        parent = model._meta.get_field(model.document_field).column
        return _capture_documents(model, f"SELECT DISTINCT {parent} FROM old_rows")


class WallInsert(RecordTrigger):
    """A reference never crosses companies."""

    name = "wall_insert"
    when = pgtrigger.After
    operation = pgtrigger.Insert
    referencing = NEW

    def body(self, model: Any) -> str:
        return f"{_refuse_strangers(model)} RETURN NULL;"


class WallUpdate(RecordTrigger):
    """The same for updates, which look closer only when a reference has changed."""

    name = "wall_update"
    when = pgtrigger.After
    operation = pgtrigger.Update
    referencing = BOTH

    def body(self, model: Any) -> str:
        columns = [field.column for field in _references(model)]
        return (
            "IF NOT EXISTS (SELECT FROM new_rows n FULL JOIN old_rows o USING (id)"
            f" WHERE {_row('n', columns)} IS DISTINCT FROM {_row('o', columns)})"
            f" THEN RETURN NULL; END IF; {_refuse_strangers(model)} RETURN NULL;"
        )


class KeepIdentity(RecordTrigger):
    name = "keep_identity"
    level = pgtrigger.Row
    when = pgtrigger.Before
    operation = pgtrigger.Update
    condition = pgtrigger.Condition(
        "OLD.company_id IS DISTINCT FROM NEW.company_id OR OLD.id IS DISTINCT FROM NEW.id"
    )

    def body(self, model: Any) -> str:
        return _refuse(
            f"The {model._meta.verbose_name} keeps its company and its id."
            " Make a new one in the other company instead."
        )


class StatusGoesForward(RecordTrigger):
    name = "status_goes_forward"
    level = pgtrigger.Row
    when = pgtrigger.Before
    operation = pgtrigger.Update
    condition = pgtrigger.Condition(
        "((OLD.status = 'issued' AND NEW.status = 'draft')"
        " OR (OLD.status = 'voided' AND NEW.status <> 'voided'))"
    )

    def body(self, model: Any) -> str:
        return _refuse(
            f"The {model._meta.verbose_name} % is % and cannot become % again."
            " Void it if it is wrong, and make a new one.",
            f"OLD.{_column(model, model.label_field)}",
            "OLD.status",
            "NEW.status",
        )


class RefuseTruncate(RecordTrigger):
    """TRUNCATE fires no other trigger. Who means it all the same sets sync.truncate to on."""

    name = "refuse_truncate"
    when = pgtrigger.Before
    operation = pgtrigger.Truncate

    def body(self, model: Any) -> str:
        return (
            "IF current_setting('sync.truncate', true) IS DISTINCT FROM 'on' THEN "
            + _refuse("The Sync Queue would not notice TRUNCATE. Use DELETE instead.")
            + " END IF; RETURN NULL;"
        )


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
        f"SELECT company_id, id, {_column(document, document.label_field)}::text AS label,"
        f" {amount}::numeric AS amount, 'update' AS operation, '{lines}' AS fields"
        # By array, and not by join: the right plan for one document and for thousands.
        f" FROM {table} WHERE id = ANY(ARRAY({touched}))"
        " AND status = 'issued' AND deleted_at IS NULL",
    )


def _described(model: Any) -> str:
    names = {field.name for field in model._meta.fields}
    amount = next((name for name in ("total", "amount") if name in names), "NULL")
    label = _column(model, model.label_field)
    return f"company_id, id, {label}::text AS label, {amount}::numeric AS amount"


def _changed_names(model: Any) -> str:
    """The names of the columns that differ, joined by commas."""
    watched = [*_columns(model), "deleted_at", *(["status"] if _has_status(model) else [])]
    cases = (
        f"CASE WHEN n.{column} IS DISTINCT FROM o.{column} THEN '{column.removesuffix('_id')}' END"
        for column in watched
    )
    return f"concat_ws(',', {', '.join(cases)})"


def _refuse_strangers(model: Any) -> str:
    """Each reference is looked up once, by key, in a subquery that no plan can turn around."""
    return " ".join(
        "IF EXISTS (SELECT FROM"
        f" (SELECT DISTINCT company_id, {field.column} AS id FROM new_rows) referring"
        f" WHERE (SELECT target.company_id FROM {field.related_model._meta.db_table} target"
        " WHERE target.id = referring.id) <> referring.company_id) THEN "
        + _refuse(
            f"The {field.verbose_name} belongs to another company than the"
            f" {model._meta.verbose_name}. Choose one of the same company."
        )
        + " END IF;"
        for field in _references(model)
    )


def _refuse(message: str, *arguments: str) -> str:
    values = "".join(f", {argument}" for argument in arguments)
    quoted = message.replace("'", "''")
    return f"RAISE EXCEPTION '{quoted}'{values} USING ERRCODE = 'check_violation';"


def _references(model: Any) -> list[Any]:
    return [
        field
        for field in model._meta.fields
        if isinstance(field, models.ForeignKey) and field.name != "company"
    ]


def _has_status(model: Any) -> bool:
    return any(field.name == "status" for field in model._meta.fields)


def _column(model: Any, name: str) -> str:
    return str(model._meta.get_field(name).column)


def _columns(model: Any) -> tuple[str, ...]:
    return tuple(_column(model, name) for name in model.synced_fields)


def _row(alias: str, columns: Any) -> str:
    return f"ROW({', '.join(f'{alias}.{column}' for column in columns)})"


# For Meta.triggers. Types that are only imported are guarded, but nothing of them is queued.
GUARDED = [KeepIdentity(), RefuseTruncate()]
WALLED = [*GUARDED, WallInsert(), WallUpdate()]
CAPTURED = [*WALLED, CaptureInsert(), CaptureUpdate(), CaptureDelete()]
ISSUED = [*CAPTURED, StatusGoesForward()]
LINES = [*WALLED, CaptureLineInsert(), CaptureLineUpdate(), CaptureLineDelete()]
