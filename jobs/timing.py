"""When a schedule starts its next job, and the sentence that says so. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from jobs.models import Schedule
from ui import moments

MINUTE = datetime.timedelta(minutes=1)
WORKING_DAYS = [0, 1, 2, 3, 4]
WEEKEND = [5, 6]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person sees of a schedule: its sentence and the next times."""

    sentence: str
    times: Sequence[datetime.datetime]


def plan(
    schedule: Schedule | None,
    *,
    now: datetime.datetime,
    not_before: datetime.datetime | None = None,
    count: int = 3,
) -> Plan:
    """`not_before`: the end of a pause. The stored next time counts while it is ahead."""
    if schedule is None or not schedule.is_enabled:
        return Plan(_("Only by hand"), [])
    start = max(now, not_before - MINUTE) if not_before else now
    return Plan(in_words(schedule), next_times(schedule, after=start, count=count))


def next_times(
    schedule: Schedule, *, after: datetime.datetime, count: int
) -> list[datetime.datetime]:
    """The next `count` times later than `after`, as the scheduler will find them."""
    ahead = _copy(schedule)
    times: list[datetime.datetime] = []
    for _number in range(count):
        after = ahead.next_at = next_time(ahead, after=after)
        times.append(after)
    return times


def next_time(schedule: Schedule, *, after: datetime.datetime) -> datetime.datetime:
    """The first scheduled time later than `after`. An interval keeps its beat from `next_at`; a
    beat on another day or in the quiet hours is put off until they are over."""
    if schedule.interval_minutes:
        beat = _next_beat(schedule, schedule.interval_minutes, after)
        return _first_allowed(schedule, _whole_minute(beat))
    zone = ZoneInfo(schedule.time_zone)
    day = after.astimezone(zone).date()
    assert schedule.time_of_day is not None  # a constraint of the table
    while True:
        local = datetime.datetime.combine(day, schedule.time_of_day, tzinfo=zone)
        moment = local.astimezone(datetime.UTC)
        if moment > after and _is_day(schedule, day):
            return moment
        day += datetime.timedelta(days=1)


def is_allowed(schedule: Schedule, moment: datetime.datetime) -> bool:
    """Whether a job may start then: the day of the week and the quiet hours of its time zone."""
    local = moment.astimezone(ZoneInfo(schedule.time_zone))
    return _is_day(schedule, local.date()) and not is_quiet(schedule, local.time())


def is_quiet(schedule: Schedule, time: datetime.time) -> bool:
    """The quiet hours begin with their first moment and end before their last; they may run past
    midnight. Of no length, they are none."""
    start, end = schedule.quiet_from, schedule.quiet_until
    if start is None or end is None:
        return False
    return start <= time < end if start <= end else time >= start or time < end


def in_words(schedule: Schedule) -> str:
    """ "Every 15 minutes on weekdays, not between 22:00 and 6:00 (Europe/Berlin)"."""
    days, quiet = _days_in_words(schedule.weekdays), _quiet_in_words(schedule)
    if not schedule.interval_minutes:
        assert schedule.time_of_day is not None  # a constraint of the table
        said = _("Daily at %s") if not days else _("At %s")
        said = said % clock(schedule.time_of_day)
    else:
        said = moments.every(schedule.interval_minutes)
        if not (days or quiet):
            return said
    said = f"{said} {days}".rstrip() + (f", {quiet}" if quiet else "")
    return _("%(sentence)s (%(zone)s)") % {"sentence": said, "zone": schedule.time_zone}


def clock(time: datetime.time) -> str:
    """ "6:00", "22:30"."""
    return f"{time.hour}:{time:%M}"


def _next_beat(schedule: Schedule, minutes: int, after: datetime.datetime) -> datetime.datetime:
    beat = datetime.timedelta(minutes=minutes)
    if schedule.next_at is None:
        return after + beat
    if schedule.next_at > after:
        return schedule.next_at
    missed = (after - schedule.next_at) // beat
    return schedule.next_at + (missed + 1) * beat


def _first_allowed(schedule: Schedule, moment: datetime.datetime) -> datetime.datetime:
    """Minute by minute: any shorter way is wrong on the two nights on which the clocks change. The
    longest, a week, takes about ten milliseconds."""
    while not is_allowed(schedule, moment):
        moment += MINUTE
    return moment


def _whole_minute(moment: datetime.datetime) -> datetime.datetime:
    """The same, or the next full minute."""
    full = moment.replace(second=0, microsecond=0)
    return full if full == moment else full + MINUTE


def _is_day(schedule: Schedule, day: datetime.date) -> bool:
    return not schedule.weekdays or day.weekday() in schedule.weekdays


def _days_in_words(weekdays: Sequence[int]) -> str:
    """Empty for every day."""
    days = sorted(set(weekdays))
    if not days or len(days) == len(WEEKDAYS):
        return ""
    if days == WORKING_DAYS:
        return _("on weekdays")
    if days == WEEKEND:
        return _("at weekends")
    return _("on %s") % get_text_list([str(WEEKDAYS[day]) for day in days], _("and"))


def _quiet_in_words(schedule: Schedule) -> str:
    start, end = schedule.quiet_from, schedule.quiet_until
    if start is None or end is None or start == end:
        return ""
    return _("not between %(start)s and %(end)s") % {"start": clock(start), "end": clock(end)}


def _copy(schedule: Schedule) -> Schedule:
    """Its timing, to count ahead with."""
    names = ("interval_minutes", "time_of_day", "weekdays", "quiet_from", "quiet_until")
    timing = {name: getattr(schedule, name) for name in names}
    return Schedule(time_zone=schedule.time_zone, next_at=schedule.next_at, **timing)
