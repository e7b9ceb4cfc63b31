"""The page of the Sync Queue: what it shows, to whom, and what its buttons do."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from companies.models import Company, Role
from connectors.models import Connection
from syncqueue.models import Operation, State, SyncQueueItem
from syncqueue.words import fields_in_words
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return factories.company(name="Northwind")


@pytest.fixture
def person(company: Company) -> User:
    return factories.member(company=company, first_name="Nancy", last_name="Davolio")


@pytest.fixture
def books(company: Company) -> Connection:
    return factories.connection(company=company)


@pytest.fixture
def browser(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def item(books: Connection, record_id: int = 1, **fields: object) -> SyncQueueItem:
    defaults: dict[str, object] = {
        "record_type": "invoice",
        "label": f"INV-{record_id}",
        "first_operation": Operation.CREATE,
        "operation": Operation.UPDATE,
        "rank": 30,
    }
    if "finished_at" in fields:
        fields.setdefault("state", State.SKIPPED)
    return SyncQueueItem.objects.create(
        connection=books, company=books.company, record_id=record_id, **defaults | fields
    )


def said(client: Client, path: str = "/queue/") -> str:
    return client.get(path).content.decode()


def cell(page: str, heading: str) -> str:
    return page.split(f'data-label="{heading}">')[1].split("</td>")[0]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "Goes with the next Sync Job"),
        ({"state": State.SENDING}, "On its way to accounting"),
        ({"state": State.UNKNOWN}, "no answer came"),
        ({"state": State.FAILED, "refusal": "The name is taken."}, "The name is taken."),
        ({"state": State.CONFLICT}, "Changed on both sides"),
        (
            {"state": State.BLOCKED, "blocked_by_need": "mapping:income_account"},
            "Waits for the mapping of its income account",
        ),
        ({"hold_reason": "Ask first", "held_at": timezone.now()}, "Held: Ask first"),
    ],
)
def test_each_state_says_why_a_record_is_here(
    browser: Client, books: Connection, fields: dict[str, object], why: str
) -> None:
    item(books, **fields)
    assert why in cell(said(browser), "What happens next")


def test_a_conflict_leads_to_the_page_that_settles_it(browser: Client, books: Connection) -> None:
    item(books, 7, state=State.CONFLICT, refusal="Both sides changed: memo.")
    said_next = cell(said(browser), "What happens next")
    assert 'href="/conflicts/invoice/7/"' in said_next
    assert "Both sides changed: memo." in said_next


def test_what_is_tried_again_says_when(browser: Client, books: Connection) -> None:
    item(
        books,
        refusal="The accounting system did not answer.",
        next_attempt_at=timezone.now() + datetime.timedelta(days=1),
    )
    words = cell(said(browser), "What happens next")
    assert words.startswith("The accounting system did not answer. Tries again: Tomorrow")


def test_a_blocked_record_names_and_links_what_it_waits_for(
    browser: Client, books: Connection, company: Company
) -> None:
    horn = factories.customer(company=company, name="Around the Horn")
    SyncQueueItem.objects.filter(record_type="customer").update(state=State.FAILED)
    item(books, state=State.BLOCKED, blocked_by_type="customer", blocked_by_id=horn.pk)
    page = said(browser, "/queue/?view=blocked")
    assert "Waits for customer “Around the Horn”" in cell(page, "What happens next")
    assert f'href="/admin/records/customer/{horn.pk}/change/"' in cell(page, "What happens next")


def test_the_record_is_a_link_to_its_item_and_from_there_to_its_form(
    browser: Client, books: Connection
) -> None:
    one = item(books, 7)
    assert f'href="/queue/{one.pk}/">INV-7</a>' in cell(said(browser), "Record")
    assert 'href="/admin/records/invoice/7/change/"' in said(browser, f"/queue/{one.pk}/")


def test_what_changed_is_said_in_the_words_of_the_form() -> None:
    assert fields_in_words("customer", ["email", "payment_term_id"]) == "e-mail, payment term"
    assert fields_in_words("invoice", ["a", "b", "due_date", "memo"]) == "a, b and 2 more"
    assert fields_in_words("invoice", []) == ""


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("", {"INV-1", "INV-2", "INV-3", "INV-4"}),
        ("view=waiting", {"INV-1", "INV-4"}),
        ("view=blocked", {"INV-2"}),
        ("view=failed", {"INV-3"}),
        ("view=held", {"INV-4"}),
        ("view=done", {"INV-5"}),
        ("type=invoice", {"INV-1", "INV-2", "INV-3", "INV-4"}),
        ("type=customer", set()),
        ("q=INV-2", {"INV-2"}),
        ("q=3", {"INV-3"}),
        ("q=nothing+like+it", set()),
    ],
)
def test_views_and_filters_choose_items(
    browser: Client, books: Connection, query: str, labels: set[str]
) -> None:
    item(books, 1)
    item(books, 2, state=State.BLOCKED)
    item(books, 3, state=State.FAILED)
    item(books, 4, held_at=timezone.now())
    item(books, 5, finished_at=timezone.now())
    page = said(browser, f"/queue/?{query}")
    assert {f"INV-{number}" for number in range(1, 6) if f">INV-{number}<" in page} == labels


def test_the_tabs_count_their_rows(browser: Client, books: Connection) -> None:
    item(books, 1)
    item(books, 2, state=State.BLOCKED)
    page = said(browser).split('aria-label="Views"')[1].split("</nav>")[0]
    counts = [part.split("<")[0] for part in page.split('class="number">')[1:]]
    assert counts == ["2", "1", "1", "0", "0", "0", "0"]


def test_chosen_items_are_held_and_released(
    browser: Client, person: User, books: Connection
) -> None:
    one, two, three = item(books, 1), item(books, 2), item(books, 3)
    page = browser.post(
        "/queue/hold/", {"pick": [one.pk, two.pk], "back": "/queue/?view=held"}, follow=True
    )
    assert "2 records are held." in page.content.decode()
    assert page.redirect_chain == [("/queue/?view=held", 302)]
    assert set(SyncQueueItem.objects.held()) == {one, two}
    assert set(SyncQueueItem.objects.filter(held_by=person)) == {one, two}
    browser.post("/queue/release/", {"pick": [one.pk, three.pk]})
    assert set(SyncQueueItem.objects.held()) == {two}


def test_skipping_asks_for_a_reason_first(browser: Client, books: Connection) -> None:
    one = item(books)
    page = browser.post("/queue/skip/", {"pick": one.pk}).content.decode()
    assert "Why are they skipped?" in page
    assert "Say why" not in page
    page = browser.post(
        "/queue/skip/", {"pick": one.pk, "reason": "  ", "confirmed": "1"}
    ).content.decode()
    assert "Say why, so that your colleagues understand it later." in page
    assert SyncQueueItem.objects.open().count() == 1
    browser.post("/queue/skip/", {"pick": one.pk, "reason": "Booked by hand"})
    one.refresh_from_db()
    assert (one.state, one.refusal) == (State.SKIPPED, "Booked by hand")


def test_what_is_on_its_way_is_not_skipped_and_said_so(browser: Client, books: Connection) -> None:
    one, sent = item(books, 1), item(books, 2, state=State.SENDING)
    page = browser.post(
        "/queue/skip/", {"pick": [one.pk, sent.pk], "reason": "No"}, follow=True
    ).content.decode()
    assert "1 record is skipped. What was sent and not answered yet cannot be skipped." in page
    sent.refresh_from_db()
    assert sent.state == State.SENDING


def test_skipping_nothing_asks_to_choose(browser: Client, books: Connection) -> None:
    page = browser.post("/queue/skip/", {}, follow=True).content.decode()
    assert "Choose records first." in page


def test_items_of_another_company_are_neither_seen_nor_changed(books: Connection) -> None:
    one = item(books, label="SECRET")
    stranger = Client()
    stranger.force_login(factories.member(company=factories.company(), role=Role.ADMINISTRATOR))
    assert "SECRET" not in said(stranger)
    for do in ("hold", "release", "skip", "top", "sync-now"):
        stranger.post(f"/queue/{do}/", {"pick": one.pk, "reason": "mine"})
    one.refresh_from_db()
    assert (one.state, one.held_at, one.finished_at) == (State.WAITING, None, None)


def test_a_viewer_chooses_and_changes_nothing(
    client: Client, company: Company, books: Connection
) -> None:
    one = item(books)
    client.force_login(factories.member(company=company, role=Role.VIEWER))
    page = said(client)
    assert 'name="pick"' not in page
    assert "Send now" not in page
    for do in ("hold", "release", "skip", "top", "sync-now"):
        assert client.post(f"/queue/{do}/", {"pick": one.pk}).status_code == 403


def test_an_empty_queue_says_how_records_come(browser: Client) -> None:
    assert "A record comes here by itself when somebody changes it." in said(browser)


def test_more_items_need_no_more_queries(browser: Client, books: Connection) -> None:
    columns = ["record", "why", "next", "changed", "amount", "connection", "state", "operation"]
    browser.post(
        "/tables/sync-queue/settings/",
        {"do": "save", "column": columns, "order_by": "id", "rows": "100"},
    )

    def queries(count: int) -> int:
        for number in range(count):
            by = factories.member(company=books.company)
            blocked = {"blocked_by_type": "customer", "blocked_by_id": 1}
            item(
                books,
                100 * count + number,
                changed_by=by,
                held_by=by,
                **blocked,
                state=State.BLOCKED,
                held_at=timezone.now() if number % 2 else None,
            )
        with CaptureQueriesContext(database) as captured:
            said(browser)
        return len(captured)

    few = queries(10)
    assert queries(40) == few
    assert few <= 14


def test_filters_choose_by_the_way_and_by_the_person(
    browser: Client, books: Connection, person: User
) -> None:
    other = factories.member(company=books.company, first_name="Laura", last_name="Callahan")
    stranger = factories.member(company=factories.company(), first_name="Andrew")
    item(books, 1, origin="web", changed_by=person)
    item(books, 2, origin="import", changed_by=other)
    assert ">INV-1<" in said(browser, "/queue/?by=me")
    assert ">INV-2<" not in said(browser, "/queue/?by=me")
    assert ">INV-2<" in said(browser, f"/queue/?by={other.pk}")
    assert ">INV-1<" not in said(browser, "/queue/?origin=import")
    page = said(browser)
    assert f'<option value="{other.pk}">Laura Callahan</option>' in page
    assert f'<option value="{stranger.pk}">' not in page


def test_who_changed_it_and_by_which_way_stands_beside_when(
    browser: Client, books: Connection, person: User
) -> None:
    item(books, 1, origin="import", changed_by=person)
    item(books, 2, origin="database")
    page = said(browser)
    assert "Nancy Davolio, by CSV import" in page
    assert "directly in the database" in page


def test_an_amount_has_the_currency_of_its_record(browser: Client, books: Connection) -> None:
    invoice = factories.invoice(company=books.company, currency="EUR")
    SyncQueueItem.objects.exclude(record_id=invoice.pk, record_type="invoice").delete()
    assert "10.00 EUR" in cell(said(browser), "Amount")
    factories.customer(company=books.company)
    assert said(browser).count(" EUR") == 1


def test_what_was_never_sent_says_so_instead_of_differences(
    browser: Client, books: Connection
) -> None:
    item(books, 1, operation=Operation.CREATE)
    item(books, 2, operation=Operation.DELETE)
    item(books, 3, changed_fields=["due_date", "memo"])
    page = said(browser)
    assert "Accounting does not have it yet" in page
    assert "It was deleted here" in page
    assert "Due date, memo" in page


def test_the_file_says_why_and_who_in_plain_words(
    browser: Client, books: Connection, person: User
) -> None:
    item(books, 1, origin="web", changed_by=person, changed_fields=["memo"])
    answer = browser.get("/queue/?export=csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0].endswith(
        "Record,Type,Change,Why it is here,Changed,Amount,State,What happens next"
    )
    assert lines[1].startswith("INV-1,Invoice,Update,Memo,")


def test_an_item_that_is_done_offers_nothing_to_do(browser: Client, books: Connection) -> None:
    one = item(books, 1, finished_at=timezone.now(), refusal="Booked by hand")
    page = said(browser, f"/queue/{one.pk}/")
    assert "Booked by hand" in page
    assert "sync-now" not in page


def test_holding_asks_for_a_reason_when_told_to(browser: Client, books: Connection) -> None:
    one = item(books)
    page = browser.post("/queue/hold/", {"pick": one.pk, "ask": "1"}).content.decode()
    assert "Why? Your colleagues see it." in page
    assert not SyncQueueItem.objects.held().exists()
    browser.post("/queue/hold/", {"pick": one.pk, "reason": "Ask Laura"})
    one.refresh_from_db()
    assert one.hold_reason == "Ask Laura"
