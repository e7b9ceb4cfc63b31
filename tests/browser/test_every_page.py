"""What is true of every page: usable by all, at any width, in both themes, and without script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from connectors.models import Link
from jobs.models import Exchange, SyncError, SyncJob
from syncqueue.models import SyncQueueItem
from tests.browser import demo
from tests.browser.conftest import Opener

LogIn = Callable[..., None]
# WCAG 2.2 AA and what axe calls best practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = pytest.mark.django_db(transaction=True)


def pages() -> list[str]:
    job = SyncJob.objects.open().get()
    gone = Link.objects.exclude(gone_at=None)[0]
    exchange = Exchange.objects.filter(job=job).order_by("pk")[0]
    item = SyncQueueItem.objects.get(label="INV-10250")
    return [
        "/",
        "/jobs/",
        f"/jobs/{job.pk}/",
        f"/jobs/{job.pk}/records/",
        f"/jobs/{job.pk}/exchanges/{exchange.pk}/",
        "/errors/",
        "/errors/?show=table",
        f"/errors/{SyncError.objects.order_by('pk')[0].fingerprint}/",
        "/conflicts/",
        f"/conflicts/invoice/{gone.record_id}/",
        f"/connections/{job.connection_id}/policies/",
        f"/errors/?job={job.pk}&view=resolved",
        "/queue/",
        f"/queue/{item.pk}/",
        f"/records/invoice/{item.record_id}/why/",
        "/search/?q=horn",
        "/connections/",
        f"/connections/{job.connection_id}/pause/",
        f"/connections/{job.connection_id}/disconnect/",
        f"/connections/{job.connection_id}/schedule/",
        "/connections/log-in/tryton/",
        "/alerts/",
        "/people/",
        "/audit/",
        f"/connections/{job.connection_id}/matching/",
        f"/connections/{job.connection_id}/mapping/",
        f"/connections/{job.connection_id}/load/?type=invoice",
        "/tables/sync-jobs/settings/",
    ]


def problems(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    return [
        f"{page.url} {one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]
    ]


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 1440), ("light", 360)])
def test_axe_finds_nothing(open_page: Opener, log_in: LogIn, theme: str, width: int) -> None:
    demo.fill()
    page = open_page(theme=theme, width=width)
    page.goto("/admin/login/")
    found = problems(page)
    log_in(page)
    for path in pages():
        if path == "/nowhere/":  # The browser itself complains about a 404.
            continue
        page.goto(path)
        found += problems(page)
    assert found == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_dialogs_and_menus(
    open_page: Opener, log_in: LogIn, theme: str
) -> None:
    demo.fill()
    page = open_page(theme=theme)
    log_in(page)
    page.get_by_role("link", name="Table settings").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found = problems(page)
    page.keyboard.press("Escape")
    page.locator("details.account > summary").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    found += problems(page)
    page.goto("/queue/")
    page.locator(".pick input[name=pick]").first.check()
    expect(page.get_by_text("1 chosen")).to_be_visible()
    found += problems(page)
    page.goto("/errors/")
    page.locator("details.menu > summary").first.click()
    found += problems(page)
    assert found == []


@pytest.mark.parametrize("width", [1440, 1280, 1024, 360])
def test_no_page_scrolls_sideways(open_page: Opener, log_in: LogIn, width: int) -> None:
    demo.fill()
    page = open_page(width=width)
    log_in(page)
    too_wide = []
    for path in pages():
        page.goto(path)
        over = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if over > 0:
            too_wide.append((path, over))
    assert too_wide == []


@pytest.mark.parametrize("width", [1440, 1280, 1024])
def test_the_first_columns_fit_without_scrolling(
    open_page: Opener, log_in: LogIn, width: int
) -> None:
    demo.fill()
    page = open_page(width=width)
    log_in(page)
    region = page.get_by_role("region", name="Sync Jobs")
    assert region.evaluate("box => box.scrollWidth - box.clientWidth") <= 0


def test_every_page_has_one_heading_and_one_main(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    for path in pages():
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        expect(page.get_by_role("main")).to_have_count(1)


def test_the_keyboard_reaches_the_content_first(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("navigation", name="Views").get_by_role("link").first).to_be_focused()


def test_the_account_menu_works_by_keyboard(open_page: Opener, log_in: LogIn) -> None:
    demo.company()
    page = open_page()
    log_in(page)
    page.locator("details.account > summary").press("Enter")
    page.get_by_role("button", name="Dark").press("Enter")
    expect(page.locator("html")).to_have_class("dark")
    page.get_by_role("button", name="Log out").press("Enter")
    page.goto("/jobs/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in to Syncapp")


def test_without_script_lists_filters_and_columns_work(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page(script=False)
    log_in(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_label("Outcome", exact=True).select_option("failed")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("tbody tr")).to_have_count(SyncJob.objects.filter(outcome="failed").count())

    page.goto("/jobs/")
    page.get_by_role("link", name="Table settings").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Table settings")
    page.get_by_role("button", name="Remove Date").click()
    page.get_by_role("button", name="Add Requests").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("columnheader").last).to_have_text("Requests")
    expect(page.get_by_role("columnheader", name="Date", exact=True)).to_have_count(0)


def test_records_of_the_queue_are_held_and_skipped(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    page.goto("/queue/?view=waiting&q=INV-10250")
    page.get_by_label("Choose INV-10250").check()
    page.get_by_role("button", name="Hold").click()
    expect(page.get_by_text("1 record is held.")).to_be_visible()
    expect(page.locator("tbody tr")).to_contain_text("Held by Nancy Davolio")

    page.get_by_label("Choose INV-10250").check()
    page.get_by_role("button", name="Skip…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Skip records")
    page.get_by_label("Why are they skipped?").fill("Booked by hand")
    page.get_by_role("button", name="Skip", exact=True).click()
    expect(page.get_by_text("1 record is skipped.")).to_be_visible()
    page.goto("/queue/?view=done")
    expect(page.locator("tbody tr")).to_contain_text("Booked by hand")
