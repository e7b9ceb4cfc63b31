"""The record lists: columns are added with the cog wheel, and a list is kept and shared."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from records.models import Customer
from tests.browser import demo
from tests.browser.conftest import Opener
from tests.browser.test_every_page import RULES
from ui.models import SavedView

LogIn = Callable[..., None]
CUSTOMERS = "/admin/records/customer/"

pytestmark = pytest.mark.django_db(transaction=True)


def headings(page: Page) -> Locator:
    return page.locator("#result_list thead th .text")


def problems(page: Page) -> list[str]:
    """unfold calls the navigation and the list "scrollable content", each a landmark."""
    options = {"runOnly": RULES, "rules": {"landmark-unique": {"enabled": False}}}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{page.url} {one['id']}: {node['html']}" for one in found for node in one["nodes"]]


def test_a_column_is_added_and_a_view_is_saved_and_followed(
    open_page: Opener, log_in: LogIn
) -> None:
    demo.fill()
    Customer.objects.filter(name="Around the Horn").update(phone="(171) 555-7788")
    page = open_page()
    log_in(page)
    page.goto(f"{CUSTOMERS}?q=horn")
    page.get_by_role("link", name="Table settings").click()
    page.get_by_role("button", name="Add Phone").click()
    page.get_by_role("button", name="Remove Contact").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(headings(page).last).to_have_text("Phone")
    expect(headings(page).filter(has_text="Contact")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"\?q=horn$"))
    expect(page.locator("#result_list tbody")).to_have_count(1)
    expect(page.locator("#result_list tbody")).to_contain_text("(171) 555-7788")

    page.locator("details.saved-views > summary").click()
    page.get_by_label("Save filters, columns and order as").fill("The Horn")
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_text("“The Horn” is saved.")).to_be_visible()
    page.goto(f"/views/{SavedView.objects.get().key}/")
    expect(page.locator(".saved-name")).to_have_text("The Horn")
    expect(headings(page).last).to_have_text("Phone")
    expect(page.locator("#result_list tbody")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert download.value.suggested_filename.startswith("customers-")
    page.locator("#result_list tbody a").first.click()
    expect(page).to_have_url(re.compile(r"/customer/\d+/change/"))


def test_without_script_columns_of_a_record_list_are_chosen(
    open_page: Opener, log_in: LogIn
) -> None:
    demo.fill()
    page = open_page(script=False)
    log_in(page)
    page.goto("/admin/records/invoice/")
    page.get_by_role("link", name="Table settings").click()
    page.get_by_role("button", name="Add Memo").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile("/admin/records/invoice/$"))
    expect(headings(page).last).to_have_text("Memo")
    page.get_by_role("link", name="Number", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?sort=number$"))


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 1440), ("light", 360)])
def test_the_tools_are_usable_by_all_at_any_width(
    open_page: Opener, log_in: LogIn, theme: str, width: int
) -> None:
    demo.fill()
    page = open_page(theme=theme, width=width)
    log_in(page)
    page.goto(CUSTOMERS)
    found = problems(page)
    page.locator("details.saved-views > summary").click()
    expect(page.get_by_role("button", name="Save view")).to_be_visible()
    found += problems(page)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Table settings").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found += problems(page)
    assert found == []
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0


def test_no_note_about_the_servers_clock_lies_over_a_date(open_page: Opener, log_in: LogIn) -> None:
    """The browser of the test says it is five hours ahead."""
    demo.fill()
    page = open_page()
    page.add_init_script("Date.prototype.getTimezoneOffset = () => -300")
    log_in(page)
    page.goto("/admin/records/invoice/add/")
    expect(page.locator(".timezonewarning")).to_have_count(2)
    expect(page.locator(".timezonewarning").first).to_be_hidden()
    expect(page.get_by_label("Due date")).to_be_visible()
