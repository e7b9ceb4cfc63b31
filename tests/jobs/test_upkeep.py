"""Reconciliation, retention, strikes, scopes and mappings."""

from __future__ import annotations

import datetime

import pgtrigger
import pytest
from django.utils import timezone

from companies.models import Company
from connectors.models import Connection, Link
from jobs import lease, retention, strikes
from jobs.connect import CannotConnect, close, connect
from jobs.control import cancel, open_job
from jobs.models import Attempt, Exchange, ExchangeBody, JobOutcome, SyncError, SyncJob, Trigger
from jobs.reconcile import reconcile
from jobs.runner import run_slice
from records.models import Customer, Item, PaymentMethod
from syncqueue.models import State, SyncQueueItem
from tests import factories
from tests.books import Books, connected
from tests.jobs.jobrun import invoice, run_job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company(books: Books) -> Company:
    return factories.company()


@pytest.fixture
def connection(company: Company) -> Connection:
    return connected(company)


def test_an_edit_that_no_trigger_saw_reaches_the_books(
    books: Books, company: Company, connection: Connection
) -> None:
    customer = factories.customer(company=company, name="Seen")
    run_job(connection)
    with pgtrigger.ignore():
        Customer.objects.filter(pk=customer.pk).update(name="Unseen")
    assert not SyncQueueItem.objects.open().exists()

    tallies = {tally.record_type: tally for tally in reconcile(connection)}
    run_job(connection)

    assert tallies["customer"].queued == 1
    assert books.all("Customer")[0]["DisplayName"] == "Unseen"
    assert sum(tally.queued for tally in reconcile(connection)) == 0


def test_a_record_that_no_trigger_saw_reaches_the_books(
    books: Books, company: Company, connection: Connection
) -> None:
    with pgtrigger.ignore():
        factories.customer(company=company, name="Unseen")
    list(reconcile(connection))
    run_job(connection)
    assert books.all("Customer")[0]["DisplayName"] == "Unseen"


def test_retention_keeps_what_is_unsettled_and_the_last_job(
    books: Books, company: Company, connection: Connection
) -> None:
    factories.customer(company=company)
    run_job(connection)
    last = run_job(connection)
    later = timezone.now() + datetime.timedelta(days=500)
    open_exchange = Exchange.objects.create(
        job=last, connection=connection, company=company, is_write=True, method="POST", url="/"
    )
    ExchangeBody.objects.create(exchange=open_exchange, company=company)

    gone = retention.clean(now=later)

    assert list(SyncJob.objects.all()) == [last]
    assert list(Exchange.objects.all()) == [open_exchange]
    assert list(ExchangeBody.objects.values_list("pk", flat=True)) == [open_exchange.pk]
    assert not SyncQueueItem.objects.exists()
    assert gone["jobs"] == 2
    assert Link.objects.filter(record_type="customer").exists()


def test_bodies_go_first_and_the_journal_stays(
    books: Books, company: Company, connection: Connection
) -> None:
    factories.customer(company=company)
    run_job(connection)
    retention.clean(now=timezone.now() + datetime.timedelta(days=31))
    assert not ExchangeBody.objects.exists()
    assert not SyncQueueItem.objects.exists()
    assert Attempt.objects.get().outcome == "accepted"


def test_a_record_that_keeps_killing_its_worker_is_put_aside(
    books: Books, company: Company, connection: Connection, settings
) -> None:
    settings.SYNC_LEASE_SECONDS = 60
    factories.customer(company=company, name="Poison")
    factories.customer(company=company, name="Fine")
    poison = SyncQueueItem.objects.get(label="Poison")
    job = open_job(connection=connection).job
    assert job
    for kill in range(3):  # Each time the worker dies while it looks at the record.
        mine = lease.acquire(job_id=job.pk, owner="doomed")
        assert mine
        if kill == 2:
            SyncJob.objects.filter(pk=job.pk).update(
                checkpoint={"strikes": 2, "mark": [0, 0, 0, []], "suspect": poison.pk}
            )
        SyncJob.objects.filter(pk=job.pk).update(
            lease_expires_at=timezone.now() - datetime.timedelta(seconds=1)
        )

    run_slice(job_id=job.pk)

    job.refresh_from_db()
    poison.refresh_from_db()
    assert job.outcome == JobOutcome.WITH_ERRORS
    assert poison.state == State.FAILED
    assert SyncError.objects.get().code == "worker_killed"
    assert [row["DisplayName"] for row in books.all("Customer")] == ["Fine"]


def test_a_job_that_keeps_killing_its_worker_ends(company: Company, connection: Connection) -> None:
    job = open_job(connection=connection).job
    assert job
    SyncJob.objects.filter(pk=job.pk).update(
        checkpoint={"strikes": strikes.MOST_STRIKES - 1, "mark": [0, 0, 0, []]},
        lease_expires_at=timezone.now() - datetime.timedelta(seconds=1),
    )
    run_slice(job_id=job.pk)
    job.refresh_from_db()
    assert job.outcome == JobOutcome.FAILED
    assert "3 times" in job.explanation


def test_a_canceled_job_ends_and_what_was_not_sent_waits(
    books: Books, company: Company, connection: Connection
) -> None:
    factories.customer(company=company)
    job = open_job(connection=connection).job
    assert job
    cancel(job=job, user=None)
    run_slice(job_id=job.pk)
    job.refresh_from_db()
    assert job.outcome == JobOutcome.CANCELED
    assert SyncQueueItem.objects.get().state == State.WAITING


def test_a_job_that_shall_run_again_has_a_successor(connection: Connection) -> None:
    job = open_job(connection=connection).job
    open_job(connection=connection, trigger=Trigger.RETRY)
    assert job
    run_slice(job_id=job.pk)
    successor = SyncJob.objects.open().get()
    assert successor.pk > job.pk
    assert successor.trigger == Trigger.RETRY


def test_a_scope_sends_only_these_items(
    books: Books, company: Company, connection: Connection
) -> None:
    wanted = factories.customer(company=company, name="Wanted")
    factories.customer(company=company, name="Other")
    item = SyncQueueItem.objects.get(record_id=wanted.pk)
    run_job(connection, scope={"items": [item.pk]})
    assert [row["DisplayName"] for row in books.all("Customer")] == ["Wanted"]


def test_a_scope_pulls_only_these_objects(
    books: Books, company: Company, connection: Connection
) -> None:
    customer = factories.customer(company=company, name="Before")
    run_job(connection)
    [row] = books.all("Customer")
    books.edit("Customer", row["Id"], DisplayName="After")
    run_job(connection, scope={"pull": [["customer", row["Id"]]]})
    customer.refresh_from_db()
    assert customer.name == "After"


def test_without_a_default_account_items_wait_for_the_mapping_with_one_error(
    books: Books, company: Company, connection: Connection
) -> None:
    defaults = connection.defaults
    Connection.objects.filter(pk=connection.pk).update(defaults={})
    for _ in range(3):
        factories.item(company=company, kind=Item.Kind.SERVICE)

    job = run_job(connection)

    assert job.error_count == SyncError.objects.unresolved().count() == 1
    assert set(SyncQueueItem.objects.open().values_list("state", flat=True)) == {State.BLOCKED}

    Connection.objects.filter(pk=connection.pk).update(defaults=defaults)
    job = run_job(connection)

    assert job.outcome == JobOutcome.SUCCEEDED, job.explanation
    assert not SyncError.objects.unresolved().exists()
    assert not SyncQueueItem.objects.open().exists()


def test_an_unmapped_payment_method_is_one_error_for_all_that_wait(
    books: Books, company: Company, connection: Connection
) -> None:
    method = PaymentMethod.objects.create(company=company, name="Barter")
    for _ in range(2):
        factories.payment(company=company, method=method)

    job = run_job(connection)

    assert job.error_count == 1
    assert "Barter" in SyncError.objects.get().message
    assert SyncQueueItem.objects.filter(state=State.BLOCKED).count() == 2


def test_a_document_of_a_deleted_customer_says_so(
    books: Books, company: Company, connection: Connection
) -> None:
    made = invoice(company)
    made.customer.mark_deleted()
    job = run_job(connection)
    assert job.error_count == 1
    assert "deleted here" in SyncError.objects.get().message
    assert SyncQueueItem.objects.get(record_type="invoice").state == State.FAILED


def test_closing_skips_what_waits_and_coming_back_reuses_the_links(
    books: Books, company: Company, connection: Connection
) -> None:
    customer = factories.customer(company=company)
    run_job(connection)
    factories.customer(company=company, name="Late")

    assert close(connection) == 1
    factories.customer(company=company, name="Unheard")  # No connection, no capture.
    assert not SyncQueueItem.objects.open().exists()

    again = connected(company, initial_load=True)
    assert again.pk == connection.pk
    run_job(again)
    assert {row["DisplayName"] for row in books.all("Customer")} == {
        customer.name,
        "Late",
        "Unheard",
    }
    assert set(books.creates_per_marker().values()) == {1}


def test_other_books_need_the_old_connection_closed(
    company: Company, connection: Connection
) -> None:
    with pytest.raises(CannotConnect, match="Close that connection first"):
        connect(
            company=company,
            kind="quickbooks_online",
            account_id="another",
            credentials={},
            user=None,
        )
