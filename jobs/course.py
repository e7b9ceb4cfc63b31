"""The course of one Sync Job: what happened when, who changed what, how long it may still take."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from companies.models import AuditEntry
from companies.sentences import sentence
from jobs import marks
from jobs.models import JobState, SyncJob, Trigger
from syncqueue.words import person_name
from ui.moments import lasted

# Changes so long before a job may be why it did what it did.
BEFORE = datetime.timedelta(hours=24)
CHANGES_SHOWN = 10
# Fewer records, or a shorter time, say nothing about the speed.
LEAST_RECORDS, LEAST_TIME = 10, datetime.timedelta(seconds=10)
# The choices that steer a job, as they are written into the audit log.
SETTINGS = (
    "connect",
    "connection.change",
    "connection.check",
    "connection.close",
    "connection.not_before",
    "connection.pause",
    "connection.policies",
    "connection.resume",
    "connection.resumed",
    "mapping.change",
    "mapping.items",
    "matching.confirm",
    "schedule.change",
    "schedule.off",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One moment in the course of a job; without a time while it has not come."""

    label: str
    at: datetime.datetime | None
    note: str
    tone: str
    shape: str


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody changed what steers the jobs."""

    who: str
    words: str
    at: datetime.datetime
    is_during: bool


def course(job: SyncJob) -> list[Step]:
    """The four moments of the original table as steps, and between them what else happened."""
    return [_created(job), _sent(job), *_taken_over(job), _received(job), *_ended(job)]


def changes(job: SyncJob) -> list[Change]:
    """Of settings, in the day before the job and during it; the newest first."""
    until = Q(at__lte=job.completed_at) if job.completed_at else Q()
    entries = (
        AuditEntry.objects.filter(
            until,
            company=job.company_id,
            at__gte=job.created_at - BEFORE,
            action__in=SETTINGS,
        )
        .select_related("user")
        .order_by("-id")[:CHANGES_SHOWN]
    )
    return [
        Change(
            who=person_name(entry.user),
            words=sentence(entry),
            at=entry.at,
            is_during=entry.at >= job.created_at,
        )
        for entry in entries
    ]


def time_left(job: SyncJob, *, now: datetime.datetime) -> str:
    """A sentence about how long the export may still take, from its speed so far. Nobody knows
    how much there is to import, so nothing is said about that."""
    if job.is_finished or job.state == JobState.WAITING:
        return ""
    if job.state == JobState.IMPORTING:
        return _("How much there is to import is known only when it has been read.")
    left = job.progress_total - job.progress
    elapsed = now - (job.sent_request_at or now)
    if left <= 0:
        return _("The export is nearly done; the import follows.")
    if job.progress < LEAST_RECORDS or elapsed < LEAST_TIME:
        return _("Too early to say how long it takes.")
    seconds = elapsed.total_seconds() / job.progress * left
    return _("At the speed so far, the export takes %s more; the import follows.") % _about(seconds)


def _about(seconds: float) -> str:
    """As exact as a guess may sound."""
    minutes = seconds / 60
    if minutes < 1:
        return _("less than a minute")
    if minutes < 10:
        count = round(minutes)
        return ngettext("about %d minute", "about %d minutes", count) % count
    if minutes < 100:
        return _("about %d minutes") % (round(minutes / 5) * 5)
    count = max(round(minutes / 60), 2)
    return _("about %d hours") % count


def _created(job: SyncJob) -> Step:
    note = str(marks.STARTED[Trigger(job.trigger)])
    if job.created_by:
        note = f"{note}, {person_name(job.created_by)}"
    return Step(_("Record info created"), job.created_at, note, "ok", "check")


def _sent(job: SyncJob) -> Step:
    label = _("Sent request")
    if job.sent_request_at:
        note = _("First of %d requests") % job.requests if job.requests > 1 else ""
        return Step(label, job.sent_request_at, note, "ok", "check")
    if job.is_finished:
        return Step(label, None, _("Nothing was sent"), "idle", "remove")
    return Step(label, None, _("Reads what waits in the Sync Queue"), "live", "progress_activity")


def _taken_over(job: SyncJob) -> Iterator[Step]:
    if job.takeovers:
        said = ngettext(
            "Another worker went on with it %d time",
            "Other workers went on with it %d times",
            job.takeovers,
        )
        yield Step(_("Taken over"), None, said % job.takeovers, "warn", "sync_problem")


def _received(job: SyncJob) -> Step:
    label = _("Received response")
    if job.is_finished:
        shape = ("ok", "check") if job.received_response_at else ("idle", "remove")
        note = _("Latest answer") if job.received_response_at else _("No answer came")
        return Step(label, job.received_response_at, note, *shape)
    if job.received_response_at:
        return Step(
            label, job.received_response_at, _("Latest answer"), "live", "progress_activity"
        )
    return Step(label, None, "", "idle", "more_horiz")


def _ended(job: SyncJob) -> Iterator[Step]:
    waits = job.connection.retry_at
    if not job.is_finished and waits and job.state != JobState.WAITING:
        yield Step(_("Paused until"), waits, job.connection.retry_reason, "warn", "pause")
    if job.cancel_requested_at:
        by = person_name(job.cancel_requested_by)
        yield Step(_("Cancel was asked for"), job.cancel_requested_at, by, "idle", "block")
    yield _completed(job)


def _completed(job: SyncJob) -> Step:
    label = _("Completed")
    if job.completed_at is None:
        imports = job.state == JobState.IMPORTING
        note = _("Imports changes") if imports else _("Import follows the export")
        return Step(label, None, note, "idle", "more_horiz")
    shape = {"ok": "check", "warn": "priority_high", "bad": "close", "idle": "block"}
    tone = marks.tone(job)
    took = _("Took %s") % lasted(job.completed_at - job.created_at)
    return Step(label, job.completed_at, took, tone, shape[tone])
