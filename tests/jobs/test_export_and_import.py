"""One job against the simulated books: what is sent, what is refused, what comes back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.models import Link
from jobs.models import JobOutcome, SyncError
from records.models import Customer, Invoice
from syncqueue.models import State, SyncQueueItem
from tests import factories
from tests.books import Books, connected
from tests.jobs.jobrun import invoice, run_job

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_customer_an_item_an_invoice_and_a_payment_reach_the_books(books: Books) -> None:
    company = factories.company()
    connection = connected(company)
    customer = factories.customer(company=company, name="Around the Horn")
    item = factories.item(company=company, name="Chai", unit_price=Decimal("18"))
    invoice = factories.invoice(
        company=company,
        customer=customer,
        lines=[{"item": item, "quantity": 3, "unit_price": Decimal("18")}],
    )
    factories.payment(company=company, applications=[(invoice, Decimal("54"))])

    job = run_job(connection)

    assert job.outcome == JobOutcome.SUCCEEDED, list(SyncError.objects.values())
    assert job.exported == 4
    assert books.named("Customer", "Around the Horn")
    [sent] = books.all("Invoice")
    assert Decimal(str(sent["TotalAmt"])) == 54
    [payment] = books.all("Payment")
    assert payment["Line"][0]["LinkedTxn"][0]["TxnId"] == sent["Id"]
    assert SyncQueueItem.objects.open().count() == 0
    assert Link.objects.filter(connection=connection, record_type="invoice").count() == 1
    invoice.refresh_from_db()
    assert invoice.balance == 0


def test_a_second_job_writes_nothing(books: Books) -> None:
    company = factories.company()
    connection = connected(company)
    customer = factories.customer(company=company)
    invoice(company, customer=customer)
    run_job(connection)
    before = books.log()

    job = run_job(connection)

    assert books.log() == before
    assert (job.exported, job.imported, job.error_count) == (0, 0, 0)


def test_a_refused_customer_is_one_error_and_its_invoices_wait(books: Books) -> None:
    company = factories.company()
    connection = connected(company)
    customer = factories.customer(company=company, name="Horn: Around")
    invoice(company, customer=customer)
    invoice(company, customer=customer)

    job = run_job(connection)

    assert job.outcome == JobOutcome.WITH_ERRORS
    [error] = SyncError.objects.filter(job=job)
    assert error.advice
    assert job.error_count == 1
    assert SyncQueueItem.objects.filter(state=State.BLOCKED).count() == 2

    Customer.objects.filter(pk=customer.pk).update(name="Horn Around")
    job = run_job(connection)

    assert job.outcome == JobOutcome.SUCCEEDED
    assert len(books.all("Invoice")) == 2
    assert SyncError.objects.unresolved().count() == 0


def test_a_customer_renamed_there_is_renamed_here(books: Books) -> None:
    company = factories.company()
    connection = connected(company)
    customer = factories.customer(company=company, name="Old name")
    run_job(connection)

    books.edit("Customer", books.named("Customer", "Old name")["Id"], DisplayName="New name")
    job = run_job(connection)

    customer.refresh_from_db()
    assert customer.name == "New name"
    assert job.imported == 1
    assert SyncQueueItem.objects.open().count() == 0


def test_a_changed_invoice_is_updated_and_a_voided_one_voided(books: Books) -> None:
    company = factories.company()
    connection = connected(company)
    changed = invoice(company)
    voided = invoice(company)
    run_job(connection)

    line = changed.lines.get()
    line.quantity = 7
    line.save()
    Invoice.objects.filter(pk=voided.pk).update(status="voided")
    job = run_job(connection)

    assert job.exported == 2
    by_number = {row["DocNumber"]: row for row in books.all("Invoice")}
    assert by_number[changed.number]["Line"][0]["SalesItemLineDetail"]["Qty"] == 7
    assert by_number[voided.number]["TotalAmt"] == 0


def test_what_was_deleted_before_it_was_sent_is_superseded(books: Books) -> None:
    company = factories.company()
    connection = connected(company)
    customer = factories.customer(company=company, name="Short-lived")
    customer.mark_deleted()

    run_job(connection)

    assert SyncQueueItem.objects.get().state == State.SUPERSEDED
    assert not [row for row in books.all("Customer") if row["DisplayName"] == "Short-lived"]
