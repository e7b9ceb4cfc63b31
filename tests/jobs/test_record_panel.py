"""The page of a record says how it stands in accounting, and why it is sent again."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from companies.models import Company, Role
from connectors.models import Connection, ConnectionState, Link
from jobs.models import Applied, Attempt, ErrorPhase, Exchange, SyncError, SyncJob
from records.models import Customer, Status
from syncqueue.models import State, SyncQueueItem
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def books(company: Company) -> Connection:
    return factories.connection(company=company, name="The Books", account_id="93")


@pytest.fixture
def horn(company: Company, books: Connection) -> Customer:
    return factories.customer(company=company, name="Around the Horn", email="a@horn.example")


@pytest.fixture
def nancy(company: Company) -> User:
    return factories.member(company=company, first_name="Nancy", last_name="Davolio")


@pytest.fixture
def browser(client: Client, nancy: User) -> Client:
    client.force_login(nancy)
    return client


def page_of(browser: Client, record: Any) -> str:
    url = reverse(f"admin:records_{record._meta.model_name}_change", args=[record.pk])
    return browser.get(url).content.decode()


def linked(books: Connection, record: Any, **fields: Any) -> Link:
    defaults = {"external_id": "5812", "theirs": {"name": "Horn"}, "ours": {"name": "Horn"}}
    return Link.objects.create(
        connection=books,
        company=books.company,
        record_type=record.record_type,
        record_id=record.pk,
        **defaults | fields,
    )


def sent(books: Connection, record: Any, **fields: Any) -> Attempt:
    job = SyncJob.objects.open().first() or SyncJob.objects.create(
        connection=books, company=books.company
    )
    exchange = Exchange.objects.create(
        job=job, connection=books, company=books.company, is_write=True, method="POST", url="/"
    )
    return Attempt.objects.create(
        exchange=exchange,
        company=books.company,
        item=SyncQueueItem.objects.get(record_id=record.pk),
        record_type=record.record_type,
        record_id=record.pk,
        push_id="0",
        operation="create",
        sent_generation=1,
        **fields,
    )


def item_of(record: Any) -> SyncQueueItem:
    return SyncQueueItem.objects.get(record_type=record.record_type, record_id=record.pk)


def set_item(record: Any, **fields: Any) -> None:
    SyncQueueItem.objects.filter(record_id=record.pk).update(**fields)


# -- the sentence --------------------------------------------------------------------------------


def test_what_waits_for_its_first_export_says_so(browser: Client, horn: Customer) -> None:
    page = page_of(browser, horn)
    assert "Not in the books of The Books" in page
    assert "Goes with the next Sync Job" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": State.FAILED, "refusal": "The name is taken."}, "The name is taken."),
        ({"held_at": timezone.now(), "hold_reason": "Ask first"}, "Held: Ask first"),
        (
            {"state": State.SKIPPED, "finished_at": timezone.now(), "refusal": "By hand"},
            "Skipped: By hand",
        ),
        (
            {"state": State.SUPERSEDED, "finished_at": timezone.now()},
            "It is not in the Sync Queue. “Sync now” sends it.",
        ),
    ],
)
def test_why_it_is_not_in_the_books_is_one_sentence(
    browser: Client, horn: Customer, fields: dict[str, Any], words: str
) -> None:
    set_item(horn, **fields)
    page = page_of(browser, horn)
    assert "Not in the books of The Books" in page
    assert words in page


def test_a_linked_record_leads_to_its_page_in_accounting(
    browser: Client, books: Connection, horn: Customer, settings: Any
) -> None:
    settings.QUICKBOOKS_ONLINE = {
        **settings.QUICKBOOKS_ONLINE,
        "api_url": "https://quickbooks.api.intuit.com",
    }
    SyncQueueItem.objects.all().delete()
    linked(books, horn)
    page = page_of(browser, horn)
    assert "In the books of The Books" in page
    assert "Nothing of it waits." in page
    assert 'href="https://app.qbo.intuit.com/app/customerdetail?nameId=5812"' in page


def test_what_is_gone_there_leads_nowhere(
    browser: Client, books: Connection, horn: Customer
) -> None:
    SyncQueueItem.objects.all().delete()
    linked(books, horn, gone_at=timezone.now())
    page = page_of(browser, horn)
    assert "Deleted or voided in The Books" in page
    assert "Open in QuickBooks" not in page
    assert "Pull this one" not in page


def test_a_draft_says_what_to_do(browser: Client, company: Company, books: Connection) -> None:
    page = page_of(browser, factories.invoice(company=company, status=Status.DRAFT))
    assert "A draft is not sent to accounting. Issue it first." in page


def test_a_paused_connection_is_the_reason(
    browser: Client, books: Connection, horn: Customer
) -> None:
    books.paused_at = timezone.now()
    books.save()
    assert "This connection is paused." in page_of(browser, horn)


def test_what_comes_from_accounting_only_is_pulled_and_never_sent(
    browser: Client, books: Connection, company: Company
) -> None:
    account = factories.account(company=company)
    linked(books, account)
    page = page_of(browser, account)
    assert "Pull this one" in page
    assert "Sync now" not in page


def test_without_a_connection_there_is_no_panel(client: Client) -> None:
    company = factories.company()
    client.force_login(factories.member(company=company))
    assert "accounting-title" not in page_of(client, factories.customer(company=company))


# -- the history ---------------------------------------------------------------------------------


def test_the_history_says_what_was_sent_and_what_came_back(
    browser: Client, books: Connection, horn: Customer
) -> None:
    attempt = sent(books, horn, outcome="rejected", message="The name is taken.")
    job = attempt.exchange.job
    SyncError.objects.create(
        job=job,
        connection=books,
        company=books.company,
        phase=ErrorPhase.IMPORT,
        record_type="customer",
        record_id=horn.pk,
        reason="validation",
        message="Their name is too long for ours.",
        fingerprint="f00",
    )
    page = page_of(browser, horn).split('id="accounting"')[1]
    assert "Sent to be created" in page
    assert "The name is taken." in page
    assert f'href="/jobs/{job.pk}/exchanges/{attempt.exchange_id}/?attempt={attempt.pk}"' in page
    assert "Not imported" in page
    assert "Their name is too long for ours." in page


def test_the_page_of_a_queue_item_has_the_same_history(
    browser: Client, books: Connection, horn: Customer
) -> None:
    attempt = sent(books, horn, outcome="accepted", external_id="5812")
    page = browser.get(f"/queue/{item_of(horn).pk}/").content.decode()
    assert f"/exchanges/{attempt.exchange_id}/" in page
    assert "number there 5812" in page


def test_more_history_needs_no_more_queries(
    browser: Client, books: Connection, horn: Customer
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(database) as captured:
            page_of(browser, horn)
        return len(captured)

    sent(books, horn, outcome="rejected", applied_at=timezone.now())
    few = asked()
    for _number in range(6):
        sent(books, horn, outcome="rejected", applied_at=timezone.now())
    assert asked() == few


# -- why again -----------------------------------------------------------------------------------


def why(browser: Client, record: Any) -> str:
    page = browser.get(f"/records/{record.record_type}/{record.pk}/why/")
    assert page.status_code == 200
    return page.content.decode()


def test_why_again_says_what_differs_who_changed_it_and_what_would_be_sent(
    company: Company, books: Connection, horn: Customer
) -> None:
    link = linked(books, horn)
    link.ours = link.theirs = {"name": "Horn", "email": "a@horn.example", "is_active": True}
    link.ours |= {"currency": "USD"}
    link.save()
    reader = Client()
    anne = factories.member(company=company, may_see_bodies=True, username="anne")
    reader.force_login(anne)
    set_item(horn, changed_by=anne, origin="web", operation="update")
    page = why(reader, horn)
    row = " ".join(page.split('class="lead">Name</td>')[1].split("</tr>")[0].split())
    assert "<del>Horn</del>" in row
    assert "<ins>Around the Horn</ins>" in row
    assert "by anne, in Syncapp" in page
    assert "Its changes would be sent." in page
    assert "Around the Horn" in page.split('class="body-text"')[1]


def test_the_request_is_shown_only_to_those_who_may_see_it(browser: Client, horn: Customer) -> None:
    page = why(browser, horn)
    assert "It would be created there." in page
    assert "The request itself is shown to members with the right to see it." in page
    assert 'class="body-text"' not in page


def test_why_again_says_that_nothing_differs(
    browser: Client, books: Connection, company: Company
) -> None:
    account = factories.account(company=company)
    linked(books, account, ours={}, theirs={})
    page = why(browser, account)
    assert "Nothing: records of this type come from accounting only." in page


def test_what_has_to_wait_for_another_says_for_which(
    browser: Client, books: Connection, company: Company, horn: Customer
) -> None:
    invoice = factories.invoice(company=company, customer=horn)
    page = why(browser, invoice)
    assert "Nothing yet: customer “Around the Horn” has to be in accounting first." in page


def test_nobody_sees_why_of_another_company(horn: Customer) -> None:
    stranger = Client()
    stranger.force_login(factories.member(company=factories.company(), role=Role.ADMINISTRATOR))
    for do in ("why", "sync", "pull"):
        address = f"/records/customer/{horn.pk}/{do}/"
        ask = stranger.get if do == "why" else stranger.post
        assert ask(address).status_code == 404
    assert not SyncJob.objects.exists()


def test_a_connection_that_is_matching_says_so(
    browser: Client, books: Connection, horn: Customer
) -> None:
    books.state = ConnectionState.MATCHING
    books.save()
    assert "First decide which records are the same on both sides." in page_of(browser, horn)


def test_what_an_import_took_over_is_in_the_history(
    browser: Client, books: Connection, horn: Customer
) -> None:
    job = SyncJob.objects.create(connection=books, company=books.company)
    Applied.objects.create(
        job=job,
        company=books.company,
        record_type="customer",
        record_id=horn.pk,
        fields=["payment_term_id", "email"],
    )
    page = page_of(browser, horn).split('id="accounting"')[1]
    assert "Changed in accounting" in page
    assert "Taken over: payment term, e-mail" in page
    assert f'href="/jobs/{job.pk}/"' in page
