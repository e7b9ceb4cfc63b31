"""From the overview to what has to be done, and the jobs of last night, in few clicks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from jobs.models import JobOutcome, JobState, SyncJob
from syncqueue.models import State, SyncQueueItem
from tests.browser import demo
from tests.browser.conftest import Opener

LogIn = Callable[..., None]

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_overview_leads_to_the_first_thing_to_do(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    page.goto("/")
    needs = page.get_by_role("region", name="What needs a person")
    first = needs.get_by_role("listitem").filter(has_text="books are closed")
    expect(first).to_contain_text("USD")
    first.get_by_role("link").click()
    expect(page.get_by_role("main")).to_contain_text("The books are closed up to")


def test_the_chart_is_also_a_table_and_needs_no_script(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page(script=False)
    log_in(page)
    page.goto("/")
    expect(page.get_by_role("img", name="Bars for each of the last 30 days")).to_be_visible()
    page.get_by_text("Show as a table").click()
    table = page.get_by_role("region", name="The last 30 days").get_by_role("table")
    expect(table.get_by_role("row")).to_have_count(31)


def test_what_failed_last_night_is_retried_with_two_clicks(
    open_page: Opener, log_in: LogIn
) -> None:
    _company, nancy, books = demo.company()
    job = demo.running_job(books, nancy)
    demo.error(job, label="Around the Horn")
    job.refresh_from_db()
    demo.finish(job, outcome=JobOutcome.WITH_ERRORS)
    page = open_page()
    log_in(page)
    page.get_by_role("link", name=str(job.pk), exact=True).click()
    page.get_by_role("button", name="Retry what failed").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        f"Sync Jobs / {SyncJob.objects.open().get().pk}"
    )


def test_a_job_that_begins_elsewhere_appears_by_itself(open_page: Opener, log_in: LogIn) -> None:
    _company, nancy, books = demo.company()
    page = open_page()
    log_in(page)
    first = demo.running_job(books, nancy)
    page.reload()
    demo.finish(first)
    second = demo.running_job(books)
    row = page.locator(f"#sync-job-{second.pk}")
    expect(row).to_contain_text("122 of 144", timeout=15_000)
    expect(page.get_by_role("navigation", name="Views")).to_contain_text("All 2")


def test_a_running_job_tells_how_long_it_may_take_and_its_end(
    open_page: Opener, log_in: LogIn
) -> None:
    demo.fill()
    job = SyncJob.objects.open().get()
    page = open_page()
    log_in(page)
    page.goto(f"/jobs/{job.pk}/")
    state = page.get_by_role("region", name="State")
    expect(state).to_contain_text("At the speed so far, the export takes about")
    SyncJob.objects.filter(pk=job.pk).update(state=JobState.IMPORTING)
    expect(state).to_contain_text("known only when it has been read")
    job.refresh_from_db()
    demo.finish(job)
    expect(page.get_by_role("status")).to_have_text(f"{job} has finished without errors.")
    expect(
        page.get_by_role("button", name=re.compile("Retry what failed|Run again")).first
    ).to_be_visible()


def test_a_counter_leads_to_its_records(open_page: Opener, log_in: LogIn) -> None:
    _company, nancy, books = demo.company()
    job = demo.running_job(books, nancy)
    demo.finish(job)
    item = SyncQueueItem.objects.create(
        connection=books,
        company=books.company,
        record_type="customer",
        record_id=1,
        label="Ernst Handel",
        first_operation="update",
        operation="update",
        rank=20,
        state=State.UNCHANGED,
        finished_at=job.completed_at,
    )
    page = open_page()
    log_in(page)
    page.goto(f"/jobs/{job.pk}/")
    page.get_by_role("region", name="State").get_by_role("link", name="37").click()
    expect(page.get_by_role("table")).to_contain_text(item.label)
