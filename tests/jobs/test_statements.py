"""A batch and a page cost the same number of statements, however many records are in them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from connectors.models import Connection, Cursor
from jobs.models import JobOutcome, SyncJob
from records.models import Customer
from tests import factories
from tests.books import Books, connected
from tests.jobs.jobrun import run_job

pytestmark = pytest.mark.django_db(transaction=True)


def _statements(connection: Connection) -> tuple[int, SyncJob]:
    """What one job asks of the database; BEGIN and COMMIT are not counted."""
    with CaptureQueriesContext(database) as captured:
        job = run_job(connection)
    assert job.outcome == JobOutcome.SUCCEEDED, job.explanation
    counted = [q for q in captured if q["sql"] not in {"BEGIN", "COMMIT", "ROLLBACK"}]
    return len(counted), job


def test_a_batch_of_thirty_costs_as_many_statements_as_one_of_ten(books: Books) -> None:
    company = factories.company()
    connection = connected(company)
    customer = factories.customer(company=company)
    item = factories.item(company=company)
    line = {"item": item, "quantity": 2, "unit_price": Decimal("5")}
    run_job(connection)
    counts = []
    for batch in (10, 30):
        for _ in range(batch):
            lines = [line | {"position": position} for position in (1, 2, 3)]
            factories.invoice(company=company, customer=customer, lines=lines)
        statements, job = _statements(connection)
        assert job.exported == batch
        counts.append(statements)

    assert counts[0] == counts[1]


def test_a_page_of_thirty_costs_as_many_statements_as_one_of_ten(books: Books) -> None:
    company = factories.company()
    connection = connected(company)
    for _ in range(30):
        factories.customer(company=company)
    run_job(connection)
    there = books.all("Customer")
    counts = []
    for page, phone in ((10, "555-1"), (30, "555-2")):
        for row in there[:page]:
            books.edit("Customer", row["Id"], DisplayName=f"{row['DisplayName']} {phone}")
        statements, job = _statements(connection)
        assert job.imported == page
        assert Customer.objects.filter(name__endswith=phone).count() == page
        counts.append(statements)

    assert counts[0] == counts[1]
    assert Cursor.objects.get(connection=connection, record_type="customer").position
