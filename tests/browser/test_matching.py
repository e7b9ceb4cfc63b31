"""Matching and mapping, as a bookkeeper does them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from connectors.models import Connection, ConnectionState, Link
from jobs.models import SyncJob
from syncqueue.models import State, SyncQueueItem
from tests.browser import demo, matching_demo
from tests.browser.conftest import Opener
from tests.browser.test_every_page import problems

LogIn = Callable[..., None]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def books() -> Connection:
    demo.fill()
    SyncJob.objects.open().delete()
    found = Connection.objects.get()
    matching_demo.lists(found)
    matching_demo.proposals(found)
    return found


def is_too_wide(page: Page) -> bool:
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return bool(wide > 0)


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 1440), ("light", 360)])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    open_page: Opener, log_in: LogIn, books: Connection, theme: str, width: int
) -> None:
    page = open_page(theme=theme, width=width)
    log_in(page)
    found = []
    for path in (
        "matching/",
        "matching/?view=review",
        "matching/?view=here",
        "matching/?view=there",
        "matching/?view=decided",
        "mapping/?need=mapping:deposit_account",
        "load/",
        "load/?type=invoice",
    ):
        page.goto(f"/connections/{books.pk}/{path}")
        found += problems(page)
        if is_too_wide(page):
            found.append(f"{path} scrolls sideways")
    page.goto(f"/connections/{books.pk}/matching/?view=here")
    page.get_by_role("link", name="Link to another… Exotic Liquids").click()
    found += problems(page)
    assert found == []


def test_deciding_and_confirming(open_page: Opener, log_in: LogIn, books: Connection) -> None:
    page = open_page()
    log_in(page)
    page.goto("/connections/matching/")
    expect(page.get_by_text("5 proposals need your decision")).to_be_visible()

    page.get_by_role("button", name="Link all 3 exact matches").click()
    expect(page.get_by_text("3 proposals are decided. Nothing happens")).to_be_visible()
    page.get_by_role("link", name="Needs review").click()
    page.get_by_role("button", name="Link Hungry Coyote & Sons").click()
    page.get_by_role("link", name="Link to another… La maison d'Asie").click()
    page.get_by_label("Name there").fill("cool")
    page.locator("#content").get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Link with Cool Cars").click()
    expect(page.get_by_text("will be linked with “Cool Cars” when you confirm")).to_be_visible()
    page.get_by_role("link", name="Decided").click()
    page.get_by_role("button", name="Undo for La maison d'Asie").click()
    expect(page.get_by_text("1 decision is taken back")).to_be_visible()
    page.get_by_role("link", name="Needs review").click()
    page.get_by_role("button", name="Skip La maison d'Asie").click()
    expect(page.get_by_text("Everything is decided")).to_be_visible()
    assert not Link.objects.filter(external_id__startswith="id of").exists()

    page.get_by_role("button", name="Confirm and start").click()
    page.wait_for_url("**/jobs/*/")
    books.refresh_from_db()
    assert books.state == ConnectionState.READY
    assert Link.objects.filter(external_id__startswith="id of").count() == 4


def test_chosen_rows_are_decided_by_the_bar_without_script(
    open_page: Opener, log_in: LogIn, books: Connection
) -> None:
    page = open_page(script=False)
    log_in(page)
    page.goto(f"/connections/{books.pk}/matching/?view=there")
    for box in page.locator("input[name=pick]").all()[:2]:
        box.check()
    page.locator(".bulk").get_by_role("button", name="Skip").click()
    expect(page.get_by_text("2 proposals are decided")).to_be_visible()
    assert page.url.endswith("?view=there")


def test_a_missing_account_is_chosen_and_what_waited_goes(
    open_page: Opener, log_in: LogIn, books: Connection
) -> None:
    Connection.objects.update(state=ConnectionState.READY)
    page = open_page()
    log_in(page)
    page.get_by_role("link", name="Mapping").click()
    page.goto(page.url + "?need=mapping:deposit_account")
    field = page.get_by_label("Deposit account")
    expect(field).to_be_focused()
    expect(page.get_by_text("3 records wait for this")).to_be_visible()
    field.select_option("Checking")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("3 records that waited for it are sent now")).to_be_visible()
    page.wait_for_url("**/jobs/*/")
    waits = SyncQueueItem.objects.filter(state=State.BLOCKED).exclude(blocked_by_need="")
    assert waits.count() == 1
