"""A worker that slept through its lease and wakes after another one has taken over."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from connectors.models import Connection, Cursor, Link
from jobs.control import open_job
from jobs.foreground import follow
from jobs.models import Attempt, Exchange, SyncError, SyncJob
from syncqueue.models import SyncQueueItem
from tests import factories
from tests.books import connected
from tests.faults.books import Books
from tests.faults.forks import forked, wake

pytestmark = pytest.mark.django_db(transaction=True)
ALWAYS = {"fault": "latency", "seconds": 0, "times": 1_000_000}


@pytest.fixture
def connection(books: Books, settings) -> Connection:
    settings.SYNC_PROVIDER_TIMEOUT_SECONDS = 1.0
    settings.SYNC_LEASE_SECONDS = 1.0
    settings.SYNC_HEARTBEAT_SECONDS = 0.2
    return connected(factories.company())


def everything() -> dict[str, list[Any]]:
    models = (SyncJob, Exchange, Attempt, SyncError, Link, Cursor, SyncQueueItem)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


@pytest.mark.parametrize(
    "step", ["export.written", "export.sent", "export.stored", "import.read", "finish"]
)
def test_it_writes_nothing_and_sends_nothing(
    books: Books, connection: Connection, step: str
) -> None:
    factories.customer(company=connection.company)
    job = open_job(connection=connection).job
    assert job
    zombie = forked(job, signal.SIGSTOP, step)
    follow(job, tell=lambda job: None)
    books.plan([ALWAYS])
    before = everything()

    wake(zombie)

    assert everything() == before
    books.plan([])
    assert books.injected["latency"] == 0
    assert set(books.creates_per_marker().values()) == {1}


def test_asleep_between_its_last_look_and_the_socket_it_sends_what_is_known_already(
    books: Books, connection: Connection
) -> None:
    factories.customer(company=connection.company)
    job = open_job(connection=connection).job
    assert job
    zombie = forked(job, signal.SIGSTOP, "export.sending")
    follow(job, tell=lambda job: None)
    before, written = everything(), books.log()

    wake(zombie)

    assert everything() == before
    assert books.log() == written


def test_asleep_in_a_transaction_it_keeps_the_job_and_goes_on(
    books: Books, connection: Connection
) -> None:
    """Its locks outlast the lease: nobody takes over, and nothing is written by two."""
    factories.customer(company=connection.company)
    job = open_job(connection=connection).job
    assert job
    zombie = forked(job, signal.SIGSTOP, "export.claimed")
    wake(zombie)
    follow(job, tell=lambda job: None)

    assert len(books.all("Customer")) == 1
    assert not SyncQueueItem.objects.open().exists()
