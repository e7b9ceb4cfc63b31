"""Sample data in Tryton's own ledger: read by its interface, and equal to ours to the cent."""

from __future__ import annotations

import datetime
import os
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import Sum

from companies.models import Company
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
# The public sample data lies beside the repository, like the schemas of the other tests.
NORTHWIND = Path(__file__).parents[3] / "shared" / "data" / "northwind"
NORTHWIND_INVOICES = 809
WHOLE = "SYNCAPP_TEST_WHOLE_SAMPLE"
# Prices and discounts of the kind that half-up and half-even rounding disagree on.
PRICES = ("14.0000", "9.8000", "0.335", "2.125", "33.333", "1.005", "18.9525")
QUANTITIES = (1, 3, 5, 12, 40, 7)
INVOICES = 60


def test_the_ledger_equals_ours_to_the_cent(
    server: TrytonServer, client: Client, tmp_path: Path
) -> None:
    company = factories.company()
    _make_invoices(company)
    factories.invoice(company=company, status="draft")
    connection = connected(company, server, tmp_path, accept_exact=True, initial_load=True)

    _run_to_the_end(connection)

    _assert_equal_books(client, connection, count=INVOICES)


@pytest.mark.skipif(not NORTHWIND.is_dir(), reason=f"No sample data in {NORTHWIND}")
@pytest.mark.skipif(WHOLE not in os.environ, reason="Takes six minutes: make test-tryton")
def test_the_ledger_equals_the_northwind_sample_to_the_cent(
    server: TrytonServer, client: Client, tmp_path: Path
) -> None:
    company = factories.company()
    call_command("importrecords", NORTHWIND, company=company.name, json=True)
    connection = connected(company, server, tmp_path, accept_exact=True, initial_load=True)

    _run_to_the_end(connection)

    _assert_equal_books(client, connection, count=NORTHWIND_INVOICES)


def _make_invoices(company: Company) -> None:
    """In no order of dates, as orders are completed."""
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
        day = datetime.date(1997, 1, 1) + datetime.timedelta(days=5 * (number * 37 % INVOICES))
        invoice = factories.invoice(
            company=company,
            customer=customers[number % len(customers)],
            number=str(10_000 + number),
            date=day,
            due_date=day + datetime.timedelta(days=31),
            lines=lines,
        )
        if number % 4 == 0:
            paid = invoice.total if number % 8 else (invoice.total / 2).quantize(Decimal("0.01"))
            factories.payment(
                company=company,
                date=datetime.date(1998, 1, 9),
                applications=[(invoice, paid)],
            )


def _run_to_the_end(connection: Connection) -> None:
    opened = open_job(connection=connection)
    assert opened.job, opened.refusal
    job = follow(opened.job, tell=lambda job: None)
    assert job.outcome == JobOutcome.SUCCEEDED, list(SyncError.objects.values("message", "detail"))
    assert not SyncQueueItem.objects.open().exists()


def _assert_equal_books(client: Client, connection: Connection, *, count: int) -> None:
    """Only what Tryton says counts for its side."""
    posted = client.find(
        "account.invoice",
        [["state", "in", ["posted", "paid"]]],
        "number",
        "lines.product",
        "lines.amount",
    )
    assert len(posted) == len({row["number"] for row in posted}) == count
    assert client("model.account.invoice.search_count", []) == count
    assert receivables(client) == our_receivables(connection)
    by_item = our_revenue(connection)
    assert revenue_by_item(posted) == by_item
    assert revenue(client) == sum(by_item.values())


def receivables(client: Client) -> dict[str, Decimal]:
    """What each party owes, from the lines of posted moves on receivable accounts."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for line in _booked(client, "receivable"):
        found[str(line["party"])] += number(line["debit"]) - number(line["credit"])
    return dict(found)


def revenue(client: Client) -> Decimal:
    """What was earned, from the lines of posted moves on revenue accounts."""
    lines = _booked(client, "revenue")
    return sum((number(line["credit"]) - number(line["debit"]) for line in lines), Decimal(0))


def _booked(client: Client, kind: str) -> list[dict]:
    domain = [[f"account.type.{kind}", "=", True], ["move.state", "=", "posted"]]
    return client.find("account.move.line", domain, "party", "debit", "credit")


def our_receivables(connection: Connection) -> dict[str, Decimal]:
    """Of customers that were invoiced: of the others the ledger has no line."""
    external = dict(links(connection, RecordType.CUSTOMER))
    assert len(external) == Customer.objects.count()
    issued = Invoice.objects.filter(status="issued").order_by()
    owed = dict(issued.values_list("customer_id").annotate(sum=Sum("total")))
    paid = PaymentApplication.objects.filter(invoice__in=issued).order_by()
    for customer, amount in paid.values_list("invoice__customer_id").annotate(sum=Sum("amount")):
        owed[customer] -= amount
    return {external[customer]: amount for customer, amount in owed.items()}


def revenue_by_item(posted: list[dict]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for invoice in posted:
        for line in invoice["lines."]:
            found[str(line["product"])] += number(line["amount"])
    return dict(found)


def our_revenue(connection: Connection) -> dict[str, Decimal]:
    sold = InvoiceLine.objects.filter(invoice__status="issued").values_list("item_id")
    by_item = dict(sold.annotate(sum=Sum("amount")))
    external = dict(links(connection, RecordType.ITEM))
    assert len(external) == Item.objects.count()
    return {external[item]: amount for item, amount in by_item.items()}


def links(connection: Connection, record_type: RecordType) -> list[tuple[int, str]]:
    rows = Link.objects.filter(connection=connection, record_type=record_type)
    return list(rows.values_list("record_id", "external_id"))


def number(value: dict[str, str]) -> Decimal:
    return Decimal(value["decimal"])
