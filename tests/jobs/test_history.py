"""One record through real jobs: what its history tells afterwards."""

from __future__ import annotations

import pytest

from connectors.models import Link
from jobs.control import Opened
from jobs.history import of_record
from jobs.in_books import in_books
from jobs.models import Applied, SyncJob
from jobs.sync_now import pull_record, sync_record
from records.models import Customer
from tests import factories
from tests.books import Books, connected
from tests.jobs.jobrun import follow_job, run_job

pytestmark = pytest.mark.django_db(transaction=True)


def _followed(opened: Opened) -> SyncJob:
    assert opened.job, opened.refusal
    return follow_job(opened.job)


def told(record: object) -> list[tuple[str, str]]:
    return [(event.title, event.words) for event in of_record(record, limit=10)]


def test_a_record_tells_what_went_out_and_what_came_in(books: Books) -> None:
    company = factories.company()
    nancy = factories.member(company=company)
    connection = connected(company)
    horn = factories.customer(company=company, name="Around the Horn")
    factories.customer(company=company, name="Stays behind")

    opened = sync_record(connection=connection, record=horn, user=nancy)
    job = _followed(opened)
    assert job.exported == 1
    assert told(horn) == [("Sent to be created", "Accepted")]
    assert [row["DisplayName"] for row in books.all("Customer")] == ["Around the Horn"]

    there = books.named("Customer", "Around the Horn")
    books.edit("Customer", there["Id"], DisplayName="Around the Corner")
    run_job(connection)
    assert told(horn)[0] == ("Changed in accounting", "Taken over: name")
    noted = Applied.objects.get()
    assert (noted.record_id, noted.fields) == (horn.pk, ["name"])
    assert noted.job == SyncJob.objects.latest("pk")


def test_what_came_from_there_says_so(books: Books) -> None:
    connection = connected(factories.company())
    books.post("customer", {"DisplayName": "Around the Horn"}, connection)
    run_job(connection)
    made = Customer.objects.get()
    assert told(made) == [("Created here", "Accounting had it first.")]
    assert of_record(made, limit=1)[0].job_id == SyncJob.objects.latest("pk").pk


def test_a_pulled_record_has_what_was_changed_there(books: Books) -> None:
    company = factories.company()
    nancy = factories.member(company=company)
    connection = connected(company)
    horn = factories.customer(company=company, name="Around the Horn")
    run_job(connection)
    books.edit("Customer", Link.objects.get(record_type="customer").external_id, DisplayName="Horn")
    _followed(pull_record(connection=connection, record=horn, user=nancy))
    horn.refresh_from_db()
    assert horn.name == "Horn"
    stands = in_books(horn)
    assert stands is not None
    assert stands.title == f"In the books of {connection}"
    assert stands.page.startswith(f"{books.address}/books/customer/")
