"""The overview: the verdict, what needs a person and in which order, the last thirty days."""

from __future__ import annotations

import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from companies.models import Company
from connectors.models import Connection, ConnectionState, Match
from jobs.errors import fingerprint
from jobs.health import healths
from jobs.models import ErrorPhase, JobOutcome, JobState, SyncError, SyncJob
from jobs.trend import trend
from jobs.verdict import needing_person, needs_of, verdict_of
from syncqueue.models import Operation, State, SyncQueueItem
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    cache.clear()
    return factories.company(name="Northwind", time_zone="America/New_York")


@pytest.fixture
def books(company: Company) -> Connection:
    return factories.connection(company=company)


@pytest.fixture
def browser(client: Client, company: Company) -> Client:
    client.force_login(factories.member(company=company))
    return client


def finished_job(books: Connection, **fields: object) -> SyncJob:
    defaults = {"outcome": JobOutcome.SUCCEEDED, "completed_at": timezone.now()}
    return SyncJob.objects.create(
        connection=books, company=books.company, state=JobState.FINISHED, **defaults | fields
    )


def error(job: SyncJob, *, cause: str, **fields: object) -> SyncError:
    defaults: dict[str, object] = {
        "phase": ErrorPhase.EXPORT,
        "reason": "validation",
        "message": f"About {cause}.",
        "fingerprint": fingerprint(cause),
        "record_type": "invoice",
    }
    return SyncError.objects.create(
        job=job, connection=job.connection, company=job.company, **defaults | fields
    )


def item(books: Connection, record_id: int, **fields: object) -> SyncQueueItem:
    defaults: dict[str, object] = {
        "record_type": "invoice",
        "label": f"INV-{record_id}",
        "first_operation": Operation.CREATE,
        "operation": Operation.CREATE,
        "rank": 30,
    }
    return SyncQueueItem.objects.create(
        connection=books, company=books.company, record_id=record_id, **defaults | fields
    )


def verdict(books: Connection) -> tuple[str, str]:
    """Its colour and its title."""
    books.refresh_from_db()
    (health,) = healths([books])
    last = SyncJob.objects.finished().order_by("-pk").first()
    needs = needs_of(books)
    found = verdict_of(health, needing=needing_person(books), needs=needs, last=last)
    return found.tone, found.title


# The verdict.


def test_the_verdict_follows_what_happens(books: Connection) -> None:
    assert verdict(books) == ("idle", "Connected, and nothing was exchanged yet")
    job = finished_job(books)
    assert verdict(books) == ("ok", "Everything is in agreement")
    waits = item(books, 1)
    assert verdict(books) == ("ok", "Nothing needs you")
    waits.state = State.FAILED
    waits.save()
    error(job, cause="a", item=waits)
    assert verdict(books) == ("warn", "1 record needs you")
    Connection.objects.update(paused_at=timezone.now())
    assert verdict(books) == ("idle", "Synchronization is paused")
    Connection.objects.update(state=ConnectionState.RECONNECT)
    assert verdict(books) == ("bad", "QuickBooks Online no longer lets us in")


def test_a_failed_job_is_said_although_nothing_else_is_wrong(books: Connection) -> None:
    finished_job(books, outcome=JobOutcome.FAILED, explanation="It went wrong.")
    assert verdict(books) == ("bad", "The last Sync Job failed")


def test_a_held_record_needs_nobody(books: Connection) -> None:
    finished_job(books)
    item(books, 1, state=State.FAILED, held_at=timezone.now())
    assert verdict(books) == ("ok", "Nothing needs you")


# What needs a person.


def test_what_needs_a_person_is_in_order(books: Connection) -> None:
    job = finished_job(books)
    error(job, cause="one")
    for _again in range(2):
        error(job, cause="two", amount=Decimal("10.00"), currency="USD")
    error(job, cause="two", amount=Decimal("7.50"), currency="EUR")
    item(books, 1, state=State.CONFLICT)
    Match.objects.create(
        company=books.company, connection=books, record_type="customer", external_id="1"
    )
    Connection.objects.update(state=ConnectionState.RECONNECT)
    books.refresh_from_db()
    needs = needs_of(books)
    assert [need.title for need in needs] == [
        "QuickBooks Online no longer lets us in",
        "1 record may be in accounting already",
        "1 record was changed on both sides",
        "3 invoices: The accounting system refuses the record as it is",
        "About one.",
    ]
    assert needs[3].stakes == ["7.50 EUR and 20.00 USD"]


def test_what_mends_itself_needs_nobody(books: Connection) -> None:
    error(finished_job(books), cause="a", reason="transient")
    assert needs_of(books) == []
    assert verdict(books) == ("ok", "Nothing needs you")


def test_the_page_has_it_all(browser: Client, books: Connection) -> None:
    job = finished_job(books, exported=12)
    error(job, cause="a")
    old = timezone.now() - datetime.timedelta(minutes=9)
    item(books, 1, first_changed_at=old)
    page = browser.get("/").content.decode()
    assert "1 error needs you" in page
    assert "What needs a person, in this order" in page
    assert f"/errors/{fingerprint('a')}/" in page
    assert "9 min ago" in page
    assert "Exported 12" in page
    assert f"Sync Job {job.pk}" in page


# The last thirty days.


def test_a_day_is_a_day_of_the_company(company: Company, books: Connection) -> None:
    zone = ZoneInfo("America/New_York")
    now = datetime.datetime(2026, 11, 23, 12, tzinfo=zone)
    late = datetime.datetime(2026, 11, 21, 23, 30, tzinfo=zone)  # The 22nd in UTC.
    finished_job(books, created_at=late, exported=5, imported=2, error_count=1)
    finished_job(books, created_at=now, exported=7)
    finished_job(books, created_at=now - datetime.timedelta(days=30), exported=1000)
    found = trend(company=company, now=now)
    assert len(found.days) == 30
    by_date = {day.date.isoformat(): day for day in found.days}
    assert (by_date["2026-11-21"].exported, by_date["2026-11-21"].errors) == (5, 1)
    assert by_date["2026-11-23"].exported == 7
    assert (found.exported, found.imported, found.errors, found.most) == (12, 2, 1, 7)


def test_days_that_are_over_are_added_up_once(company: Company, books: Connection) -> None:
    now = timezone.now()
    finished_job(books, created_at=now - datetime.timedelta(days=9), exported=5)
    assert trend(company=company, now=now).exported == 5
    finished_job(books, created_at=now - datetime.timedelta(days=9), exported=1)
    finished_job(books, created_at=now, exported=2)
    assert trend(company=company, now=now).exported == 7


def test_bars_stand_on_the_ground_and_the_smallest_is_seen(
    company: Company, books: Connection
) -> None:
    now = timezone.now()
    finished_job(books, created_at=now - datetime.timedelta(days=1), exported=10_000)
    finished_job(books, created_at=now, exported=1)
    *_others, highest, lowest = trend(company=company, now=now).bars
    assert (highest.exported_top, highest.exported) == (0, 100)
    assert lowest.exported > 1
    assert lowest.exported_top == 100 - lowest.exported
