"""The Sync Queue, the record behind it, and the search: what a person does there, in clicks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from companies.models import AuditEntry
from jobs.models import SyncJob
from syncqueue.models import SyncQueueItem
from tests.browser import demo
from tests.browser.conftest import Opener
from ui.models import SavedView

LogIn = Callable[..., None]

pytestmark = pytest.mark.django_db(transaction=True)


class Clicks:
    """Counts what a person presses; typing is free, and so is looking."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, place: Locator) -> None:
        place.click()
        self.count += 1


def test_why_an_invoice_is_not_in_the_books_takes_three_clicks_from_anywhere(
    open_page: Opener, log_in: LogIn
) -> None:
    demo.fill()
    item = SyncQueueItem.objects.get(label="INV-10250")
    SyncQueueItem.objects.filter(pk=item.pk).update(state="failed", refusal="The books are closed.")
    page, clicks = open_page(), Clicks()
    log_in(page)
    for path in ("/", "/admin/records/customer/"):
        clicks.count = 0
        page.goto(path)
        clicks.on(page.get_by_role("button", name=re.compile("Search")).first)
        _type(page, "10250")
        found = page.locator("#command-results-list a").filter(has_text="INV-10250").first
        expect(found).to_contain_text("Invoice, failed")
        clicks.on(found)
        expect(page.locator(".standing")).to_contain_text("The books are closed.")
        assert clicks.count <= 3


def test_what_was_sent_for_an_invoice_takes_three_clicks_from_anywhere(
    open_page: Opener, log_in: LogIn
) -> None:
    demo.fill()
    page, clicks = open_page(), Clicks()
    log_in(page)
    clicks.on(page.get_by_role("button", name=re.compile("Search")).first)
    _type(page, "INV-10250")
    clicks.on(page.locator("#command-results-list a").filter(has_text="INV-10250").first)
    clicks.on(page.get_by_role("link", name="What was sent", exact=True).first)
    expect(page.get_by_role("region", name=re.compile("Sent")).first).to_contain_text("INV-10248")
    assert clicks.count <= 3


def test_the_palette_opens_by_keyboard_and_goes_to_the_first_result(
    open_page: Opener, log_in: LogIn
) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    page.keyboard.press("Control+k")
    _type(page, "around")
    expect(page.locator("#command-results-list a").first).to_contain_text("Around the Horn")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/admin/records/customer/"))


def test_without_script_the_search_is_a_page(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page(script=False)
    log_in(page)
    page.get_by_role("link", name="Search").click()
    page.get_by_label("Number or name").fill("berglunds")
    page.locator("#content").get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Berglunds snabbköp").click()
    expect(page).to_have_url(re.compile("/admin/records/customer/"))


def test_the_queue_says_what_changed_from_what_to_what(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    page.goto("/queue/?q=INV-10250")
    row = page.locator("tbody tr")
    expect(row).to_contain_text(re.compile("due date 16 Feb 2026.*31 Mar 2026"))
    expect(row).to_contain_text("memo Net 14")
    expect(row).to_contain_text("Nancy Davolio, in Syncapp")
    expect(row).to_contain_text("18.40 USD")
    row.get_by_role("link", name="INV-10250").click()
    expect(page.get_by_role("region", name="Why it is here")).to_contain_text("Net 14")
    expect(page.get_by_role("link", name="What was sent", exact=True)).to_have_count(2)


def test_chosen_records_go_first_and_are_sent_now(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    SyncJob.objects.open().update(
        state="finished", outcome="succeeded", completed_at="2026-11-23T08:00:00Z"
    )
    page = open_page()
    log_in(page)
    page.goto("/queue/?view=waiting&q=INV-10250")
    page.get_by_label("Choose INV-10250").check()
    page.get_by_role("button", name="Move to top").click()
    expect(page.get_by_text("1 record goes first among those of its kind.")).to_be_visible()
    item = SyncQueueItem.objects.get(label="INV-10250")
    assert item.priority == 1
    page.get_by_label("Choose INV-10250").check()
    page.get_by_role("button", name="Sync now").click()
    expect(page).to_have_url(re.compile(r"/jobs/\d+/"))
    assert item.pk in SyncJob.objects.open().get().scope["items"]
    assert AuditEntry.objects.filter(action="queue.sync_now", target="INV-10250").exists()


def test_a_record_is_held_with_a_reason_and_released_on_its_own_page(
    open_page: Opener, log_in: LogIn
) -> None:
    demo.fill()
    item = SyncQueueItem.objects.get(label="INV-10250")
    page = open_page()
    log_in(page)
    page.goto(f"/admin/records/invoice/{item.record_id}/change/")
    page.get_by_role("button", name="Hold…").click()
    page.get_by_label("Why? Your colleagues see it.").fill("Ask Laura")
    page.get_by_role("button", name="Hold", exact=True).click()
    expect(page.locator(".standing")).to_contain_text("Held by Nancy Davolio: Ask Laura")
    page.get_by_role("button", name="Release").click()
    expect(page.locator(".standing")).to_contain_text("Goes with the next Sync Job")


def test_why_again_shows_the_fields_that_differ(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    item = SyncQueueItem.objects.get(label="INV-10250")
    page = open_page()
    log_in(page)
    page.goto(f"/admin/records/invoice/{item.record_id}/change/")
    page.get_by_role("link", name="Why again?").click()
    differs = page.get_by_role("region", name="What differs from what both sides last agreed on")
    expect(differs).to_contain_text("Net 14")
    expect(differs).to_contain_text("by Nancy Davolio, in Syncapp")
    expect(page.get_by_text("Its changes would be sent.")).to_be_visible()
    expect(page.get_by_role("region", name="Request")).to_contain_text("2026-03-31")


def test_a_view_is_saved_found_again_and_shared(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    page.goto("/queue/")
    page.get_by_label("Type", exact=True).select_option("customer")
    expect(page).to_have_url(re.compile("type=customer"))
    customers = SyncQueueItem.objects.open().filter(record_type="customer").count()
    expect(page.locator("tbody tr")).to_have_count(customers)
    _views(page).click()
    page.get_by_label("Save filters, columns and order as").fill("Customers")
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_text("“Customers” is saved. Its link can be shared.")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(customers)

    page.goto("/queue/")
    expect(page.locator("tbody tr")).to_have_count(20)
    _views(page).click()
    page.get_by_role("link", name="Customers", exact=True).last.click()
    expect(page.locator("tbody tr")).to_have_count(customers)
    page.locator("details.saved-views > summary").click()
    link = page.get_by_label(re.compile("Link to share")).input_value()
    assert SavedView.objects.get().key in link

    other = open_page(width=360)
    log_in(other)
    other.goto(link)
    expect(other.locator("tbody tr")).to_have_count(customers)


def test_the_file_has_what_the_filters_show(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    page.goto("/queue/")
    page.get_by_label("Type", exact=True).select_option("customer")
    expect(page).to_have_url(re.compile("type=customer"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 1 + SyncQueueItem.objects.open().filter(record_type="customer").count()
    assert any("Around the Horn" in line for line in lines)


def _type(page: Page, words: str) -> None:
    """Into the palette, as soon as it has the focus."""
    expect(page.locator("#search-input-command")).to_be_focused()
    page.keyboard.type(words)


def _views(page: Page) -> Locator:
    return page.locator("details.saved-views > summary").filter(has_text="Views")
