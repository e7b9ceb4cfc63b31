"""What a bookkeeper does in the morning, counted in clicks from the overview."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from connectors.models import Connection, Link
from jobs.models import JobOutcome, SyncJob
from records.models import Customer
from syncqueue.models import State, SyncQueueItem
from tests.browser import demo, demo_conflicts
from tests.browser.conftest import Opener

LogIn = Callable[..., None]

pytestmark = pytest.mark.django_db(transaction=True)


class Clicks:
    """Counts the clicks of a person who starts at the overview."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0
        page.goto("/")

    def click(self, what: Locator) -> None:
        what.click()
        self.count += 1

    def open(self, name: str) -> None:
        """An entry of the sidebar; its count is a part of its name."""
        sidebar = self.page.locator("#nav-sidebar-apps")
        self.click(sidebar.get_by_role("link", name=re.compile(rf"\b{name}\b")).first)


def a_night(*, waiting: int) -> tuple[Connection, SyncJob]:
    """A job that has ended with an item refused, for which invoices wait."""
    _company, nancy, books = demo.company()
    job = demo.running_job(books, nancy)
    demo.finish(job, outcome=JobOutcome.WITH_ERRORS)
    demo_conflicts.inactive_account(books, job, waiting=waiting)
    return books, job


def test_an_inactive_account_with_37_waiting_invoices_takes_three_clicks(
    open_page: Opener, log_in: LogIn
) -> None:
    a_night(waiting=37)
    page = open_page()
    log_in(page)
    clicks = Clicks(page)
    clicks.open("Errors")
    card = page.get_by_role("article")
    expect(card).to_contain_text("Account “4000 Sales” is inactive in accounting")
    expect(card).to_contain_text("38 records wait")
    expect(card).to_contain_text("12,487.50 USD")
    clicks.click(card.get_by_role("button", name="Use another account"))
    expect(page.get_by_label("Use this account")).to_have_text("4100 Sales")
    clicks.click(page.get_by_role("button", name="Use it and send again"))

    expect(page.get_by_role("heading", level=1)).to_contain_text("Sync Jobs /")
    assert clicks.count == 3
    item = SyncQueueItem.objects.open().get(record_type="item")
    assert item.state == State.WAITING
    assert SyncJob.objects.open().get().trigger == "retry"


def test_everything_that_failed_last_night_is_retried_with_two_clicks(
    open_page: Opener, log_in: LogIn
) -> None:
    a_night(waiting=2)
    page = open_page()
    log_in(page)
    clicks = Clicks(page)
    clicks.open("Errors")
    clicks.click(page.get_by_role("button", name="Retry all"))

    expect(page.get_by_role("heading", level=1)).to_contain_text("Sync Jobs /")
    assert clicks.count == 2
    assert not SyncQueueItem.objects.open().filter(state=State.FAILED).exists()


def test_what_exactly_was_sent_and_came_back_takes_three_clicks(
    open_page: Opener, log_in: LogIn
) -> None:
    a_night(waiting=2)
    page = open_page()
    log_in(page)
    clicks = Clicks(page)
    clicks.open("Errors")
    clicks.click(page.get_by_role("article").get_by_role("heading").get_by_role("link"))
    clicks.click(page.get_by_text("In the words of the accounting system"))

    assert clicks.count == 3
    expect(page.get_by_role("region", name="Sent", exact=True)).to_contain_text("Filo Mix")
    expect(page.get_by_role("region", name="Received", exact=True)).to_contain_text("610")


def test_a_conflict_of_two_fields_takes_four_clicks(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    clicks = Clicks(page)
    clicks.open("Conflicts")
    card = page.get_by_role("article").filter(has_text="Ernst Handel")
    clicks.click(card.get_by_label("Theirs for Name"))
    clicks.click(card.get_by_label("Ours for Tax number"))
    clicks.click(card.get_by_role("button", name="Use what I chose"))

    expect(page.get_by_text("Decided.")).to_be_visible()
    assert clicks.count == 4
    made = Customer.objects.get(name="Ernst Handel GmbH")
    assert Link.objects.get(record_type="customer", record_id=made.pk).conflicts == {}


def test_a_conflict_is_decided_without_script(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page(script=False)
    log_in(page)
    page.goto("/conflicts/")
    card = page.get_by_role("article").filter(has_text="Ernst Handel")
    card.get_by_role("button", name="All theirs").click()
    assert Customer.objects.filter(name="Ernst Handel GmbH").exists()


def test_chosen_errors_are_marked_as_done_in_the_table(open_page: Opener, log_in: LogIn) -> None:
    books, _job = a_night(waiting=1)
    page = open_page()
    log_in(page)
    page.goto("/errors/?show=table")
    page.get_by_label("Choose Filo Mix").check()
    page.get_by_role("button", name="Mark as done…").click()
    page.get_by_label("Number there (optional)").fill("145")
    page.get_by_role("button", name="Mark as done", exact=True).click()
    expect(page.get_by_text("1 record is marked as done.")).to_be_visible()
    assert Link.objects.get(connection=books, record_type="item").external_id == "145"


def test_people_say_who_looks_after_a_cause(open_page: Opener, log_in: LogIn) -> None:
    a_night(waiting=1)
    page = open_page()
    log_in(page)
    page.goto("/errors/")
    page.locator("details.menu > summary").click()
    page.get_by_role("button", name="I look after it").click()
    expect(page.get_by_role("article")).to_contain_text("Nancy Davolio looks after it")
    page.get_by_role("article").get_by_role("heading").get_by_role("link").click()
    page.get_by_label("Your comment").fill("The bank has told me.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_text("The bank has told me.")).to_be_visible()
