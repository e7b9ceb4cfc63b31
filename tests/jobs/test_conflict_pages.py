"""The pages of conflicts and policies: what they show, to whom, and what their buttons do."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from companies.models import Company, Role
from connectors.models import Connection, Link
from records.models import Customer
from syncqueue.models import Operation, State, SyncQueueItem
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return factories.company(name="Northwind")


@pytest.fixture
def books(company: Company) -> Connection:
    return factories.connection(company=company)


@pytest.fixture
def person(company: Company) -> User:
    return factories.member(company=company, role=Role.ACCOUNTANT)


@pytest.fixture
def browser(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def disputed(books: Connection, *, name: str = "Ours", **link: Any) -> Customer:
    """Both sides changed its name and its phone."""
    made = factories.customer(company=books.company, name=name, phone="1")
    sides = {
        "name": {"agreed": "Agreed", "ours": name, "theirs": "Theirs"},
        "phone": {"agreed": "0", "ours": "1", "theirs": "2"},
    }
    defaults: dict[str, Any] = {"conflicts": sides, "version": "3"} | link
    Link.objects.create(
        connection=books,
        company=books.company,
        record_type="customer",
        record_id=made.pk,
        external_id=str(made.pk),
        ours={"name": "Agreed", "phone": "0"},
        theirs={"name": "Theirs", "phone": "2"},
        **defaults,
    )
    SyncQueueItem.objects.filter(record_id=made.pk, record_type="customer").delete()
    SyncQueueItem.objects.create(
        connection=books,
        company=books.company,
        record_type="customer",
        record_id=made.pk,
        label=name,
        first_operation=Operation.UPDATE,
        operation=Operation.UPDATE,
        rank=20,
        state=State.CONFLICT,
        refusal=f"{name}: both sides changed it.",
    )
    return made


def said(client: Client, path: str, wish: dict[str, Any] | None = None) -> str:
    if wish is None:
        return client.get(path).content.decode()
    return client.post(path, wish, follow=True).content.decode()


def test_both_values_stand_side_by_side(browser: Client, books: Connection) -> None:
    made = disputed(books)
    for path in ("/conflicts/", f"/conflicts/customer/{made.pk}/"):
        page = said(browser, path)
        for words in ("Agreed", "Ours", "Theirs", 'name="side-name"', 'name="side-phone"'):
            assert words in page


def test_ours_is_shown_as_it_is_now(browser: Client, books: Connection) -> None:
    made = disputed(books)
    Customer.objects.filter(pk=made.pk).update(name="Ours by now")
    SyncQueueItem.objects.update(state=State.CONFLICT)
    assert "Ours by now" in said(browser, "/conflicts/")


def test_each_field_takes_the_chosen_side(browser: Client, person: User, books: Connection) -> None:
    made = disputed(books)
    wish = {"version": "3", "side-name": "theirs", "side-phone": "ours"}
    page = said(browser, f"/conflicts/customer/{made.pk}/settle/", wish)
    assert "Decided." in page
    made.refresh_from_db()
    assert (made.name, made.phone) == ("Theirs", "1")
    assert SyncQueueItem.objects.open().get().state == State.WAITING
    page = said(browser, f"/conflicts/customer/{made.pk}/")
    assert person.username in page
    assert "Name: Theirs" in page
    assert "Phone: Ours" in page


@pytest.mark.parametrize(("side", "name"), [("ours", "Ours"), ("theirs", "Theirs")])
def test_one_button_takes_everything_of_one_side(
    browser: Client, books: Connection, side: str, name: str
) -> None:
    made = disputed(books)
    said(browser, f"/conflicts/customer/{made.pk}/settle/", {"all": side})
    made.refresh_from_db()
    assert made.name == name
    assert Link.objects.get().conflicts == {}


def test_without_a_choice_nothing_is_decided(browser: Client, books: Connection) -> None:
    made = disputed(books)
    page = said(browser, f"/conflicts/customer/{made.pk}/settle/", {})
    assert "Choose a side for each field first." in page
    assert set(Link.objects.get().conflicts) == {"name", "phone"}


def test_values_that_changed_meanwhile_are_shown_again(browser: Client, books: Connection) -> None:
    made = disputed(books)
    wish = {"version": "2", "all": "theirs"}
    page = said(browser, f"/conflicts/customer/{made.pk}/settle/", wish)
    assert "changed in accounting meanwhile" in page
    made.refresh_from_db()
    assert made.name == "Ours"


@pytest.mark.parametrize(
    ("choice", "state"), [("create_again", State.WAITING), ("unlink", State.SKIPPED)]
)
def test_what_is_gone_is_decided(
    browser: Client, books: Connection, choice: str, state: State
) -> None:
    made = disputed(books, conflicts={}, gone_at=timezone.now())
    page = said(browser, f"/conflicts/customer/{made.pk}/")
    assert "Create it there again" in page
    said(browser, f"/conflicts/customer/{made.pk}/gone/", {"choice": choice})
    assert not Link.objects.exists()
    assert SyncQueueItem.objects.get().state == state
    page = said(browser, f"/conflicts/customer/{made.pk}/gone/", {"choice": choice})
    assert "There is nothing at this address" in page


def test_a_merge_is_followed_to_a_record_that_is_found_by_name(
    browser: Client, books: Connection
) -> None:
    made = disputed(books, conflicts={}, gone_at=timezone.now())
    other = disputed(books, name="Around the Horn", conflicts={})
    page = said(browser, f"/conflicts/customer/{made.pk}/?into=around")
    assert f'<option value="{other.pk}">Around the Horn</option>' in page
    said(browser, f"/conflicts/customer/{made.pk}/follow/", {"into": other.pk})
    made.refresh_from_db()
    assert made.deleted_at is not None


def test_conflicts_are_found_by_name_and_type(browser: Client, books: Connection) -> None:
    disputed(books, name="Around the Horn")
    disputed(books, name="Ernst Handel")
    page = said(browser, "/conflicts/?q=horn")
    assert "Around the Horn" in page
    assert "Ernst Handel" not in page
    assert "Nothing matches these filters" in said(browser, "/conflicts/?type=item")


def test_without_conflicts_the_page_says_what_would_come_here(browser: Client) -> None:
    assert "Nothing to decide" in said(browser, "/conflicts/")


def test_long_lists_have_pages(browser: Client, books: Connection) -> None:
    for number in range(12):
        disputed(books, name=f"Customer no. {number}")
    page = said(browser, "/conflicts/?page=2")
    assert page.count("<article") == 2


# Who may.


@pytest.mark.parametrize("action", ["settle", "gone", "follow"])
def test_an_operator_sees_conflicts_and_decides_none(
    client: Client, company: Company, books: Connection, action: str
) -> None:
    made = disputed(books)
    client.force_login(factories.member(company=company))
    assert "All theirs" not in said(client, "/conflicts/")
    wish = {"all": "theirs", "choice": "unlink", "into": "1"}
    answer = client.post(f"/conflicts/customer/{made.pk}/{action}/", wish)
    assert answer.status_code == 403
    made.refresh_from_db()
    assert made.name == "Ours"


def test_conflicts_of_another_company_are_out_of_reach(client: Client, books: Connection) -> None:
    made = disputed(books, name="SECRET")
    elsewhere = factories.company()
    factories.connection(company=elsewhere)
    client.force_login(factories.member(company=elsewhere, role=Role.ADMINISTRATOR))
    assert "SECRET" not in said(client, "/conflicts/")
    path = f"/conflicts/customer/{made.pk}/"
    assert client.get(path).status_code == 404
    for action in ("settle", "gone", "follow"):
        wish = {"all": "theirs", "choice": "unlink", "into": "1"}
        assert client.post(f"{path}{action}/", wish).status_code == 404
    policies = f"/connections/{books.pk}/policies/"
    assert client.get(policies).status_code == 404
    assert client.post(policies, {"customer-name": "ours"}).status_code == 404
    books.refresh_from_db()
    assert "policies" not in books.settings


def test_a_record_of_another_company_is_no_survivor_of_a_merge(
    browser: Client, books: Connection
) -> None:
    made = disputed(books, conflicts={}, gone_at=timezone.now())
    foreign = disputed(factories.connection(company=factories.company()), conflicts={})
    path = f"/conflicts/customer/{made.pk}/follow/"
    assert "Choose the record" in said(browser, path, {"into": foreign.pk})
    made.refresh_from_db()
    assert made.deleted_at is None


# Policies.


def test_policies_are_kept_where_the_merge_reads_them(browser: Client, books: Connection) -> None:
    path = f"/connections/{books.pk}/policies/"
    page = said(browser, path)
    assert 'name="customer-name"' in page
    assert '<option value="theirs"' not in page.split('name="invoice-number"')[1].split("</sel")[0]
    wish = {"customer-name": "theirs", "customer-phone": "ours", "invoice-number": "theirs"}
    assert "Saved." in said(browser, path, wish)
    books.refresh_from_db()
    # What equals the default is not kept, what is not allowed neither.
    assert books.settings["policies"] == {"customer": {"name": "theirs"}}


def test_an_operator_may_only_read_the_policies(
    client: Client, company: Company, books: Connection
) -> None:
    client.force_login(factories.member(company=company))
    path = f"/connections/{books.pk}/policies/"
    assert "Ask a person" in said(client, path)
    assert "<select" not in said(client, path).split('class="settings')[1]
    assert client.post(path, {"customer-name": "ours"}).status_code == 403


def test_more_conflicts_need_no_more_queries(browser: Client, books: Connection) -> None:
    counts = []
    for number in range(6):
        disputed(books, name=f"Customer no. {number}")
        if number in {1, 5}:
            with CaptureQueriesContext(database) as captured:
                browser.get("/conflicts/")
            counts.append(len(captured))
    assert counts[0] == counts[1]
