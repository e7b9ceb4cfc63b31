"""What the histories found out: each of these went wrong once, under some seed."""

from __future__ import annotations

import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Event

import pytest
from django.db import connection as database
from django.db import transaction

from companies.models import Company
from connectors.models import Connection, Link
from jobs.control import open_job
from jobs.foreground import follow
from jobs.models import SyncError, SyncJob
from jobs.runner import run_slice
from records import transitions
from records.models import Customer, Invoice, Item
from syncqueue.models import State, SyncQueueItem
from tests import factories
from tests.books import connected
from tests.faults.books import Books
from tests.faults.forks import forked

pytestmark = pytest.mark.django_db(transaction=True)
BATCH = {"method": "POST", "path": "/batch"}


@pytest.fixture
def company(books: Books, settings) -> Company:
    settings.SYNC_PROVIDER_TIMEOUT_SECONDS = 1.5
    return factories.company()


@pytest.fixture
def connection(company: Company) -> Connection:
    return connected(company)


def new_job(connection: Connection) -> SyncJob:
    job = open_job(connection=connection).job
    assert job
    return job


def run_job(connection: Connection) -> SyncJob:
    return follow(new_job(connection), tell=lambda job: None)


def sent_without_answer(books: Books, connection: Connection) -> SyncJob:
    """A job that waits, because what it sent was carried out and not answered."""
    books.set_faults({"match": BATCH, "fault": "cut_after"})
    job = new_job(connection)
    assert run_slice(job_id=job.pk) is not None
    assert SyncQueueItem.objects.filter(state=State.UNKNOWN).exists()
    return job


def test_an_edit_there_before_the_look_up_comes_to_us(
    books: Books, company: Company, connection: Connection
) -> None:
    customer = factories.customer(company=company, name="Ours", email="a@example.com")
    job = sent_without_answer(books, connection)
    there = books.named("Customer", "Ours")["Id"]
    books.edit("Customer", there, **{"PrimaryPhone.FreeFormNumber": "555"})

    follow(job, tell=lambda job: None)

    customer.refresh_from_db()
    assert customer.phone == "555"


def test_our_update_after_the_look_up_does_not_hide_their_edit(
    books: Books, company: Company, connection: Connection
) -> None:
    customer = factories.customer(company=company, name="Ours")
    job = sent_without_answer(books, connection)
    there = books.named("Customer", "Ours")["Id"]
    books.edit("Customer", there, **{"PrimaryPhone.FreeFormNumber": "555"})
    Customer.objects.filter(pk=customer.pk).update(email="b@example.com")

    follow(job, tell=lambda job: None)

    customer.refresh_from_db()
    assert (customer.phone, customer.email) == ("555", "b@example.com")
    row = books.named("Customer", "Ours")
    assert row["PrimaryEmailAddr"]["Address"] == "b@example.com"
    assert row["PrimaryPhone"]["FreeFormNumber"] == "555"


def test_an_item_with_another_price_there_before_the_look_up_is_ours(
    books: Books, company: Company, connection: Connection
) -> None:
    item = factories.item(company=company, name="Tea", unit_price=Decimal(2))
    factories.customer(company=company, name="Found first")
    job = sent_without_answer(books, connection)
    books.edit("Item", books.named("Item", "Tea")["Id"], UnitPrice="3.00")

    follow(job, tell=lambda job: None)

    assert not SyncQueueItem.objects.open().exists()
    assert Item.objects.get(pk=item.pk).unit_price == 3


def test_a_customer_renamed_there_before_the_look_up_is_not_created_again(
    books: Books, company: Company, connection: Connection
) -> None:
    customer = factories.customer(company=company, name="Ours")
    factories.customer(company=company, name="Found first")
    job = sent_without_answer(books, connection)
    books.edit("Customer", books.named("Customer", "Ours")["Id"], DisplayName="Theirs")

    follow(job, tell=lambda job: None)

    assert set(books.creates_per_marker().values()) == {1}
    customer.refresh_from_db()
    assert customer.name == "Theirs"


def test_one_record_whose_answer_stays_open_is_looked_up(
    books: Books, company: Company, connection: Connection
) -> None:
    """An answer that was stored and says "unknown" of a record must not be applied for ever."""
    factories.customer(company=company, name="Ours")
    fault = {"code": "10000", "Detail": "An application error has occurred"}
    body = {"BatchItemResponse": [{"bId": "0", "Fault": {"Error": [fault]}}]}
    answer = {"status": 200, "body": json.dumps(body), "when": "after"}
    books.set_faults({"match": BATCH, "fault": "status", **answer})

    job = run_job(connection)

    assert job.exported == 1
    assert len(books.all("Customer")) == 1


def test_reconnecting_settles_what_was_sent_before_and_clears_the_error(
    books: Books, company: Company, connection: Connection
) -> None:
    factories.customer(company=company, name="Before")
    run_job(connection)
    factories.customer(company=company, name="Ours")
    job = sent_without_answer(books, connection)
    books.make("Customer", DisplayName="New there")
    books.disconnect()
    follow(job, tell=lambda job: None)
    assert SyncError.objects.unresolved().filter(reason="auth").exists()

    connected(company)

    assert not SyncError.objects.unresolved().exists()
    assert not SyncQueueItem.objects.unsettled().exists()
    assert Customer.objects.filter(name="New there").exists()
    assert set(books.creates_per_marker().values()) == {1}


def test_what_is_voided_there_is_told_once(
    books: Books, company: Company, connection: Connection
) -> None:
    item = factories.item(company=company)
    factories.invoice(company=company, lines=[{"item": item, "unit_price": 5}])
    run_job(connection)
    [invoice] = books.all("Invoice")
    books.edit("Invoice", invoice["Id"], do="void")

    first, second = run_job(connection), run_job(connection)

    assert (first.error_count, second.error_count) == (1, 0)
    assert Link.objects.get(record_type="invoice").gone_at


def test_what_is_voided_there_before_the_look_up_is_gone(
    books: Books, company: Company, connection: Connection
) -> None:
    job = invoice_without_answer(books, connection)
    books.edit("Invoice", books.all("Invoice")[0]["Id"], do="void")

    follow(job, tell=lambda job: None)

    assert what_is_told() == [(State.CONFLICT, "gone")]


def test_what_is_voided_there_between_two_look_ups_is_gone(
    books: Books, company: Company, connection: Connection
) -> None:
    """The first was killed when it had linked it."""
    job = invoice_without_answer(books, connection)
    time.sleep(1.5)
    forked(job, signal.SIGKILL, "settle.stored")
    books.edit("Invoice", books.all("Invoice")[0]["Id"], do="void")
    SyncJob.objects.filter(pk=job.pk).update(lease_expires_at="2000-01-01T00:00Z")

    follow(job, tell=lambda job: None)

    assert what_is_told() == [(State.CONFLICT, "gone")]


def test_a_delete_whose_link_is_gone_already_is_settled(
    books: Books, company: Company, connection: Connection
) -> None:
    """The look-up before was killed when it had removed the link, and nothing is left to ask."""
    item = factories.item(company=company)
    invoice = factories.invoice(company=company, lines=[{"item": item, "unit_price": 5}])
    run_job(connection)
    transitions.delete(Invoice.objects.filter(pk=invoice.pk))
    job = sent_without_answer(books, connection)
    time.sleep(1.5)
    forked(job, signal.SIGKILL, "settle.stored")
    SyncJob.objects.filter(pk=job.pk).update(lease_expires_at="2000-01-01T00:00Z")

    job = follow(job, tell=lambda job: None)

    assert (job.outcome, job.exported) == ("succeeded", 1)
    assert not SyncQueueItem.objects.open().exists()
    assert not books.all("Invoice")


def invoice_without_answer(books: Books, connection: Connection) -> SyncJob:
    item = factories.item(company=connection.company)
    factories.customer(company=connection.company)
    run_job(connection)
    customer = Customer.objects.get(company=connection.company)
    lines = [{"item": item, "unit_price": 5}]
    factories.invoice(company=connection.company, customer=customer, lines=lines)
    return sent_without_answer(books, connection)


def what_is_told() -> list[tuple[str, str]]:
    """The state of each open item, and the reason of its open error."""
    return [
        (item.state, error.reason)
        for item in SyncQueueItem.objects.open()
        for error in SyncError.objects.unresolved().filter(item=item)
    ]


def test_what_is_being_edited_is_passed_over_and_nobody_spins(
    books: Books, company: Company, connection: Connection
) -> None:
    """Its row is locked until the edit commits: the rest goes, and it goes with the next job."""
    factories.customer(company=company, name="Sent")
    edited = factories.customer(company=company, name="Before")
    with ThreadPoolExecutor(1) as other:
        is_editing, may_commit = Event(), Event()
        editing = other.submit(rename_slowly, edited.pk, is_editing, may_commit)
        assert is_editing.wait(10)
        job = run_job(connection)
        may_commit.set()
        editing.result(10)

    assert job.exported == 1
    run_job(connection)
    assert {row["DisplayName"] for row in books.all("Customer")} == {"Sent", "After"}


def rename_slowly(pk: int, is_editing: Event, may_commit: Event) -> None:
    try:
        with transaction.atomic():
            Customer.objects.filter(pk=pk).update(name="After")
            is_editing.set()
            may_commit.wait(10)
    finally:
        database.close()
