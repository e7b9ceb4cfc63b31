"""What holds the house together: names, layers, the direction of rows, and lists kept equal."""

from __future__ import annotations

import importlib
import os
import queue
import subprocess
import sys
import sysconfig
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models import ForeignKey, Model

from connectors.documents import DOCUMENT_CLASSES, RANKS, RecordType
from jobs.models import SyncError, SyncJob
from jobs.tables import SyncErrorTable, SyncJobTable
from records import triggers
from records.models import LINE_MODELS, RECORD_MODELS
from syncqueue import models as syncqueue
from ui.tables import REGISTRY, Table

ROOT = Path(__file__).resolve().parent.parent
# From the top to the bottom; those of one level do not know each other.
LAYERS = [{"syncapp"}, {"jobs"}, {"queue"}, {"connectors", "records"}, {"companies"}, {"ui"}]
OURS = set().union(*LAYERS)


def level(label: str) -> int:
    return next(n for n, layer in enumerate(LAYERS) if label in layer)


def run(*command: str, **environment: str) -> str:
    """What the command prints when it is started in the checkout. It has to succeed."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def models() -> list[type[Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in OURS]


# -- names ---------------------------------------------------------------------------------------


def test_queue_is_still_the_standard_librarys() -> None:
    library = Path(sysconfig.get_path("stdlib"))
    assert Path(queue.__file__) == library / "queue.py"
    # Resolved afresh, as a process would that starts in the checkout with our path.
    found = PathFinder.find_spec("queue", [*sys.path, str(ROOT), str(ROOT / "queue")])
    assert found is not None
    assert found.origin == str(library / "queue.py")


def test_the_source_root_queue_is_no_package() -> None:
    assert not (ROOT / "queue" / "__init__.py").exists()
    assert syncqueue.__name__ == "syncqueue.models"
    assert syncqueue.SyncQueueItem._meta.app_label == "queue"
    code = "import syncapp, sys; print(sys.path[-1])"
    assert run(sys.executable, "-c", code) == str(ROOT / "queue")


@pytest.mark.parametrize("module", ["kombu", "redis", "gunicorn.app.wsgiapp", "asgiref.sync"])
def test_those_who_import_queue_start_in_the_checkout(module: str) -> None:
    code = f"import syncapp, queue, {module}; assert queue.SimpleQueue; print(queue.__file__)"
    library = Path(sysconfig.get_path("stdlib"))
    assert run(sys.executable, "-c", code) == str(library / "queue.py")


def test_nothing_is_called_utils() -> None:
    forbidden = {"utils", "helpers", "common", "core", "base", "services"}
    folders = ["syncapp", "jobs", "queue", "connectors", "records", "companies", "ui", "simulators"]
    found = [
        path.relative_to(ROOT)
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if forbidden & {path.stem, *path.relative_to(ROOT).parts}
    ]
    assert found == []


# -- layers --------------------------------------------------------------------------------------


def test_each_layer_imports_only_what_lies_below_it() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    assert "0 broken" in run(str(linter), "--no-cache", PYTHONPATH=str(ROOT / "queue"))


def test_rows_point_only_downwards() -> None:
    upwards = [
        f"{model._meta.label}.{field.name}"
        for model in models()
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey)
        and field.related_model._meta.app_label in OURS
        and level(field.related_model._meta.app_label) < level(model._meta.app_label)
    ]
    assert upwards == []


def test_records_and_connectors_have_no_rows_of_each_other() -> None:
    for model in models():
        label = model._meta.app_label
        if label in {"records", "connectors"}:
            targets = {
                field.related_model._meta.app_label
                for field in model._meta.get_fields()
                if isinstance(field, ForeignKey)
            }
            assert targets <= {label, "companies", "auth"}, model


# -- lists kept equal ----------------------------------------------------------------------------


def test_the_record_types_are_those_of_the_connectors() -> None:
    assert set(RECORD_MODELS) == {str(kind) for kind in RecordType}
    assert set(RECORD_MODELS) == {str(kind) for kind in DOCUMENT_CLASSES}
    assert set(LINE_MODELS) <= set(RECORD_MODELS)


def test_the_triggers_rank_types_as_the_connectors_do() -> None:
    captured = {name for name, model in RECORD_MODELS.items() if model.synced_fields}
    assert dict(triggers.RANKS) == {str(k): n for k, n in RANKS.items() if str(k) in captured}


@pytest.mark.parametrize(
    "model", [*RECORD_MODELS.values(), *LINE_MODELS.values()], ids=lambda model: model.__name__
)
def test_synced_fields_are_columns(model: Any) -> None:
    columns = {field.attname for field in model._meta.concrete_fields}
    assert set(model.synced_fields) <= columns
    assert len(set(model.synced_fields)) == len(model.synced_fields)
    assert not {"total", "balance", "updated_at", "notes"} & set(model.synced_fields)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "model", [*RECORD_MODELS.values(), *LINE_MODELS.values()], ids=lambda model: model.__name__
)
def test_the_triggers_of_each_table_are_there_and_in_force(model: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT substring(tgname from 'pgtrigger_(.*)_[0-9a-f]{5}$') FROM pg_trigger"
            " WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgenabled = 'O'",
            [model._meta.db_table],
        )
        installed = {name for (name,) in cursor.fetchall()}
    assert installed == {trigger.name for trigger in model._meta.triggers}
    is_captured = bool(model.synced_fields)
    assert ({"capture_insert", "capture_update", "capture_delete"} <= installed) == is_captured


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


SORTED: list[tuple[type[Table], type[Model]]] = [
    (SyncJobTable, SyncJob),
    (SyncErrorTable, SyncError),
]


@pytest.mark.parametrize("table", REGISTRY.values(), ids=lambda table: table.table_name)
def test_a_table_sorts_by_six_columns_at_most(table: type[Table]) -> None:
    assert len(orders(table)) <= 6


@pytest.mark.parametrize(("table", "model"), SORTED, ids=lambda one: one.__name__)
def test_each_order_of_a_long_table_has_its_index_led_by_company(
    table: type[Table], model: type[Model]
) -> None:
    indexes = [
        tuple(name for name, _direction in index.fields_orders) for index in model._meta.indexes
    ]
    for order in orders(table):
        assert ("company", *order) in indexes


def orders(table: type[Table]) -> set[tuple[str, ...]]:
    """The columns of the rows that each heading sorts by; the primary key is the last."""
    found = {
        tuple(str(part).removesuffix("_id") for part in table.base_columns[name].order_by)
        for name in table.sortable()
    }
    assert all(order[-1] == "id" for order in found)
    return found


def test_every_app_has_a_test_folder() -> None:
    for name in ("companies", "records", "syncqueue", "connectors", "jobs", "ui", "syncapp"):
        assert importlib.import_module(name)
        assert (ROOT / "tests" / name).is_dir(), name
