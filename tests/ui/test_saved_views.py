"""Views of a table that a person keeps under a name and shares by a link."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from companies.models import Role
from connectors.models import Connection
from syncqueue.models import Operation, SyncQueueItem
from tests import factories
from ui import saved_views
from ui.models import SavedView, TablePreference
from ui.tables import REGISTRY

pytestmark = pytest.mark.django_db
NEW = "/tables/sync-queue/views/"


@pytest.fixture
def books() -> Connection:
    return factories.connection(company=factories.company(name="Northwind"))


@pytest.fixture
def person(books: Connection) -> User:
    return factories.member(company=books.company)


@pytest.fixture
def browser(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def item(books: Connection, label: str, kind: str = "invoice") -> SyncQueueItem:
    return SyncQueueItem.objects.create(
        connection=books,
        company=books.company,
        record_type=kind,
        record_id=factories.number(),
        label=label,
        first_operation=Operation.UPDATE,
        operation=Operation.UPDATE,
        rank=30,
    )


def headings(page: str) -> list[str]:
    head = page.split("<thead>")[1].split("</thead>")[0]
    return [part.split(">")[1].split("<")[0].strip() for part in head.split("<th ")[1:]]


def save(browser: Client, name: str = "Invoices", back: str = "/queue/?type=invoice") -> SavedView:
    answer = browser.post(NEW, {"name": name, "back": back})
    assert answer.status_code == 302
    return SavedView.objects.get(name=name)


def choose(browser: Client, back: str, *columns: str) -> str:
    state = {"do": "save", "column": columns, "order_by": "id", "rows": "20", "back": back}
    return browser.post("/tables/sync-queue/settings/", state).headers["Location"]


def test_a_view_keeps_filters_columns_and_order(browser: Client, books: Connection) -> None:
    item(books, "INV-1")
    item(books, "INV-2")
    item(books, "A customer", "customer")
    choose(browser, "/queue/", "record", "state")
    view = save(browser, back="/queue/?type=invoice&sort=-id&page=2&q=INV")
    assert (view.query, view.order_by) == ("type=invoice&q=INV", "-id")
    choose(browser, "/queue/", "record", "origin", "amount")

    page = browser.get(f"/queue/?{view.query}&saved={view.key}").content.decode()
    assert [one for one in headings(page) if one] == ["Record", "State"]
    assert "A customer" not in page
    assert page.index(">INV-2<") < page.index(">INV-1<")
    assert f'name="saved" value="{view.key}"' in page


def test_the_link_shows_others_the_same_of_their_own_company(
    browser: Client, books: Connection
) -> None:
    item(books, "SECRET")
    view = save(browser)
    elsewhere = factories.connection(company=factories.company())
    item(elsewhere, "OWN")
    item(elsewhere, "A customer", "customer")
    stranger = Client()
    stranger.force_login(factories.member(company=elsewhere.company, role=Role.VIEWER))
    page = stranger.get(f"/views/{view.key}/", follow=True).content.decode()
    assert ">OWN<" in page
    assert "SECRET" not in page
    assert "A customer" not in page
    assert "This view" not in page
    assert stranger.post(f"/tables/views/{view.pk}/", {"do": "delete"}).status_code == 404
    assert SavedView.objects.filter(pk=view.pk).exists()


def test_a_link_cannot_be_guessed_and_needs_a_log_in(browser: Client) -> None:
    one, other = save(browser, "One"), save(browser, "Other")
    assert one.key != other.key
    assert len(one.key) == 22
    assert browser.get("/views/1/").status_code == 404
    assert Client().get(f"/views/{one.key}/").headers["Location"].startswith("/admin/login/")


def test_columns_chosen_in_a_saved_view_are_its_own(browser: Client, books: Connection) -> None:
    item(books, "INV-1")
    view = save(browser)
    back = f"/queue/?type=invoice&saved={view.key}"
    assert choose(browser, back, "record", "attempts") == back
    view.refresh_from_db()
    assert view.columns == ["record", "attempts"]
    assert not TablePreference.objects.exists()


def test_columns_chosen_in_a_view_of_somebody_else_are_kept_for_oneself(
    browser: Client, books: Connection
) -> None:
    view = save(browser)
    other = Client()
    other.force_login(factories.member(company=books.company))
    back = f"/queue/?type=invoice&saved={view.key}"
    assert choose(other, back, "record", "attempts") == "/queue/?type=invoice"
    view.refresh_from_db()
    assert view.columns != ["record", "attempts"]
    assert TablePreference.objects.get().columns == ["record", "attempts"]


def test_a_view_is_renamed_brought_up_to_date_and_deleted(browser: Client) -> None:
    view = save(browser)
    address, back = f"/tables/views/{view.pk}/", f"/queue/?q=5&sort=id&saved={view.key}"
    browser.post(address, {"do": "rename", "name": "Mine", "back": back})
    browser.post(address, {"do": "update", "back": back})
    view.refresh_from_db()
    assert (view.name, view.query, view.order_by) == ("Mine", "q=5", "id")
    answer = browser.post(address, {"do": "delete", "back": back})
    assert answer.headers["Location"] == "/queue/?q=5&sort=id"
    assert not SavedView.objects.exists()


def test_a_name_is_there_once_and_never_empty(browser: Client) -> None:
    one, other = save(browser, "One"), save(browser, "Other")
    page = browser.post(
        f"/tables/views/{other.pk}/", {"do": "rename", "name": "One"}, follow=True
    ).content.decode()
    assert "You have a view of this name already." in page
    page = browser.post(NEW, {"name": "  ", "back": "/queue/"}, follow=True).content.decode()
    assert "Give the view a name" in page
    save(browser, "One", back="/queue/?q=7")
    one.refresh_from_db()
    assert one.query == "q=7"
    assert SavedView.objects.count() == 2


def test_nobody_keeps_more_views_than_a_menu_holds(
    browser: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_views, "MOST", 1)
    save(browser, "One")
    browser.post(NEW, {"name": "Two", "back": "/queue/"})
    assert [view.name for view in SavedView.objects.all()] == ["One"]


def test_filters_that_are_too_long_are_not_kept(browser: Client) -> None:
    view = save(browser)
    back = f"/queue/?q={'x' * 1001}"
    page = browser.post(NEW, {"name": "Long", "back": back}, follow=True).content.decode()
    assert "These filters are too long to be kept." in page
    page = browser.post(f"/tables/views/{view.pk}/", {"do": "update", "back": back}, follow=True)
    assert "These filters are too long to be kept." in page.content.decode()
    assert SavedView.objects.get().query == "type=invoice"


def test_a_key_of_another_table_or_of_none_changes_nothing(browser: Client) -> None:
    view = save(browser)
    assert browser.get(f"/jobs/?saved={view.key}").status_code == 200
    page = browser.get("/queue/?saved=nothing").content.decode()
    assert "Leave this view" not in page


@pytest.mark.parametrize("name", ["sync-jobs", "sync-errors", "sync-queue"])
def test_every_table_offers_views_and_a_file(browser: Client, books: Connection, name: str) -> None:
    page = {"sync-jobs": "/jobs/", "sync-errors": "/errors/?show=table", "sync-queue": "/queue/"}
    assert name in REGISTRY
    shown = browser.get(page[name]).content.decode()
    assert f'action="/tables/{name}/views/"' in shown
    joint = "&" if "?" in page[name] else "?"
    answer = browser.get(f"{page[name]}{joint}export=csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
