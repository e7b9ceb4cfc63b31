"""Which connections are due: creates their jobs, one per scheduled time, missed ones collapsed."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from connectors.models import ConnectionState
from jobs.control import open_job
from jobs.models import Schedule, SyncJob, Trigger


def next_time(schedule: Schedule, *, after: datetime.datetime) -> datetime.datetime:
    """The first scheduled time later than `after`. An interval keeps its beat from `next_at`."""
    if schedule.interval_minutes:
        return _next_beat(schedule, schedule.interval_minutes, after)
    zone = ZoneInfo(schedule.time_zone)
    day = after.astimezone(zone).date()
    assert schedule.time_of_day is not None  # a constraint of the table
    while True:
        local = datetime.datetime.combine(day, schedule.time_of_day, tzinfo=zone)
        moment = local.astimezone(datetime.UTC)
        if moment > after:
            return moment
        day += datetime.timedelta(days=1)


def _next_beat(schedule: Schedule, minutes: int, after: datetime.datetime) -> datetime.datetime:
    beat = datetime.timedelta(minutes=minutes)
    if schedule.next_at is None:
        return after + beat
    if schedule.next_at > after:
        return schedule.next_at
    missed = (after - schedule.next_at) // beat
    return schedule.next_at + (missed + 1) * beat


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
