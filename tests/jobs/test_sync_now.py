"""Sync now and Pull this one: a job for single records, and what goes with them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from companies.models import AuditEntry, Company, Role
from connectors.models import Connection, Link
from jobs.models import JobOutcome, JobState, SyncJob
from records.models import Record, Status
from syncqueue.models import State, SyncQueueItem
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def books(company: Company) -> Connection:
    return factories.connection(company=company)


@pytest.fixture
def nancy(company: Company) -> User:
    return factories.member(company=company)


@pytest.fixture
def browser(client: Client, nancy: User) -> Client:
    client.force_login(nancy)
    return client


def item_of(record: Record) -> SyncQueueItem:
    return SyncQueueItem.objects.open().get(record_type=record.record_type, record_id=record.pk)


def said(browser: Client, path: str, **data: object) -> str:
    return browser.post(path, data, follow=True).content.decode()


def finish(job: SyncJob) -> None:
    SyncJob.objects.filter(pk=job.pk).update(
        state=JobState.FINISHED, outcome=JobOutcome.SUCCEEDED, completed_at=timezone.now()
    )


def test_chosen_records_are_sent_with_what_they_refer_to(
    browser: Client, books: Connection, company: Company
) -> None:
    item = factories.item(company=company)
    line = {"item": item, "quantity": 1, "unit_price": Decimal(5)}
    invoice = factories.invoice(company=company, lines=[line])
    payment = factories.payment(company=company, applications=[(invoice, Decimal(5))])
    factories.customer(company=company)
    SyncQueueItem.objects.filter(record_type="invoice").update(state=State.FAILED, attempts=4)
    browser.post("/queue/sync-now/", {"pick": item_of(payment).pk})
    needed = [payment, invoice, invoice.customer, item]
    assert SyncJob.objects.get().scope == {"items": sorted(item_of(one).pk for one in needed)}
    assert item_of(invoice).state == State.WAITING
    assert item_of(invoice).attempts == 0
    entry = AuditEntry.objects.get(action="queue.sync_now")
    assert entry.target == str(payment)


def test_what_is_held_stays_and_is_said_so(
    browser: Client, books: Connection, company: Company
) -> None:
    customer = factories.customer(company=company)
    SyncQueueItem.objects.update(held_at=timezone.now())
    page = said(browser, "/queue/sync-now/", pick=item_of(customer).pk)
    assert "None of this waits to be sent. What is held: release it." in page
    assert not SyncJob.objects.exists()
    assert not AuditEntry.objects.exists()


def test_during_an_open_job_they_go_with_the_next(
    browser: Client, books: Connection, company: Company
) -> None:
    job = SyncJob.objects.create(connection=books, company=company)
    customer = factories.customer(company=company)
    page = said(browser, f"/records/customer/{customer.pk}/sync/")
    assert "is still running. It sends these records when it has finished." in page
    job.refresh_from_db()
    assert job.run_again
    assert SyncJob.objects.count() == 1


def test_a_record_that_is_not_in_the_queue_is_put_there(
    browser: Client, books: Connection, company: Company, nancy: User
) -> None:
    customer = factories.customer(company=company)
    SyncQueueItem.objects.all().delete()
    browser.post(f"/records/customer/{customer.pk}/sync/")
    item = item_of(customer)
    assert (item.operation, item.origin, item.changed_by) == ("create", "web", nancy)
    assert SyncJob.objects.get().scope == {"items": [item.pk]}


def test_a_draft_is_not_put_there(browser: Client, books: Connection, company: Company) -> None:
    draft = factories.invoice(company=company, status=Status.DRAFT)
    page = said(browser, f"/records/invoice/{draft.pk}/sync/")
    assert "A draft is not sent to accounting. Issue it first." in page
    assert not SyncJob.objects.exists()


def test_a_paused_connection_says_so_and_changes_nothing(
    browser: Client, books: Connection, company: Company
) -> None:
    customer = factories.customer(company=company)
    SyncQueueItem.objects.update(state=State.FAILED)
    books.paused_at = timezone.now()
    books.save()
    page = said(browser, "/queue/sync-now/", pick=item_of(customer).pk)
    assert "This connection is paused." in page
    assert item_of(customer).state == State.FAILED


def test_pull_this_one_opens_a_job_for_their_object(
    browser: Client, books: Connection, company: Company
) -> None:
    customer = factories.customer(company=company)
    address = f"/records/customer/{customer.pk}/pull/"
    assert "There is nothing to pull" in said(browser, address)
    Link.objects.create(
        connection=books,
        company=company,
        record_type="customer",
        record_id=customer.pk,
        external_id="58",
    )
    browser.post(address)
    job = SyncJob.objects.get()
    assert job.scope == {"pull": [["customer", "58"]]}
    assert AuditEntry.objects.filter(action="record.pull").count() == 1
    assert "Pull this record when it has finished." in said(browser, address)
    finish(job)
    browser.post(address)
    assert SyncJob.objects.count() == 2


def test_a_viewer_does_neither(client: Client, books: Connection, company: Company) -> None:
    client.force_login(factories.member(company=company, role=Role.VIEWER))
    customer = factories.customer(company=company)
    for do in ("sync", "pull"):
        assert client.post(f"/records/customer/{customer.pk}/{do}/").status_code == 403
    page = client.get(f"/admin/records/customer/{customer.pk}/change/").content.decode()
    assert "Sync now" not in page


def test_without_a_connection_it_is_said(browser: Client, company: Company) -> None:
    customer = factories.customer(company=company)
    page = said(browser, f"/records/customer/{customer.pk}/sync/")
    assert "No accounting system is connected." in page
    assert "No accounting system is connected." in said(browser, "/queue/sync-now/", pick=1)
