"""Edits on both sides in every gap of a job: while its process sleeps at each named step."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection as database

from connectors.models import Connection
from jobs.control import open_job
from jobs.foreground import follow
from jobs.models import SyncJob
from jobs.runner import run_slice
from records.models import Customer
from syncqueue.models import SyncQueueItem
from tests import factories
from tests.books import connected
from tests.faults.books import Books
from tests.faults.forks import forked, wake
from tests.faults.plan import STEPS, WRITES

pytestmark = pytest.mark.django_db(transaction=True)
# What must go wrong before, for a job to come to these steps.
LOST = {
    "settle.looked_up": "cut_after",
    "settle.resending": "cut_before",
    "settle.stored": "cut_after",
}


@pytest.fixture
def connection(books: Books, settings) -> Connection:
    settings.SYNC_PROVIDER_TIMEOUT_SECONDS = 0.8
    return connected(factories.company())


@pytest.mark.parametrize("step", STEPS)
def test_what_is_edited_meanwhile_reaches_the_other_side(
    books: Books, connection: Connection, step: str
) -> None:
    customer = factories.customer(company=connection.company, name="First")
    follow(new_job(connection), tell=lambda job: None)
    there = books.named("Customer", "First")["Id"]
    Customer.objects.filter(pk=customer.pk).update(name="Second")
    job = new_job(connection)
    if step in LOST:
        books.plan([{"fault": LOST[step], "match": WRITES}])
        run_slice(job_id=job.pk)
        time.sleep(1)
    asleep = forked(job, signal.SIGSTOP, step)

    with ThreadPoolExecutor(1) as other:  # The process may hold the rows until it wakes.
        editing = other.submit(move, customer.pk, "Oslo")
        books.edit("Customer", there, **{"PrimaryPhone.FreeFormNumber": "555"})
        wake(asleep)
        editing.result(10)
    follow(job, tell=lambda job: None)
    follow(new_job(connection), tell=lambda job: None)

    customer.refresh_from_db()
    assert (customer.name, customer.city, customer.phone) == ("Second", "Oslo", "555")
    [row] = books.all("Customer")
    assert (row["DisplayName"], row["BillAddr"]["City"]) == ("Second", "Oslo")
    assert row["PrimaryPhone"]["FreeFormNumber"] == "555"
    assert not SyncQueueItem.objects.open().exists()


def move(pk: int, city: str) -> None:
    try:
        Customer.objects.filter(pk=pk).update(city=city)
    finally:
        database.close()


def new_job(connection: Connection) -> SyncJob:
    job = open_job(connection=connection).job
    assert job
    return job
