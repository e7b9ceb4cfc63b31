"""Pictures of every page with demo rows, in both themes and three widths."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.test.utils import setup_databases, teardown_databases
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from jobs.models import Exchange, SyncJob
from syncqueue.models import SyncQueueItem
from tests.books import running_books
from tests.browser import demo
from tests.browser.chromium import chromium

SIZES = {"wide": (1440, 900), "middle": (1024, 768), "narrow": (360, 780)}


def paths() -> dict[str, str]:
    running = SyncJob.objects.open().get()
    done = SyncJob.objects.finished().filter(outcome="with_errors").order_by("-pk")[0]
    exchange = Exchange.objects.filter(job=running, status=200).order_by("pk")[0]
    item = SyncQueueItem.objects.get(label="INV-10250")
    return {
        "overview": "/",
        "sync-jobs": "/jobs/",
        "sync-job-running": f"/jobs/{running.pk}/",
        "sync-job-finished": f"/jobs/{done.pk}/",
        "exchange": f"/jobs/{running.pk}/exchanges/{exchange.pk}/",
        "errors": "/errors/",
        "errors-of-a-job": f"/errors/?job={running.pk}",
        "errors-table": "/errors/?show=table",
        "sync-queue": "/queue/",
        "sync-queue-item": f"/queue/{item.pk}/",
        "record-why": f"/records/invoice/{item.record_id}/why/",
        "invoice": f"/admin/records/invoice/{item.record_id}/change/",
        "search": "/search/?q=horn",
        "connections": "/connections/",
        "customers": "/admin/records/customer/",
    }


@contextmanager
def demo_site() -> Iterator[str]:
    """A server with a database of its own, gone afterwards."""
    databases = setup_databases(verbosity=0, interactive=False)
    demo.fill(jobs=41)
    server = LiveServer("127.0.0.1")
    try:
        yield server.url
    finally:
        server.stop()
        teardown_databases(databases, verbosity=0)


def take(folder: Path, say: Callable[[str], object] = print) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser, demo_site() as url:
        for theme in ("light", "dark"):
            for size, (width, height) in SIZES.items():
                context = browser.new_context(
                    base_url=url,
                    viewport={"width": width, "height": height},
                    color_scheme="dark" if theme == "dark" else "light",
                    reduced_motion="reduce",
                )
                page = context.new_page()
                page.goto("/admin/login/")
                page.screenshot(path=folder / f"log-in-{theme}-{size}.png")
                page.get_by_label("Username").fill("nancy")
                page.get_by_label("Password").fill(demo.PASSWORD)
                page.get_by_role("button", name="Log in").click()
                for name, path in paths().items():
                    page.goto(path, wait_until="networkidle")
                    page.screenshot(path=folder / f"{name}-{theme}-{size}.png")
                page.goto("/jobs/")
                page.get_by_role("link", name="Table settings").click()
                page.screenshot(path=folder / f"table-settings-{theme}-{size}.png")
                context.close()
                say(f"{theme}, {width} px")
        _take_books(browser, folder)


def _take_books(browser: Browser, folder: Path) -> None:
    """The simulated accounting system, as a person finds it."""
    width, height = SIZES["wide"]
    with (
        tempfile.TemporaryDirectory() as data,
        running_books(Path(data) / "books.sqlite", "--sample") as books,
    ):
        for theme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if theme == "dark" else "light",
            )
            page = context.new_page()
            page.goto(f"{books.address}/books/customer")
            page.screenshot(path=folder / f"simulator-{theme}-wide.png")
            context.close()
