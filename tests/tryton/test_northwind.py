"""Sample data in Tryton's own ledger: read by its interface, and equal to ours to the cent."""

from __future__ import annotations

import datetime
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Sum

from connectors.documents import RecordType
from connectors.models import Connection, Link
from jobs.control import open_job
from jobs.foreground import follow
from jobs.models import JobOutcome, SyncError
from records.models import Customer, Invoice, InvoiceLine, Item, PaymentApplication
from syncapp.tryton_server import TrytonServer
from syncapp.tryton_server.rpc import Client
from syncqueue.models import SyncQueueItem
from tests import factories
from tests.tryton.conftest import connected

pytestmark = pytest.mark.django_db(transaction=True)
# Prices and discounts of the kind that half-up and half-even rounding disagree on.
PRICES = ("14.0000", "9.8000", "0.335", "2.125", "33.333", "1.005", "18.9525")
QUANTITIES = (1, 3, 5, 12, 40, 7)
INVOICES = 60


def test_the_ledger_equals_ours_to_the_cent(
    server: TrytonServer, client: Client, tmp_path: Path
) -> None:
    company = factories.company()
    customers = [factories.customer(company=company) for _ in range(12)]
    items = [factories.item(company=company, sku=f"P{number}") for number in range(15)]
    for number in range(INVOICES):
        lines = [
            {
                "item": items[(number + place) % len(items)],
                "quantity": QUANTITIES[(number + place) % len(QUANTITIES)],
                "unit_price": Decimal(PRICES[(number * 3 + place) % len(PRICES)]),
            }
            for place in range(1 + number % 3)
        ]
        invoice = factories.invoice(
            company=company,
            customer=customers[number % len(customers)],
            number=str(10_000 + number),
            date=datetime.date(1997, 1, 1) + datetime.timedelta(days=5 * number),
            due_date=datetime.date(1997, 2, 1) + datetime.timedelta(days=5 * number),
            lines=lines,
        )
        if number % 4 == 0:
            paid = invoice.total if number % 8 else (invoice.total / 2).quantize(Decimal("0.01"))
            factories.payment(
                company=company,
                date=datetime.date(1998, 1, 9),
                applications=[(invoice, paid)],
            )
    factories.invoice(company=company, customer=customers[0], status="draft")
    connection = connected(company, server, tmp_path, accept_exact=True, initial_load=True)

    opened = open_job(connection=connection)
    assert opened.job
    job = follow(opened.job, tell=lambda job: None)

    assert job.outcome == JobOutcome.SUCCEEDED, list(SyncError.objects.values("message", "detail"))
    assert not SyncQueueItem.objects.open().exists()
    posted = client.find(
        "account.invoice",
        [["state", "in", ["posted", "paid"]]],
        "untaxed_amount",
        "lines.product",
        "lines.amount",
    )
    assert len(posted) == INVOICES
    assert client("model.account.invoice.search_count", []) == INVOICES
    assert receivables(client) == our_receivables(connection)
    assert revenue(posted) == our_revenue(connection)


def receivables(client: Client) -> dict[str, Decimal]:
    """What each party owes, from the lines of posted moves on receivable accounts."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    lines = client.find(
        "account.move.line",
        [["account.type.receivable", "=", True], ["move.state", "=", "posted"]],
        "party",
        "debit",
        "credit",
    )
    for line in lines:
        found[str(line["party"])] += number(line["debit"]) - number(line["credit"])
    return dict(found)


def our_receivables(connection: Connection) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for customer_id, external_id in links(connection, RecordType.CUSTOMER):
        issued = Invoice.objects.filter(customer_id=customer_id, status="issued")
        paid = PaymentApplication.objects.filter(invoice__in=issued)
        owed = issued.aggregate(sum=Sum("total"))["sum"] or Decimal(0)
        found[external_id] = owed - (paid.aggregate(sum=Sum("amount"))["sum"] or Decimal(0))
    assert len(found) == Customer.objects.count()
    return found


def revenue(posted: list[dict]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for invoice in posted:
        for line in invoice["lines."]:
            found[str(line["product"])] += number(line["amount"])
    return dict(found)


def our_revenue(connection: Connection) -> dict[str, Decimal]:
    sold = InvoiceLine.objects.filter(invoice__status="issued").values_list("item_id")
    by_item = dict(sold.annotate(sum=Sum("amount")))
    found = {external: by_item[item] for item, external in links(connection, RecordType.ITEM)}
    assert len(found) == Item.objects.count()
    return found


def links(connection: Connection, record_type: RecordType) -> list[tuple[int, str]]:
    rows = Link.objects.filter(connection=connection, record_type=record_type)
    return list(rows.values_list("record_id", "external_id"))


def number(value: dict[str, str]) -> Decimal:
    return Decimal(value["decimal"])
