"""One Sync Job's page: its course, the estimate, what it did by type, the records it counts."""

from __future__ import annotations

import datetime

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from companies.audit import audit
from companies.models import Role
from jobs import tally
from jobs.course import changes, course, time_left
from jobs.models import Attempt, JobOutcome, JobState, SyncJob
from syncqueue.models import State, SyncQueueItem
from tests import factories
from tests.worlds import World, world

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)


@pytest.fixture
def made() -> World:
    cache.clear()
    return world(name="Northwind")


@pytest.fixture
def browser(client: Client, made: World) -> Client:
    client.force_login(factories.member(company=made.company, role=Role.OPERATOR))
    return client


@pytest.fixture
def running(made: World) -> SyncJob:
    return SyncJob.objects.create(
        connection=made.connection,
        company=made.company,
        state=JobState.EXPORTING,
        sent_request_at=NOW - datetime.timedelta(minutes=10),
        progress=100,
        progress_total=300,
    )


def finished(made: World) -> SyncJob:
    return SyncJob.objects.get(pk=made.rows["job"].pk)


# How long it may take.


def test_the_time_left_comes_from_the_speed_so_far(running: SyncJob) -> None:
    said = "At the speed so far, the export takes about 20 minutes more; the import follows."
    assert time_left(running, now=NOW) == said


@pytest.mark.parametrize(
    ("fields", "begins"),
    [
        ({"progress": 9}, "Too early"),
        ({"sent_request_at": NOW - datetime.timedelta(seconds=9)}, "Too early"),
        ({"sent_request_at": None}, "Too early"),
        ({"progress": 300}, "The export is nearly done"),
        ({"progress": 295}, "At the speed so far, the export takes less than a minute"),
        ({"progress_total": 5000}, "At the speed so far, the export takes about 8 hours"),
        ({"state": JobState.IMPORTING}, "How much there is to import"),
        ({"state": JobState.WAITING}, ""),
        ({"completed_at": NOW}, ""),
    ],
)
def test_what_is_not_known_is_not_said(
    running: SyncJob, fields: dict[str, object], begins: str
) -> None:
    for name, value in fields.items():
        setattr(running, name, value)
    said = time_left(running, now=NOW)
    assert said.startswith(begins)
    assert bool(said) == bool(begins)


# The course.


def test_the_course_tells_of_take_overs_pauses_and_who_canceled(
    made: World, running: SyncJob
) -> None:
    running.takeovers = 2
    running.cancel_requested_at, running.cancel_requested_by = NOW, made.member
    running.connection.retry_at, running.connection.retry_reason = NOW, "No answer."
    steps = {step.label: step for step in course(running)}
    assert list(steps) == [
        "Record info created",
        "Sent request",
        "Taken over",
        "Received response",
        "Paused until",
        "Cancel was asked for",
        "Completed",
    ]
    assert steps["Taken over"].note == "Other workers went on with it 2 times"
    assert steps["Paused until"].note == "No answer."
    assert steps["Cancel was asked for"].note == made.member.username


def test_settings_changed_shortly_before_or_during_a_job_are_named(made: World) -> None:
    job = finished(made)
    for action, days in (("connection.pause", 2), ("schedule.change", 0.5), ("queue.hold", 0.5)):
        entry = audit(company=made.company, user=made.member, action=action, target="Books")
        entry.at = job.created_at - datetime.timedelta(days=days)
        entry.save()
    audit(company=factories.company(), user=None, action="schedule.change", target="Others")
    (change,) = changes(job)
    assert (change.who, change.words) == (made.member.username, "Set the schedule of Books")
    assert not change.is_during


# What it did.


def test_an_exchange_is_told_in_words(made: World) -> None:
    exchange = made.rows["exchange"]
    attempt = Attempt.objects.get(exchange=exchange.pk)
    for number in range(2):
        Attempt.objects.create(
            exchange=attempt.exchange,
            company=made.company,
            item=attempt.item,
            record_type="invoice",
            record_id=number,
            push_id=str(number),
            operation="create",
            sent_generation=1,
            outcome="accepted",
            applied_at=timezone.now(),
        )
    assert tally.in_words([attempt.exchange]) == {exchange.pk: "Created 2 invoices, 1 was refused"}


def test_the_parts_of_a_running_job_count_what_is_left(made: World, running: SyncJob) -> None:
    SyncQueueItem.objects.filter(record_type="invoice").update(state=State.WAITING)
    SyncQueueItem.objects.filter(record_type="bill").update(held_at=NOW)
    parts = {part.record_type: part for part in tally.parts(running)}
    assert parts["invoice"].left == SyncQueueItem.objects.filter(record_type="invoice").count()
    assert "bill" not in parts
    assert [part.done for part in tally.parts(finished(made))] == [0]
    assert [part.refused for part in tally.parts(finished(made))] == [1]


def test_each_counter_leads_to_its_records(browser: Client, made: World) -> None:
    job = finished(made)
    item = SyncQueueItem.objects.filter(state=State.WAITING).earliest("pk")
    item.state, item.finished_at = State.UNCHANGED, job.completed_at
    item.save()
    page = browser.get(f"/jobs/{job.pk}/").content.decode()
    refused = made.rows["attempt"]
    for view, shown in (("refused", made.rows["queue_item"]), ("unchanged", item)):
        address = f"/jobs/{job.pk}/records/?view={view}"
        assert f'href="{address}"' in page
        page_of_records = browser.get(address).content.decode()
        assert shown.label in page_of_records[page_of_records.index('id="results"') :]
    assert "No record of this kind" in browser.get(f"/jobs/{job.pk}/records/").content.decode()
    # Done items are deleted before the journal: the record itself has a name.
    made.rows["error"].delete()
    SyncQueueItem.objects.filter(pk=refused.item_id).delete()
    page = browser.get(f"/jobs/{job.pk}/records/?view=refused").content.decode()
    assert str(made.rows["invoice"]) in page


def test_what_was_imported_leads_to_the_requests_that_read(browser: Client, made: World) -> None:
    job = finished(made)
    page = browser.get(f"/jobs/{job.pk}/?which=reads").content.decode()
    assert "Only requests that read." in page
    assert f'/jobs/{job.pk}/exchanges/{made.rows["exchange"].pk}/"' not in page
    page = browser.get(f"/jobs/{job.pk}/").content.decode()
    assert f'/jobs/{job.pk}/exchanges/{made.rows["exchange"].pk}/"' in page


# What a person does.


def test_what_failed_is_retried_from_the_job(browser: Client, made: World) -> None:
    job = finished(made)
    assert "Retry what failed" in browser.get(f"/jobs/{job.pk}/").content.decode()
    browser.post("/errors/retry/", {"all": "1", "job": job.pk})
    item = made.rows["queue_item"]
    item.refresh_from_db()
    assert item.state == State.WAITING
    assert SyncJob.objects.open().get().trigger == "retry"


def test_a_job_without_open_errors_only_runs_again(browser: Client, made: World) -> None:
    job = finished(made)
    job.errors.update(resolved_at=timezone.now())
    page = browser.get(f"/jobs/{job.pk}/").content.decode()
    assert "Retry what failed" not in page
    assert "Run again" in page


# New jobs appear by themselves.


def test_the_first_page_hears_of_jobs_that_begin_elsewhere(
    browser: Client, made: World, running: SyncJob
) -> None:
    page = browser.get("/jobs/").content.decode()
    assert f"/jobs/news/?newest={running.pk}" in page
    assert "HX-Trigger" not in browser.get(f"/jobs/news/?newest={running.pk}").headers
    running.state, running.outcome = JobState.FINISHED, JobOutcome.SUCCEEDED
    running.completed_at = timezone.now()
    running.save()
    SyncJob.objects.create(connection=made.connection, company=made.company)
    answer = browser.get(f"/jobs/news/?newest={running.pk}")
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (204, "new-sync-job")


def test_other_pages_and_orders_stay_as_they_are(browser: Client, made: World) -> None:
    for query in ("?page=2", "?sort=errors"):
        assert "/jobs/news/" not in browser.get(f"/jobs/{query}").content.decode()
