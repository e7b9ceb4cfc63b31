"""What a person or a schedule may do with jobs: open, cancel, retry."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.audit import audit
from connectors.models import Connection, ConnectionState
from jobs.doorbell import ring_on_commit
from jobs.models import JobState, Schedule, SyncErrorQuerySet, SyncJob, Trigger
from syncqueue import control as queue_control
from syncqueue.models import SyncQueueItem

# An entry of the audit log names this many records; of more it says how many there were.
NAMED = 50


@dataclass(frozen=True, slots=True)
class Opened:
    """`refusal` is a sentence when no job can start; `job` is then None."""

    job: SyncJob | None
    is_new: bool
    refusal: str = ""


def open_job(
    *,
    connection: Connection,
    trigger: Trigger = Trigger.MANUAL,
    user: User | None = None,
    scope: dict[str, Any] | None = None,
    schedule: Schedule | None = None,
    scheduled_for: datetime.datetime | None = None,
) -> Opened:
    """Create a job, or return the open one: there is one open job per connection, by constraint.

    A retry or a webhook during an open job makes that job run again when it has finished.
    """
    refusal = refusal_to_start(connection, now=timezone.now())
    if refusal:
        return Opened(None, False, refusal)
    while True:
        job = _created(
            SyncJob(
                connection=connection,
                company_id=connection.company_id,
                trigger=trigger,
                created_by=user,
                scope=scope or {},
                schedule=schedule,
                scheduled_for=scheduled_for,
            )
        )
        if job:
            return Opened(job, True)
        running = SyncJob.objects.open().filter(connection=connection).first()
        if running is None:
            if _already_scheduled(schedule, scheduled_for):
                return Opened(None, False, _("This scheduled Sync Job exists already."))
            continue  # It finished between the two statements.
        if trigger in {Trigger.MANUAL, Trigger.SCHEDULE} or _asked_again(running, trigger):
            return Opened(running, False)


def refusal_to_start(connection: Connection, *, now: datetime.datetime) -> str:
    if connection.state == ConnectionState.CLOSED:
        return _("This connection is closed. Connect the accounting system again.")
    if connection.state == ConnectionState.RECONNECT:
        return _("The accounting system no longer lets us in. Reconnect on the Connections page.")
    until = connection.paused_until
    if connection.paused_at and (until is None or until > now):
        return _("This connection is paused. Resume it on the Connections page.")
    return ""


@transaction.atomic
def cancel(*, job: SyncJob, user: User | None) -> bool:
    """Ask the job to stop between batches; False when it has finished already."""
    changed = SyncJob.objects.open().filter(pk=job.pk, cancel_requested_at=None)
    asked = changed.update(cancel_requested_at=Now(), cancel_requested_by=user) > 0
    if asked:
        audit(company=job.company, user=user, action="job.cancel", target=job)
        ring_on_commit(job.pk)
    return asked


@transaction.atomic
def retry(*, connection: Connection, errors: SyncErrorQuerySet, user: User | None) -> Opened:
    """Let the records of these errors wait again, and send them with a job."""
    chosen = errors.unresolved().filter(connection=connection)
    records = list(chosen.values_list("label", "item_id"))
    items = [item_id for _label, item_id in records if item_id]
    queue_control.requeue(items=SyncQueueItem.objects.filter(pk__in=items))
    audit(
        company=connection.company,
        user=user,
        action="errors.retry",
        target=records[0][0] if len(records) == 1 else _("%d errors") % len(records),
        records=[label for label, _item_id in records[:NAMED] if label],
        count=len(records),
    )
    return open_job(connection=connection, trigger=Trigger.RETRY, user=user)


def _created(job: SyncJob) -> SyncJob | None:
    try:
        with transaction.atomic():
            job.save(force_insert=True)
            if job.created_by and job.trigger == Trigger.MANUAL:
                audit(company=job.company, user=job.created_by, action="job.open", target=job)
    except IntegrityError:
        return None
    job.refresh_from_db()
    ring_on_commit(job.pk)
    return job


def _already_scheduled(schedule: Schedule | None, at: datetime.datetime | None) -> bool:
    return schedule is not None and (
        SyncJob.objects.filter(Q(schedule=schedule) & Q(scheduled_for=at)).exists()
    )


def _asked_again(job: SyncJob, trigger: Trigger) -> bool:
    """A webhook before the import has begun is answered by that import. False: it has finished."""
    jobs = SyncJob.objects.open().filter(pk=job.pk)
    is_read_anyway = Q(state__in=[JobState.WAITING, JobState.EXPORTING], scope={})
    if trigger == Trigger.WEBHOOK and jobs.filter(is_read_anyway).exists():
        return True
    return jobs.update(run_again=True) > 0
