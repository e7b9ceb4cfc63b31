"""Opening, canceling and scheduling jobs."""

from __future__ import annotations

import datetime
import threading

import pytest
from django.db import IntegrityError, connection, transaction

from connectors.models import Connection, ConnectionState
from jobs.control import cancel, open_job
from jobs.models import Schedule, SyncJob, Trigger
from jobs.schedule import create_due
from jobs.timing import next_time
from tests import factories

NOON = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.UTC)


@pytest.fixture
def books(db) -> Connection:
    return factories.connection(company=factories.company())


def test_the_database_refuses_a_second_open_job(books: Connection) -> None:
    SyncJob.objects.create(connection=books, company=books.company)
    with pytest.raises(IntegrityError, match="one_open_job_per_connection"), transaction.atomic():
        SyncJob.objects.create(connection=books, company=books.company)


def test_opening_while_one_is_open_returns_it(books: Connection) -> None:
    first = open_job(connection=books)
    second = open_job(connection=books)
    assert (first.is_new, second.is_new) == (True, False)
    assert first.job == second.job
    assert not SyncJob.objects.get().run_again


def test_a_retry_during_a_job_makes_it_run_again(books: Connection) -> None:
    open_job(connection=books)
    open_job(connection=books, trigger=Trigger.RETRY)
    assert SyncJob.objects.get().run_again


@pytest.mark.django_db(transaction=True)
def test_two_people_pressing_the_button_at_once_get_one_job() -> None:
    books = factories.connection(company=factories.company())
    barrier = threading.Barrier(4)
    opened = []

    def press() -> None:
        barrier.wait()
        opened.append(open_job(connection=books))
        connection.close()

    people = [threading.Thread(target=press) for _ in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join()

    assert sorted(one.is_new for one in opened) == [False, False, False, True]
    assert len({one.job.pk for one in opened if one.job}) == 1


@pytest.mark.parametrize(
    ("state", "word"),
    [(ConnectionState.CLOSED, "closed"), (ConnectionState.RECONNECT, "Reconnect")],
)
def test_no_job_without_access(books: Connection, state: str, word: str) -> None:
    books.state = state
    opened = open_job(connection=books)
    assert opened.job is None
    assert word in opened.refusal


def test_no_job_while_paused(books: Connection) -> None:
    books.paused_at = NOON
    assert "paused" in open_job(connection=books).refusal
    books.paused_until = NOON - datetime.timedelta(days=3650)
    assert open_job(connection=books).is_new


def test_a_job_is_canceled_once(books: Connection) -> None:
    job = open_job(connection=books).job
    assert job
    assert cancel(job=job, user=None)
    assert not cancel(job=job, user=None)


def schedule(books: Connection, **fields: object) -> Schedule:
    values: dict = {"interval_minutes": 60} | fields
    return Schedule.objects.create(
        connection=books, company=books.company, is_enabled=True, **values
    )


def test_enabling_a_schedule_creates_jobs_by_itself(books: Connection) -> None:
    made = schedule(books)
    assert create_due(now=NOON) == []  # The first tick says when.
    made.refresh_from_db()
    assert made.next_at == NOON + datetime.timedelta(hours=1)

    [job] = create_due(now=NOON + datetime.timedelta(hours=1))

    assert job.trigger == Trigger.SCHEDULE
    assert job.scheduled_for == made.next_at


def test_missed_ticks_collapse_into_one(books: Connection) -> None:
    schedule(books, next_at=NOON - datetime.timedelta(days=3))
    assert len(create_due(now=NOON)) == 1
    assert create_due(now=NOON) == []
    assert Schedule.objects.get().next_at == NOON + datetime.timedelta(hours=1)


def test_a_scheduler_that_fires_twice_creates_one_job(books: Connection) -> None:
    made = schedule(books, next_at=NOON)
    create_due(now=NOON)
    SyncJob.objects.update(completed_at=NOON, state="finished", outcome="succeeded")
    Schedule.objects.filter(pk=made.pk).update(next_at=NOON)
    assert create_due(now=NOON) == []
    assert SyncJob.objects.count() == 1


def test_a_scheduled_job_while_one_is_open_is_not_queued_up(books: Connection) -> None:
    open_job(connection=books)
    schedule(books, next_at=NOON)
    assert create_due(now=NOON) == []
    assert SyncJob.objects.count() == 1


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        # Berlin, 8:00: seven o'clock UTC in winter, six in summer.
        ("2026-11-23T05:00", "2026-11-23T07:00"),
        ("2026-11-23T07:00", "2026-11-24T07:00"),
        ("2026-03-28T12:00", "2026-03-29T06:00"),
        ("2026-10-24T12:00", "2026-10-25T07:00"),
    ],
)
def test_a_time_of_day_is_local(after: str, expected: str) -> None:
    daily = Schedule(time_of_day=datetime.time(8), time_zone="Europe/Berlin")
    moment = datetime.datetime.fromisoformat(after + "+00:00")
    assert next_time(daily, after=moment) == datetime.datetime.fromisoformat(expected + "+00:00")
