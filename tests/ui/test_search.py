"""Search from anywhere: the palette, and the page that works without script."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from connectors.models import Connection, Link
from jobs.models import ErrorPhase, SyncError, SyncJob
from records.models import RECORD_MODELS, Invoice
from syncqueue.models import State, SyncQueueItem
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Connection:
    return factories.connection(company=factories.company(name="Northwind"))


@pytest.fixture
def browser(client: Client, books: Connection) -> Client:
    client.force_login(factories.member(company=books.company))
    return client


def found(browser: Client, words: str) -> str:
    """What the page says; without the shell around it."""
    page = browser.get("/search/", {"q": words}).content.decode()
    return page.split('id="content"')[1]


def titles(browser: Client, words: str) -> list[str]:
    _before, _list, results = found(browser, words).partition('class="found"')
    return [part.split("<")[0] for part in results.split("<strong>")[1:]]


def test_a_record_is_found_by_the_beginning_and_by_the_middle(
    browser: Client, books: Connection
) -> None:
    horn = factories.customer(company=books.company, name="Around the Horn")
    factories.invoice(company=books.company, customer=horn, number="INV-10250")
    assert titles(browser, "around") == ["Around the Horn"]
    assert titles(browser, "the horn") == ["Around the Horn"]
    assert titles(browser, "inv-1025") == ["INV-10250"]
    assert titles(browser, "10250") == ["INV-10250"]


def test_what_begins_with_the_words_comes_first(browser: Client, books: Connection) -> None:
    for name in ("Old Horn", "Horn and sons", "Horn"):
        factories.customer(company=books.company, name=name)
    assert titles(browser, "horn") == ["Horn", "Horn and sons", "Old Horn"]


def test_each_result_says_how_the_record_stands(browser: Client, books: Connection) -> None:
    one, two, three = (
        factories.customer(company=books.company, name=f"Horn {number}") for number in range(3)
    )
    SyncQueueItem.objects.filter(record_id=one.pk).update(state=State.FAILED)
    SyncQueueItem.objects.exclude(record_id=one.pk).delete()
    Link.objects.create(
        connection=books,
        company=books.company,
        record_type="customer",
        record_id=two.pk,
        external_id="1",
    )
    page = found(browser, "horn")
    assert "Customer, failed" in page
    assert "Customer, in the books" in page
    assert "Customer, not in the books" in page
    assert f'href="/admin/records/customer/{three.pk}/change/"' in page


def test_jobs_errors_and_pages_are_found(browser: Client, books: Connection) -> None:
    job = SyncJob.objects.create(connection=books, company=books.company)
    for _number in range(2):
        SyncError.objects.create(
            job=job,
            connection=books,
            company=books.company,
            phase=ErrorPhase.EXPORT,
            reason="validation",
            message="Account 4000 is inactive.",
            fingerprint="f00",
            code="610",
        )
    assert titles(browser, str(job.pk))[0] == str(job)
    assert titles(browser, f"Sync Job {job.pk}") == [str(job)]
    assert titles(browser, "4000 is") == ["Account 4000 is inactive."]
    assert titles(browser, "610") == ["Account 4000 is inactive."]
    assert 'href="/errors/?cause=f00"' in found(browser, "4000 is")
    assert titles(browser, "sync que") == ["Sync Queue"]


def test_nothing_of_another_company_is_found(browser: Client) -> None:
    other = factories.connection(company=factories.company())
    job = SyncJob.objects.create(connection=other, company=other.company)
    SyncError.objects.create(
        job=job,
        connection=other,
        company=other.company,
        phase=ErrorPhase.JOB,
        reason="auth",
        message="SECRET error",
        fingerprint="x",
    )
    factories.customer(company=other.company, name="SECRET customer")
    assert titles(browser, "secret") == []
    assert titles(browser, str(job.pk)) == []


def test_who_changes_the_company_gets_no_old_answers(client: Client, books: Connection) -> None:
    other = factories.company()
    person = factories.member(company=books.company)
    other.memberships.create(user=person)
    client.force_login(person)
    factories.customer(company=other, name="Horn elsewhere")
    factories.customer(company=books.company, name="Horn here")

    def palette() -> str:
        return client.get("/admin/search/", {"s": "horn", "extended": 1}).content.decode()

    client.post("/companies/switch/", {"company": books.company.pk})
    assert "Horn here" in palette()
    client.post("/companies/switch/", {"company": other.pk})
    assert "Horn elsewhere" in palette()
    assert "Horn here" not in palette()


def test_nothing_and_no_match_say_what_to_try(browser: Client) -> None:
    assert "What are you looking for?" in found(browser, "")
    assert "Nothing has “xyz” in its number or name" in found(browser, "xyz")
    assert browser.get("/admin/search/", {"s": ""}).content == b""


def test_a_search_costs_the_same_for_many_records(browser: Client, books: Connection) -> None:
    def asked() -> int:
        with CaptureQueriesContext(database) as captured:
            browser.get("/search/", {"q": "horn"})
        return len(captured)

    factories.customer(company=books.company, name="Horn")
    few = asked()
    for number in range(20):
        factories.customer(company=books.company, name=f"Horn {number}")
    assert asked() == few


def test_a_number_is_looked_up_by_index(books: Connection) -> None:
    customer = factories.customer(company=books.company)
    Invoice.objects.bulk_create(
        Invoice(
            company=books.company,
            customer=customer,
            number=f"INV-{number}",
            total=Decimal(1),
        )
        for number in range(300)
    )
    with database.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("ANALYZE records_invoice")
    rows = Invoice.objects.filter(company=books.company, number__istartswith="inv-29")
    assert "invoice_search" in rows.order_by().explain()


def test_every_type_that_is_sent_has_its_index() -> None:
    for kind in ("customer", "vendor", "item", "invoice", "credit_memo", "bill", "payment"):
        model = RECORD_MODELS[kind]
        names = {index.name for index in model._meta.indexes}
        assert f"{model._meta.model_name}_search" in names
