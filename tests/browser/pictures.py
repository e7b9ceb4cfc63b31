"""Pictures of every page with demo rows, in both themes, wide and narrow."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.test.utils import setup_databases, teardown_databases
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from connectors.models import Connection, ConnectionState, Link
from jobs.models import Exchange, SyncError, SyncJob
from syncqueue.models import SyncQueueItem
from tests.books import running_books
from tests.browser import demo, demo_conflicts, matching_demo
from tests.browser.chromium import chromium

SIZES = {"wide": (1440, 900), "narrow": (360, 780)}


def paths() -> dict[str, str]:
    running = SyncJob.objects.open().get()
    done = SyncJob.objects.finished().filter(outcome="with_errors").order_by("-pk")[0]
    exchange = Exchange.objects.filter(job=running, status=200).order_by("pk")[0]
    item = SyncQueueItem.objects.get(label="INV-10250")
    cause = SyncError.objects.unresolved().filter(reason="missing_reference")[0]
    gone = Link.objects.exclude(gone_at=None)[0]
    return {
        "overview": "/",
        "sync-jobs": "/jobs/",
        "sync-job-running": f"/jobs/{running.pk}/",
        "sync-job-finished": f"/jobs/{done.pk}/",
        "sync-job-records": f"/jobs/{done.pk}/records/?view=refused",
        "exchange": f"/jobs/{running.pk}/exchanges/{exchange.pk}/",
        "errors": "/errors/",
        "errors-of-a-job": f"/errors/?job={running.pk}",
        "errors-table": "/errors/?show=table",
        "errors-cause": f"/errors/{cause.fingerprint}/",
        "conflicts": "/conflicts/",
        "conflict-gone": f"/conflicts/invoice/{gone.record_id}/",
        "policies": f"/connections/{running.connection_id}/policies/",
        "sync-queue": "/queue/?q=INV-102",
        "sync-queue-item": f"/queue/{item.pk}/",
        "record-why": f"/records/invoice/{item.record_id}/why/",
        "invoice": f"/admin/records/invoice/{item.record_id}/change/",
        "search": "/search/?q=horn",
        "connections": "/connections/",
        "connection-pause": f"/connections/{running.connection_id}/pause/",
        "connection-disconnect": f"/connections/{running.connection_id}/disconnect/",
        "connection-log-in": "/connections/log-in/tryton/",
        "schedule": f"/connections/{running.connection_id}/schedule/",
        "alerts": "/alerts/",
        "people": "/people/",
        "audit-log": "/audit/",
        "matching": f"/connections/{done.connection_id}/matching/?view=review",
        "mapping": f"/connections/{done.connection_id}/mapping/",
        "initial-load": f"/connections/{done.connection_id}/load/?type=invoice",
        "customers": "/admin/records/customer/",
    }


@contextmanager
def demo_site() -> Iterator[str]:
    """A server with a database of its own, gone afterwards."""
    databases = setup_databases(verbosity=0, interactive=False)
    demo.fill(jobs=41)
    books = Connection.objects.get()
    finished = SyncJob.objects.finished().order_by("-pk")[0]
    demo_conflicts.inactive_account(books, finished)
    matching_demo.lists(books)
    matching_demo.proposals(books, state=ConnectionState.READY)
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
