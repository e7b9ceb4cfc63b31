"""The page of a schedule: what it shows while it is filled in, what it refuses, what it saves."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import AuditEntry, Company, Role
from connectors.models import Connection
from jobs.models import Schedule
from jobs.schedule import create_due
from tests import factories

pytestmark = pytest.mark.django_db

FORM = {
    "is_enabled": "on",
    "kind": "interval",
    "interval_minutes": "15",
    "weekdays": ["0", "1", "2", "3", "4"],
    "quiet_from": "22:00",
    "quiet_until": "06:00",
    "time_zone": "Europe/Berlin",
}
SENTENCE = "Every 15 minutes on weekdays, not between 22:00 and 6:00 (Europe/Berlin)"


@pytest.fixture
def books() -> Connection:
    company = factories.company(time_zone="Europe/Berlin")
    return factories.connection(company=company)


@pytest.fixture
def browser(client: Client, books: Connection) -> Client:
    client.force_login(factories.member(company=books.company, role=Role.ADMINISTRATOR))
    return client


@pytest.fixture
def address(books: Connection) -> str:
    return reverse("connection-schedule", args=[books.pk])


def test_saving_says_when_jobs_start_and_the_scheduler_does_so(
    browser: Client, books: Connection, address: str
) -> None:
    answer = browser.post(address, FORM, follow=True)
    assert f"Sync Jobs start: {SENTENCE}." in answer.content.decode()
    schedule = Schedule.objects.get(connection=books)
    assert schedule.weekdays == [0, 1, 2, 3, 4]
    assert schedule.next_at is not None
    assert schedule.next_at > timezone.now()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.detail) == ("schedule.change", {"schedule": SENTENCE})

    [job] = create_due(now=schedule.next_at)
    assert job.scheduled_for == schedule.next_at


def test_the_plan_is_shown_while_the_form_is_filled_in_and_nothing_is_saved(
    browser: Client, address: str
) -> None:
    shown = FORM | {"show": "1"}
    whole = browser.post(address, shown).content.decode()
    part = browser.post(address, shown, headers={"HX-Request": "true"}).content.decode()
    assert SENTENCE in whole
    assert SENTENCE in part
    assert part.count("<time") == 3
    assert "<h1" not in part
    assert not Schedule.objects.exists()
    broken = shown | {"interval_minutes": ""}
    part = browser.post(address, broken, headers={"HX-Request": "true"}).content.decode()
    assert "Fill in the form" in part


def test_once_a_day_has_a_time_and_no_quiet_hours(
    browser: Client, books: Connection, address: str
) -> None:
    browser.post(address, FORM | {"kind": "daily", "time_of_day": "08:00"})
    schedule = Schedule.objects.get(connection=books)
    assert schedule.time_of_day == datetime.time(8)
    assert (schedule.interval_minutes, schedule.quiet_from) == (None, None)


def test_switched_off_nothing_starts(browser: Client, books: Connection, address: str) -> None:
    browser.post(address, FORM)
    answer = browser.post(address, {**FORM, "is_enabled": ""}, follow=True)
    assert "Sync Jobs start: Only by hand." in answer.content.decode()
    schedule = Schedule.objects.get(connection=books)
    assert (schedule.is_enabled, schedule.next_at) == (False, None)
    assert create_due(now=timezone.now() + datetime.timedelta(days=8)) == []
    assert AuditEntry.objects.filter(action="schedule.off").exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"interval_minutes": ""}, "Say every how many minutes."),
        ({"interval_minutes": "0"}, "greater than or equal to 1"),
        ({"kind": "daily", "time_of_day": ""}, "Say at what time."),
        ({"quiet_until": ""}, "Quiet hours need both ends."),
        ({"quiet_until": "22:00"}, "no quiet hours, or no others"),
        ({"time_zone": "Mars/Base"}, "not one of the available choices"),
        ({"weekdays": ["9"]}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    browser: Client, address: str, wrong: dict, said: str
) -> None:
    assert said in browser.post(address, FORM | wrong).content.decode()
    assert not Schedule.objects.exists()


def test_a_schedule_of_another_company_is_not_found(client: Client, address: str) -> None:
    elsewhere: Company = factories.company()
    client.force_login(factories.member(company=elsewhere, role=Role.ADMINISTRATOR))
    assert client.get(address).status_code == 404
