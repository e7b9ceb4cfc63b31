"""Why a record is in the queue, in people's words: what differs from the last agreement."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from companies.models import Company
from connectors.documents import RecordType, to_json
from connectors.models import Connection, Link
from jobs import differences, mapping
from records.models import InvoiceLine, Record, Status
from syncqueue.models import SyncQueueItem
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def books(company: Company) -> Connection:
    return factories.connection(company=company)


def agreed(books: Connection, record: Record, number: str) -> Link:
    """Both sides have the record as it is now."""
    kind = RecordType(record.record_type)
    resolver = mapping.Resolver(books)
    loaded = mapping.load(record_type=kind, ids=[record.pk])
    resolver.load(mapping.references(kind, loaded.values()))
    content = to_json(mapping.to_document(kind, loaded[record.pk], resolver.resolve))
    return Link.objects.create(
        connection=books,
        company=books.company,
        record_type=kind,
        record_id=record.pk,
        external_id=number,
        ours=content,
        theirs=content,
    )


def said(books: Connection, record: Record) -> list[tuple[str, str, str]] | None:
    key = (RecordType(record.record_type), record.pk)
    found = differences.of_records(books, {key}).get(key)
    return None if found is None else [(one.field, one.old, one.new) for one in found]


def test_a_changed_field_is_said_as_the_form_calls_and_shows_it(
    company: Company, books: Connection
) -> None:
    customer = factories.customer(company=company, email="old@horn.example")
    agreed(books, customer, "7")
    assert said(books, customer) == []
    customer.email, customer.is_active, customer.city = "new@horn.example", False, "London"
    customer.save()
    assert said(books, customer) == [
        ("active", "yes", "no"),
        ("e-mail", "old@horn.example", "new@horn.example"),
        ("city", "", "London"),
    ]


def test_references_are_named_and_dates_and_numbers_are_written_out(
    company: Company, books: Connection
) -> None:
    old, new = (factories.customer(company=company, name=name) for name in ("Horn", "Bon app'"))
    agreed(books, old, "1")
    invoice = factories.invoice(
        company=company,
        customer=old,
        due_date=datetime.date(2026, 3, 3),
        lines=[{"description": "Tea", "quantity": 2, "unit_price": Decimal("18")}],
    )
    agreed(books, invoice, "2")
    invoice.customer, invoice.due_date = new, datetime.date(2026, 3, 10)
    invoice.save()
    InvoiceLine.objects.filter(invoice=invoice).update(quantity=1250)
    assert said(books, invoice) == [
        ("due date", "3 Mar 2026", "10 Mar 2026"),
        ("customer", "Horn", "Bon app'"),
        ("line 1, quantity", "2", "1,250"),
    ]


def test_lines_that_came_and_went_are_said_whole(company: Company, books: Connection) -> None:
    chai = factories.item(company=company, name="Chai")
    agreed(books, chai, "9")
    customer = factories.customer(company=company)
    agreed(books, customer, "1")
    line = {"item": chai, "quantity": 2, "unit_price": Decimal("18")}
    invoice = factories.invoice(company=company, customer=customer, lines=[line])
    agreed(books, invoice, "2")
    InvoiceLine.objects.filter(invoice=invoice).delete()
    InvoiceLine.objects.create(
        invoice=invoice, position=2, description="Postage", quantity=1, unit_price=Decimal("5.5")
    )
    assert said(books, invoice) == [
        ("line 1", "2 × Chai, 36", ""),
        ("line 2", "", "1 × Postage, 5.5"),
    ]


def test_a_payment_says_what_it_settles(company: Company, books: Connection) -> None:
    invoice = factories.invoice(company=company, number="INV-1")
    agreed(books, invoice.customer, "1")
    agreed(books, invoice, "2")
    payment = factories.payment(company=company, applications=[(invoice, Decimal("4"))])
    agreed(books, payment, "3")
    payment.applications.update(amount=Decimal("6.5"))
    assert said(books, payment) == [("applied to INV-1", "4", "6.5")]


def test_a_voided_document_says_so(company: Company, books: Connection) -> None:
    invoice = factories.invoice(company=company)
    agreed(books, invoice.customer, "1")
    agreed(books, invoice, "2")
    invoice.status = Status.VOIDED
    invoice.save()
    assert said(books, invoice) == [("state", "Issued", "Voided")]


def test_what_was_never_agreed_has_no_differences(company: Company, books: Connection) -> None:
    customer = factories.customer(company=company)
    assert said(books, customer) is None
    agreed(books, customer, "1")
    customer.mark_deleted()
    assert said(books, customer) is None


def test_what_was_only_matched_is_compared_with_what_they_have(
    company: Company, books: Connection
) -> None:
    customer = factories.customer(company=company, city="London")
    link = agreed(books, customer, "1")
    link.ours, link.theirs = {}, {**link.theirs, "city": "Paris"}
    link.save()
    assert said(books, customer) == [("city", "Paris", "London")]


def test_more_items_are_explained_with_no_more_queries(company: Company, books: Connection) -> None:
    def asked(count: int) -> int:
        for _number in range(count):
            invoice = factories.invoice(company=company)
            agreed(books, invoice.customer, f"c{invoice.pk}")
            agreed(books, invoice, f"i{invoice.pk}")
            invoice.memo = "Changed"
            invoice.save()
        items = list(SyncQueueItem.objects.all())
        with CaptureQueriesContext(database) as captured:
            found = differences.of_items(items)
        assert sum(map(len, found.values())) > 0
        return len(captured)

    few = asked(2)
    assert asked(20) == few
    assert few <= 10
