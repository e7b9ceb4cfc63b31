"""A browser for the tests of this folder, and a page that knows its way around."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import demo
from tests.browser.chromium import chromium, executable

PATIENCE_MS = 10_000

Opener = Callable[..., Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if executable() is None:
        pytest.skip("chromium is not installed: apt-get install chromium, or set CHROMIUM")
    with chromium() as started:
        yield started


@pytest.fixture
def open_page(browser: Browser, live_server: Any) -> Iterator[Opener]:
    """Opens a fresh profile: `open_page(width=360, theme="dark", script=False)`. What the console
    complains about, a violated policy above all, fails the test."""
    complaints: list[str] = []
    contexts = []

    def opened(
        *, width: int = 1440, height: int = 900, theme: str = "light", script: bool = True
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        if script:
            context.add_init_script(f"""localStorage.setItem("adminTheme", '"{theme}"')""")
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text) if message.type in {"error", "warning"} else None
            ),
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def log_in() -> Callable[..., None]:
    def logged_in(page: Page, username: str = "nancy", password: str = demo.PASSWORD) -> None:
        page.goto("/admin/login/?next=/jobs/")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/jobs/")

    return logged_in
