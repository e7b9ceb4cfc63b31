"""What the database refuses, whoever writes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection

from companies.models import Company
from records.models import LINE_MODELS, RECORD_MODELS, Customer, Invoice, InvoiceLine, Item, Status
from tests import factories

pytestmark = pytest.mark.django_db

TABLES = [model._meta.db_table for model in (*RECORD_MODELS.values(), *LINE_MODELS.values())]


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def stranger() -> Company:
    return factories.company()


@pytest.mark.parametrize("table", TABLES)
def test_truncate_is_refused(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL sync.truncate = 'off'")
        with pytest.raises(IntegrityError, match="Use DELETE instead"):
            cursor.execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    ("before", "after"),
    [(Status.ISSUED, Status.DRAFT), (Status.VOIDED, Status.ISSUED), (Status.VOIDED, Status.DRAFT)],
)
@pytest.mark.parametrize("make", [factories.invoice, factories.bill, factories.payment])
def test_a_status_never_goes_back(
    company: Company, make: Callable[..., Any], before: Status, after: Status
) -> None:
    document = make(company=company, status=before)
    with pytest.raises(IntegrityError, match=f"is {before} and cannot become {after} again"):
        type(document).objects.filter(pk=document.pk).update(status=after)


@pytest.mark.parametrize(
    ("before", "after"),
    [(Status.DRAFT, Status.ISSUED), (Status.DRAFT, Status.VOIDED), (Status.ISSUED, Status.VOIDED)],
)
def test_a_status_goes_forward(company: Company, before: Status, after: Status) -> None:
    factories.invoice(company=company, status=before)
    Invoice.objects.update(status=after)
    assert Invoice.objects.get().status == after


def test_a_record_keeps_its_company(company: Company, stranger: Company) -> None:
    factories.customer(company=company)
    with pytest.raises(IntegrityError, match="keeps its company"):
        Customer.objects.update(company=stranger)


def test_a_new_record_cannot_refer_to_another_company(company: Company, stranger: Company) -> None:
    theirs = factories.customer(company=stranger)
    with pytest.raises(IntegrityError, match="customer belongs to another company"):
        factories.invoice(company=company, customer=theirs)


def test_a_reference_cannot_be_changed_to_another_company(
    company: Company, stranger: Company
) -> None:
    factories.item(company=company)
    theirs = factories.vendor(company=stranger)
    with pytest.raises(IntegrityError, match="preferred vendor belongs to another company"):
        Item.objects.update(preferred_vendor=theirs)


def test_one_wrong_reference_among_many_rows_is_found(company: Company, stranger: Company) -> None:
    mine, theirs = factories.customer(company=company), factories.customer(company=stranger)
    people = [mine] * 50 + [theirs] + [mine] * 50
    with pytest.raises(IntegrityError, match="another company"):
        Invoice.objects.bulk_create(
            [Invoice(company=company, customer=person, number="1") for person in people]
        )


@pytest.mark.parametrize("field", ["item", "tax_code"])
def test_a_line_cannot_refer_to_another_company(
    company: Company, stranger: Company, field: str
) -> None:
    invoice = factories.invoice(company=company)
    theirs = getattr(factories, field)(company=stranger)
    with pytest.raises(IntegrityError, match="another company"):
        invoice.lines.update(**{field: theirs})


def test_a_line_cannot_be_moved_to_a_document_of_another_company(
    company: Company, stranger: Company
) -> None:
    factories.invoice(company=company)
    theirs = factories.invoice(company=stranger, lines=[])
    with pytest.raises(IntegrityError, match="invoice belongs to another company"):
        InvoiceLine.objects.update(invoice=theirs)


def test_a_payment_cannot_settle_an_invoice_of_another_company(
    company: Company, stranger: Company
) -> None:
    theirs = factories.invoice(company=stranger)
    mine = factories.customer(company=company)
    with pytest.raises(IntegrityError, match="invoice belongs to another company"):
        factories.payment(company=company, customer=mine, applications=[(theirs, Decimal(10))])


def test_references_inside_a_company_are_fine_and_so_is_none(company: Company) -> None:
    vendor = factories.vendor(company=company)
    item = factories.item(company=company, preferred_vendor=vendor)
    Item.objects.update(preferred_vendor=None)
    item.refresh_from_db()
    assert item.preferred_vendor is None
