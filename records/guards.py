"""What the database refuses: references across companies, steps back, TRUNCATE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import models

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
            f" WHERE {row('n', columns)} IS DISTINCT FROM {row('o', columns)})"
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


class ForgetFoldedName(RecordTrigger):
    """Another name: it is folded anew by who looks for it (records/names.py)."""

    name = "forget_folded_name"
    level = pgtrigger.Row
    when = pgtrigger.Before
    operation = pgtrigger.Update
    condition = pgtrigger.Condition("OLD.name IS DISTINCT FROM NEW.name")

    def body(self, model: Any) -> str:
        return "NEW.folded_name = NULL; RETURN NEW;"


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
            f"OLD.{column(model, model.label_field)}",
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


def column(model: Any, name: str) -> str:
    return str(model._meta.get_field(name).column)


def row(alias: str, columns: Sequence[str]) -> str:
    return f"ROW({', '.join(f'{alias}.{column}' for column in columns)})"
