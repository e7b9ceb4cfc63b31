"""The matching page: what it shows, and what its buttons decide."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from companies.models import AuditEntry, Company, Role
from connectors.models import Connection, ConnectionState, Decision, Link, Match
from jobs import matching
from jobs.models import SyncJob
from records.models import Customer
from syncqueue.models import State, SyncQueueItem
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return factories.company(name="Northwind")


@pytest.fixture
def books(company: Company) -> Connection:
    return factories.connection(company=company, state=ConnectionState.MATCHING)


@pytest.fixture
def accountant(company: Company) -> User:
    return factories.member(company=company, role=Role.ACCOUNTANT)


@pytest.fixture
def browser(client: Client, accountant: User) -> Client:
    client.force_login(accountant)
    return client


def match(books: Connection, ours: str = "", theirs: str = "", **fields: object) -> Match:
    """A proposal; `ours` makes the record, too."""
    record = factories.customer(company=books.company, name=ours) if ours else None
    return Match.objects.create(
        connection=books,
        company=books.company,
        record_type="customer",
        record_id=record.pk if record else None,
        record_label=ours,
        external_id=f"id of {theirs}" if theirs else "",
        external_label=theirs,
        **{"theirs": {"name": theirs} if theirs else {}, **fields},
    )


def shown(browser: Client, books: Connection, **query: str) -> str:
    return browser.get(reverse("matching", args=[books.pk]), query).content.decode()


def press(browser: Client, name: str, *args: object, **form: object) -> str:
    answer = browser.post(reverse(name, args=args), form, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_tabs_count_and_show_what_is_in_them(browser: Client, books: Connection) -> None:
    match(books, "Horn", "Horn", is_exact=True)
    match(books, "Smith & Sons", "Smith and Sons", why="Similar name")
    match(books, "Lonely here")
    match(books, theirs="Lonely there")
    page = shown(browser, books)
    assert "2 proposals need your decision" in page
    assert "Link 1 exact match" in page
    for tab in ("Exact", "Needs review", "Only here", "Only there"):
        assert f'{tab} <span class="number">1</span>' in page
    assert "Similar name" in shown(browser, books, view="review")
    assert "Lonely here" in shown(browser, books, view="here")
    assert "Lonely there" in shown(browser, books, view="there")
    assert "Lonely there" not in shown(browser, books, view="there", q="nobody")


def test_a_pair_shows_in_which_fields_the_two_differ(browser: Client, books: Connection) -> None:
    one = match(books, "Horn", "Horn", is_exact=True)
    one.theirs = {"name": "Horn", "email": "horn@there.example", "is_active": True}
    one.save()
    Customer.objects.filter(pk=one.record_id).update(email="horn@here.example")
    page = shown(browser, books)
    assert "horn@here.example" in page
    assert "horn@there.example" in page
    assert "e-mail" in page


def test_a_clash_of_names_is_told_with_what_to_do(browser: Client, books: Connection) -> None:
    match(books, "Horn", clash="A vendor “Horn” is there. Give ours another name.")
    assert "Give ours another name" in shown(browser, books, view="here")


def test_all_exact_matches_are_accepted_at_once_and_nothing_is_written(
    browser: Client, books: Connection, accountant: User
) -> None:
    for number in range(3):
        match(books, f"Customer {number}", f"Customer {number}", is_exact=True)
    doubtful = match(books, "Alike", "Alike Inc")
    SyncQueueItem.objects.all().delete()

    page = press(browser, "matching-decide", books.pk, link="exact")

    assert "3 proposals are decided. Nothing happens before you confirm." in page
    assert Match.objects.filter(decision=Decision.LINK).count() == 3
    doubtful.refresh_from_db()
    assert doubtful.decision == Decision.PENDING
    assert not Link.objects.exists()
    assert not SyncJob.objects.exists()
    entry = AuditEntry.objects.get(action="matching.link")
    assert (entry.user, entry.detail["count"]) == (accountant, 3)


@pytest.mark.parametrize("word", ["link", "create", "skip"])
def test_each_row_is_decided_by_its_button_and_taken_back(
    browser: Client, books: Connection, word: str
) -> None:
    one = match(books, "Horn", "Horn", is_exact=True)
    press(browser, "matching-decide", books.pk, **{word: one.pk})
    one.refresh_from_db()
    assert one.decision == word
    assert "Undo" in shown(browser, books, view="decided")

    press(browser, "matching-decide", books.pk, undo=one.pk)
    one.refresh_from_db()
    assert (one.decision, one.decided_by) == (Decision.PENDING, None)


def test_chosen_rows_are_decided_together(browser: Client, books: Connection) -> None:
    rows = [match(books, theirs=f"There {number}") for number in range(3)]
    press(browser, "matching-decide", books.pk, skip="chosen", pick=[row.pk for row in rows[:2]])
    assert Match.objects.filter(decision=Decision.SKIP).count() == 2


def test_what_stands_alone_cannot_be_linked(browser: Client, books: Connection) -> None:
    one = match(books, "Lonely")
    press(browser, "matching-decide", books.pk, link=one.pk)
    one.refresh_from_db()
    assert one.decision == Decision.PENDING


def test_a_record_is_linked_to_another_object_and_its_former_one_stands_alone(
    browser: Client, books: Connection
) -> None:
    mine = match(books, "Horn", "Horn of Plenty")
    other = match(books, "Bon app", "Around the Horn")
    page = browser.get(
        reverse("matching-choose", args=[books.pk, mine.pk]), {"q": "around"}
    ).content.decode()
    assert "Around the Horn" in page
    assert "Bon app" in page

    press(browser, "matching-link-to", books.pk, mine.pk, other=other.pk)

    mine.refresh_from_db()
    linked = Match.objects.get(external_label="Around the Horn")
    assert (linked.record_label, linked.decision) == ("Horn", Decision.LINK)
    assert (mine.record_id, mine.external_label) == (None, "Horn of Plenty")
    freed = Match.objects.get(record_label="Bon app")
    assert (freed.external_id, freed.decision) == ("", Decision.PENDING)


def test_confirming_needs_every_proposal_decided(browser: Client, books: Connection) -> None:
    match(books, "Horn", "Horn", is_exact=True)
    page = press(browser, "matching-start", books.pk, do="confirm")
    assert "1 proposal is still to be decided" in page
    books.refresh_from_db()
    assert books.state == ConnectionState.MATCHING
    assert not SyncJob.objects.exists()


def test_confirming_links_makes_ready_and_opens_a_job(
    browser: Client, books: Connection, accountant: User
) -> None:
    one = match(books, "Horn", "Horn", is_exact=True)
    match(books, theirs="Lonely there")
    press(browser, "matching-decide", books.pk, link="exact")

    press(
        browser,
        "matching-start",
        books.pk,
        do="confirm",
        initial_load="on",
        not_before="2026-01-01",
    )

    books.refresh_from_db()
    assert books.state == ConnectionState.READY
    assert books.not_before == datetime.date(2026, 1, 1)
    assert Link.objects.get().record_id == one.record_id
    job = SyncJob.objects.get()
    assert (job.scope, job.created_by) == ({"load": True}, accountant)
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"matching.link", "matching.confirm", "connection.not_before"} <= actions
    # Carried out: it cannot be taken back any more.
    press(browser, "matching-decide", books.pk, undo=one.pk)
    one.refresh_from_db()
    assert one.decision == Decision.LINK


def test_what_is_skipped_is_not_sent_by_an_edit_made_before(
    browser: Client, books: Connection
) -> None:
    one = match(books, "Kept apart", "Kept apart")
    item = SyncQueueItem.objects.get(record_id=one.record_id)
    press(browser, "matching-decide", books.pk, skip=one.pk)
    press(browser, "matching-start", books.pk, do="confirm")
    item.refresh_from_db()
    assert item.state == State.SKIPPED


def test_it_is_not_confirmed_while_a_job_compares(browser: Client, books: Connection) -> None:
    SyncJob.objects.create(connection=books, company=books.company)
    page = press(browser, "matching-start", books.pk, do="confirm")
    assert "still running" in page
    books.refresh_from_db()
    assert books.state == ConnectionState.MATCHING


def test_a_date_that_is_none_is_refused(browser: Client, books: Connection) -> None:
    page = press(browser, "matching-start", books.pk, do="save", not_before="soon")
    assert "year-month-day" in page
    books.refresh_from_db()
    assert books.not_before is None


def test_thousands_are_decided_and_linked_in_bulk(books: Connection, accountant: User) -> None:
    Customer.objects.bulk_create(
        Customer(company=books.company, name=f"C{number}") for number in range(3000)
    )
    Match.objects.bulk_create(
        Match(
            connection=books,
            company=books.company,
            record_type="customer",
            record_id=customer.pk,
            record_label=customer.name,
            external_id=str(customer.pk),
            external_label=customer.name,
            theirs={"name": customer.name},
            is_exact=True,
        )
        for customer in Customer.objects.filter(company=books.company)
    )
    count = matching.decide(
        connection=books,
        matches=Match.objects.filter(matching.EXACT),
        decision=Decision.LINK,
        user=accountant,
    )
    done = matching.confirm(connection=books, user=accountant, initial_load=False)
    assert (count, done.linked, Link.objects.count()) == (3000, 3000, 3000)
    assert Link.objects.latest("pk").ours["name"].startswith("C")


def test_a_viewer_sees_and_decides_nothing(books: Connection, client: Client) -> None:
    one = match(books, "Horn", "Horn", is_exact=True)
    client.force_login(factories.member(company=books.company, role=Role.OPERATOR))
    assert "Confirm and start" not in shown(client, books)
    assert (
        client.post(reverse("matching-decide", args=[books.pk]), {"link": "exact"}).status_code
        == 403
    )
    one.refresh_from_db()
    assert one.decision == Decision.PENDING


def test_the_page_says_what_became_of_each_record(browser: Client, books: Connection) -> None:
    created, refused, _waiting = (
        factories.customer(company=books.company, name=name) for name in ("In", "Bad", "Soon")
    )
    Link.objects.create(
        connection=books,
        company=books.company,
        record_type="customer",
        record_id=created.pk,
        external_id="77",
    )
    SyncQueueItem.objects.filter(record_id=created.pk).delete()
    SyncQueueItem.objects.filter(record_id=refused.pk).update(
        state=State.FAILED, refusal="The name is taken."
    )
    url = reverse("initial-load", args=[books.pk])
    page = browser.get(url).content.decode()
    assert all(name in page for name in ("In", "Bad", "Soon", "The name is taken.", "77"))
    failed = browser.get(url, {"view": "failed"}).content.decode()
    assert ">Bad<" in failed
    assert ">Soon<" not in failed

    books.settings["not_before"] = "2026-06-01"
    books.save()
    factories.invoice(company=books.company, number="OLD-1", date=datetime.date(2026, 5, 31))
    SyncQueueItem.objects.filter(record_type="invoice").delete()
    out = browser.get(url, {"type": "invoice", "view": "out"}).content.decode()
    assert "OLD-1" in out
    assert "Dated before 1 Jun 2026" in out
    assert "OLD-1" in browser.get(url, {"type": "invoice", "export": "csv"}).getvalue().decode()
