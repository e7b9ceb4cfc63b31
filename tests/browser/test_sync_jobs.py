"""The story of a person at a browser; rows changed in the database stand in for the worker."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from jobs.models import JobOutcome, JobState, SyncJob
from tests.browser import demo
from tests.browser.conftest import Opener

LogIn = Callable[..., None]
ORIGINAL_COLUMNS = [
    "ID",
    "Date",
    "Is finished",
    "Errors",
    "Record info created date/time",
    "Sent request",
    "Received response",
    "Completed date/time",
]

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_job_is_started_watched_to_its_end_and_its_errors_are_read(
    open_page: Opener, log_in: LogIn
) -> None:
    demo.company()
    page = open_page()
    log_in(page)
    page.get_by_role("button", name="New Sync Job").click()
    job = SyncJob.objects.get()
    row = page.locator(f"#sync-job-{job.pk}")
    expect(row).to_contain_text("Waiting")

    SyncJob.objects.update(
        state=JobState.EXPORTING, phase="Exporting invoices", progress=30, progress_total=200
    )
    expect(row).to_contain_text("30 of 200")
    SyncJob.objects.update(progress=124)
    expect(row).to_contain_text("124 of 200")
    expect(row.get_by_role("progressbar")).to_have_attribute("value", "124")

    job.refresh_from_db()
    demo.error(job, label="Around the Horn")
    job.refresh_from_db()
    demo.finish(job, outcome=JobOutcome.WITH_ERRORS)
    expect(row).to_contain_text("Yes, with errors")
    expect(page.get_by_role("status")).to_have_text(f"{job} has finished with errors.")
    expect(page.get_by_role("navigation", name="Views")).to_contain_text("Running 0")
    assert row.get_attribute("hx-get") is None

    page.get_by_role("link", name=f"1 errors of {job}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Errors")
    expect(page.get_by_text(f"Only the errors of {job}.")).to_be_visible()
    card = page.get_by_role("article")
    expect(card).to_contain_text("Around the Horn: the name has characters")
    expect(card).to_contain_text("Correct the record.")


def test_a_second_job_is_refused_with_a_link_to_the_open_one(
    open_page: Opener, log_in: LogIn
) -> None:
    _company, nancy, books = demo.company()
    job = demo.running_job(books, nancy)
    page = open_page()
    log_in(page)
    page.get_by_role("button", name="New Sync Job").click()
    expect(
        page.get_by_text(f"{job} is still running. A new one can start when it has finished.")
    ).to_be_visible()
    page.get_by_role("main").get_by_role("link", name=str(job), exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Sync Jobs / {job.pk}")
    assert SyncJob.objects.count() == 1


def test_chosen_columns_are_there_after_a_new_log_in(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    assert _headings(page) == ORIGINAL_COLUMNS
    page.get_by_role("link", name="Table settings").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Remove Date").click()
    expect(dialog.get_by_role("button", name="Add Date")).to_be_focused()
    dialog.get_by_role("button", name="Add Exported").click()
    up = dialog.get_by_role("button", name="Move Exported up")
    up.click()
    expect(dialog.locator("ol li").nth(6)).to_contain_text("Exported")
    expect(up).to_be_focused()
    up.press("Enter")
    expect(dialog.locator("ol li").nth(5)).to_contain_text("Exported")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog).to_be_hidden()
    chosen = [
        "ID",
        "Is finished",
        "Errors",
        "Record info created date/time",
        "Sent request",
        "Exported",
        "Received response",
        "Completed date/time",
    ]
    assert _headings(page) == chosen

    again = open_page()
    log_in(again)
    assert _headings(again) == chosen
    again.get_by_role("link", name="Table settings").click()
    again.get_by_role("dialog").get_by_role("button", name="Reset").click()
    again.wait_for_url("**/jobs/")
    assert _headings(again) == ORIGINAL_COLUMNS


def test_a_column_is_dragged_to_another_place(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    page.get_by_role("link", name="Table settings").click()
    rows = page.get_by_role("dialog").locator("ol li")
    rows.nth(3).drag_to(rows.nth(0), target_position={"x": 20, "y": 3})
    expect(rows.nth(0)).to_contain_text("Errors")
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert _headings(page)[:2] == ["Errors", "ID"]


def test_the_dialog_has_tabs_and_closes_without_saving(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    page.get_by_role("link", name="Table settings").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Rows on a page")).to_be_hidden()
    dialog.get_by_role("tab", name="Columns").press("ArrowRight")
    expect(dialog.get_by_role("tab", name="Sorting and rows")).to_be_focused()
    expect(dialog.get_by_label("Rows on a page")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_filters_change_the_rows_and_the_address(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    page.get_by_label("Outcome", exact=True).select_option("failed")
    expect(page).to_have_url(re.compile("outcome=failed"))
    pills = page.locator("tbody .state")
    expect(pills).to_have_count(1)
    expect(pills).to_contain_text("Yes, failed")
    page.get_by_label("Outcome", exact=True).select_option("")
    oldest = SyncJob.objects.order_by("pk")[0].pk
    page.get_by_role("main").get_by_label("Search", exact=True).fill(str(oldest))
    expect(page).to_have_url(re.compile(f"q={oldest}"))
    expect(page.locator(f"#sync-job-{oldest}")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sync Jobs")


def test_a_heading_sorts_and_keeps_the_focus(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    heading = page.get_by_role("columnheader", name="Errors")
    heading.get_by_role("link").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    expect(heading.get_by_role("link")).to_be_focused()
    heading.get_by_role("link").press("Enter")
    expect(heading).to_have_attribute("aria-sort", "descending")


def test_a_running_job_page_moves_and_shows_its_end(open_page: Opener, log_in: LogIn) -> None:
    _company, nancy, books = demo.company()
    job = demo.running_job(books, nancy)
    page = open_page()
    log_in(page)
    page.goto(f"/jobs/{job.pk}/")
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    SyncJob.objects.update(exported=321)
    expect(page.get_by_text("321", exact=True)).to_be_visible()
    demo.error(job, label="Around the Horn")
    expect(page.get_by_role("article")).to_contain_text("Around the Horn")
    job.refresh_from_db()
    demo.finish(job, outcome=JobOutcome.WITH_ERRORS)
    expect(page.get_by_role("button", name="Run again")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text(f"{job} has finished with errors.")


def test_who_was_logged_out_meanwhile_gets_the_log_in_page(
    open_page: Opener, log_in: LogIn
) -> None:
    _company, nancy, books = demo.company()
    demo.running_job(books, nancy)
    page = open_page()
    log_in(page)
    Session.objects.all().delete()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in to Syncapp")


def _headings(page: Page) -> list[str]:
    return [
        words.replace("arrow_downward", "").replace("arrow_upward", "").strip()
        for words in page.locator("thead th").all_inner_texts()
    ]
