"""Which connections are due: creates their jobs, one per scheduled time, missed ones collapsed."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.db.models import Q

from companies.audit import audit
from companies.roles import Person
from connectors.models import ConnectionState
from jobs.control import open_job
from jobs.models import Schedule, SyncJob, Trigger
from jobs.timing import in_words, next_time


@transaction.atomic
def set_up(*, schedule: Schedule, user: Person | None, now: datetime.datetime) -> None:
    """Save a schedule that a person has changed, with its next time; the old beat is given up."""
    schedule.next_at = None
    schedule.next_at = next_time(schedule, after=now) if schedule.is_enabled else None
    schedule.save()
    audit(
        company=schedule.company,
        user=user,
        action="schedule.change" if schedule.is_enabled else "schedule.off",
        target=schedule.connection,
        schedule=in_words(schedule),
    )


def create_due(*, now: datetime.datetime) -> list[SyncJob]:
    """A job for every schedule whose time has come. However many times were missed, it is one."""
    ids = Schedule.objects.filter(is_enabled=True).filter(Q(next_at=None) | Q(next_at__lte=now))
    jobs = [_create_one(pk, now=now) for pk in ids.values_list("pk", flat=True)]
    return [job for job in jobs if job]


@transaction.atomic
def _create_one(pk: int, *, now: datetime.datetime) -> SyncJob | None:
    """Holds the schedule's row, so that a scheduler that fires twice creates one job."""
    due = Schedule.objects.filter(pk=pk, is_enabled=True)
    schedule = due.select_for_update(skip_locked=True, of=("self",)).first()
    if schedule is None or (schedule.next_at and schedule.next_at > now):
        return None
    scheduled_for = schedule.next_at
    connection = schedule.connection
    is_able = connection.state == ConnectionState.READY and not (
        connection.retry_at and connection.retry_at > now
    )
    schedule.next_at = next_time(schedule, after=now)
    schedule.save(update_fields=["next_at"])
    if scheduled_for is None or not is_able:
        return None
    opened = open_job(
        connection=connection,
        trigger=Trigger.SCHEDULE,
        schedule=schedule,
        scheduled_for=scheduled_for,
    )
    return opened.job if opened.is_new else None
