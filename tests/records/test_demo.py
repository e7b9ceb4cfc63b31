"""The demo company's records."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.db.models import Count, Sum

from records.demo import create_demo_records
from records.models import (
    Bill,
    Customer,
    Invoice,
    InvoiceLine,
    Item,
    Payment,
    PaymentApplication,
    Status,
    Vendor,
)
from syncqueue.models import SyncQueueItem
from tests import factories

TODAY = datetime.date(2026, 11, 23)


@pytest.mark.django_db
def test_the_demo_company_has_believable_records() -> None:
    company = factories.company()
    factories.connection(company=company)
    create_demo_records(company, today=TODAY)
    assert [m.objects.count() for m in (Customer, Vendor, Item, Invoice, Payment, Bill)] == [
        30,
        8,
        25,
        60,
        20,
        6,
    ]
    by_status = dict(Invoice.objects.values_list("status").annotate(n=Count("id")))
    assert by_status == {Status.DRAFT: 6, Status.ISSUED: 52, Status.VOIDED: 2}
    for invoice in Invoice.objects.annotate(lines_total=Sum("lines__amount")):
        assert invoice.total == invoice.lines_total > 0
        assert TODAY - datetime.timedelta(days=92) <= invoice.date <= TODAY
    queued = dict(SyncQueueItem.objects.values_list("record_type").annotate(n=Count("id")))
    assert queued == {
        "customer": 30,
        "vendor": 8,
        "item": 25,
        "invoice": 52,
        "bill": 5,
        "payment": 19,
    }


@pytest.mark.django_db
def test_the_demo_records_are_the_same_each_time() -> None:
    totals = []
    for _ in range(2):
        company = factories.company()
        create_demo_records(company, today=TODAY)
        totals.append(InvoiceLine.objects.filter(company=company).aggregate(s=Sum("amount"))["s"])
    assert totals[0] == totals[1]


@pytest.mark.django_db
def test_demo_payments_settle_no_more_than_their_invoices() -> None:
    create_demo_records(factories.company(), today=TODAY)
    for application in PaymentApplication.objects.select_related("invoice", "payment"):
        assert Decimal(0) < application.amount <= application.invoice.total
        assert application.amount == application.payment.amount
        assert application.payment.customer_id == application.invoice.customer_id
        assert application.payment.date <= TODAY
