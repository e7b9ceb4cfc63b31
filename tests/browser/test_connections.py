"""Connections and their schedule: what an administrator does there, in clicks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from connectors.models import Connection, ConnectionState
from jobs.models import Schedule
from tests.browser import demo
from tests.browser.conftest import Opener

LogIn = Callable[..., None]

pytestmark = pytest.mark.django_db(transaction=True)


class Clicks:
    """Counts what a person presses."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, place: Locator) -> None:
        place.click()
        self.count += 1


def test_pausing_until_monday_takes_three_clicks_from_the_overview(
    open_page: Opener, log_in: LogIn
) -> None:
    demo.fill()
    page, clicks = open_page(), Clicks()
    log_in(page)
    page.goto("/")
    clicks.on(page.get_by_role("link", name="Connections", exact=True))
    clicks.on(page.get_by_role("link", name="Pause…"))
    clicks.on(page.get_by_role("button", name="Until Monday 8:00"))
    expect(page.get_by_role("heading", name="Paused; goes on by itself")).to_be_visible()
    assert clicks.count == 3
    paused = Connection.objects.get().paused_until
    assert paused is not None

    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("goes on with the next Sync Job")).to_be_visible()
    expect(page.get_by_role("link", name="Pause…")).to_be_visible()


def test_a_pause_until_a_date_keeps_its_reason_without_script(
    open_page: Opener, log_in: LogIn
) -> None:
    demo.fill()
    page = open_page(script=False)
    log_in(page)
    page.goto(f"/connections/{Connection.objects.get().pk}/pause/")
    page.get_by_label("Why?").fill("The accountant cleans up")
    page.get_by_role("button", name="Until then").click()
    expect(page.get_by_text("Say until when")).to_be_visible()
    page.get_by_label("Date and time").fill("2031-07-01T09:30")
    page.get_by_role("button", name="Until then").click()
    expect(page.get_by_text("The accountant cleans up")).to_be_visible()


def test_disconnecting_explains_what_stays(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    page.goto("/connections/")
    page.get_by_role("link", name="Disconnect…").click()
    expect(page.get_by_text("What stays")).to_be_visible()
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("heading", name="Former connections")).to_be_visible()
    expect(page.get_by_role("link", name="Connect Tryton")).to_be_visible()
    assert Connection.objects.get().state == ConnectionState.CLOSED


def chips(page: Page) -> Locator:
    return page.locator("#schedule-plan li")


def test_a_schedule_shows_the_next_times_while_it_is_filled_in(
    open_page: Opener, log_in: LogIn
) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    page.goto("/connections/")
    page.get_by_role("link", name="Change the schedule").click()
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"):
        page.get_by_label(day).check()
    page.get_by_label("Every … minutes").fill("15")
    page.get_by_label("Quiet from").fill("22:00")
    page.get_by_label("Quiet until").fill("06:00")
    sentence = "Every 15 minutes on weekdays, not between 22:00 and 6:00 (America/New_York)"
    expect(page.locator("#schedule-plan")).to_contain_text(sentence)
    expect(chips(page)).to_have_count(3)
    assert Schedule.objects.get().interval_minutes == 240  # Not saved yet.

    page.get_by_label("Once a day").check()
    expect(page.get_by_label("Quiet from")).to_be_hidden()
    page.get_by_label("At", exact=True).fill("07:30")
    expect(page.locator("#schedule-plan")).to_contain_text("At 7:30 on weekdays")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Sync Jobs start: At 7:30 on weekdays")).to_be_visible()
