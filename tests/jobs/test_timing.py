"""When schedules start jobs: properties that hold for every schedule, and what people read."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.models import Schedule
from jobs.timing import MINUTE, in_words, is_allowed, next_time, next_times, plan

UTC = datetime.UTC
NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
# Half hours, whole hours, none, and a zone that changes by half an hour only.
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")

zones = st.sampled_from(ZONES)
times = st.builds(datetime.time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
weekdays = st.lists(st.integers(0, 6), max_size=7, unique=True)
# Around the nights on which the clocks change in 2026, and any other moment.
changes = st.sampled_from(
    [
        datetime.datetime(2026, 3, 29, tzinfo=UTC),
        datetime.datetime(2026, 10, 25, tzinfo=UTC),
        datetime.datetime(2026, 3, 8, tzinfo=UTC),
        datetime.datetime(2026, 11, 1, tzinfo=UTC),
        datetime.datetime(2026, 10, 3, 15, tzinfo=UTC),
        datetime.datetime(2026, 4, 4, 15, tzinfo=UTC),
    ]
)
moments = st.one_of(
    st.builds(
        lambda near, seconds: near + datetime.timedelta(seconds=seconds),
        changes,
        st.integers(-40_000, 80_000),
    ),
    st.datetimes(
        datetime.datetime(2026, 1, 1), datetime.datetime(2027, 1, 1), timezones=st.just(UTC)
    ),
)


@st.composite
def intervals(draw: st.DrawFn) -> Schedule:
    has_quiet = draw(st.booleans())
    return Schedule(
        is_enabled=True,
        interval_minutes=draw(st.sampled_from([1, 7, 15, 60, 90, 240, 1440, 2000])),
        weekdays=draw(weekdays),
        quiet_from=draw(times) if has_quiet else None,
        quiet_until=draw(times) if has_quiet else None,
        time_zone=draw(zones),
        next_at=draw(st.none() | moments),
    )


@st.composite
def times_of_day(draw: st.DrawFn) -> Schedule:
    return Schedule(
        is_enabled=True,
        time_of_day=draw(times),
        weekdays=draw(weekdays),
        time_zone=draw(zones),
    )


@settings(max_examples=120, deadline=None)
@given(schedule=intervals(), after=moments)
def test_an_interval_starts_later_when_allowed_and_skips_nothing(
    schedule: Schedule, after: datetime.datetime
) -> None:
    found = next_time(schedule, after=after)
    assert found > after
    assert is_allowed(schedule, found)
    # The beat it belongs to: the first one that is later than `after`.
    step = datetime.timedelta(minutes=schedule.interval_minutes or 0)
    beat = schedule.next_at or after + step
    while beat <= after:
        beat += step
    assert found >= beat
    # From the beat on there was no earlier minute on which it was allowed.
    earlier = found - MINUTE
    while earlier >= beat:
        assert not is_allowed(schedule, earlier), earlier
        earlier -= MINUTE


@settings(max_examples=100, deadline=None)
@given(schedule=times_of_day(), after=moments)
def test_a_time_of_day_starts_later_on_an_allowed_day_and_skips_none(
    schedule: Schedule, after: datetime.datetime
) -> None:
    found = next_time(schedule, after=after)
    zone = ZoneInfo(schedule.time_zone)
    assert found > after
    allowed = schedule.weekdays or range(7)
    assert schedule.time_of_day is not None
    day = after.astimezone(zone).date() - datetime.timedelta(days=1)
    # Every allowed day's start is either over already or not before the one found.
    for _number in range(10):
        start = datetime.datetime.combine(day, schedule.time_of_day, tzinfo=zone).astimezone(UTC)
        if day.weekday() in allowed:
            assert start <= after or start >= found
        day += datetime.timedelta(days=1)
    # It shows the time of day on the clock, unless that hour does not exist on that night.
    local = found.astimezone(zone)
    exists = local.replace(tzinfo=None) == datetime.datetime.combine(
        local.date(), schedule.time_of_day
    )
    gap = local.utcoffset() != (found - datetime.timedelta(hours=3)).astimezone(zone).utcoffset()
    assert exists or gap


@settings(max_examples=30, deadline=None)
@given(schedule=intervals(), after=moments)
def test_the_times_ahead_are_those_the_scheduler_will_find(
    schedule: Schedule, after: datetime.datetime
) -> None:
    ahead = next_times(schedule, after=after, count=3)
    moment = after
    for expected in ahead:
        moment = schedule.next_at = next_time(schedule, after=moment)
        assert moment == expected


def berlin(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin"))


def test_after_the_quiet_hours_the_beat_begins_anew() -> None:
    schedule = Schedule(
        interval_minutes=240,
        quiet_from=datetime.time(22),
        quiet_until=datetime.time(6),
        time_zone="Europe/Berlin",
        next_at=berlin("2026-11-23T18:00"),
    )
    ahead = next_times(schedule, after=berlin("2026-11-23T17:30"), count=3)
    assert ahead == [
        berlin("2026-11-23T18:00"),
        berlin("2026-11-24T06:00"),
        berlin("2026-11-24T10:00"),
    ]


def test_an_interval_waits_from_friday_to_monday() -> None:
    schedule = Schedule(interval_minutes=15, weekdays=[0, 1, 2, 3, 4], time_zone="America/New_York")
    friday = datetime.datetime(2026, 11, 28, 4, 50, tzinfo=UTC)  # 23:50 there
    monday = datetime.datetime(2026, 11, 30, 5, tzinfo=UTC)
    assert next_time(schedule, after=friday) == monday


def test_a_skipped_hour_does_not_skip_the_job() -> None:
    daily = Schedule(time_of_day=datetime.time(2, 30), time_zone="Europe/Berlin")
    found = next_time(daily, after=berlin("2026-03-28T12:00"))
    assert found == datetime.datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 3:30 by the new clock


@pytest.mark.parametrize(
    ("schedule", "sentence"),
    [
        ({"interval_minutes": 60}, "Every hour"),
        (
            {
                "interval_minutes": 15,
                "weekdays": [4, 0, 1, 2, 3],
                "quiet_from": datetime.time(22),
                "quiet_until": datetime.time(6),
            },
            "Every 15 minutes on weekdays, not between 22:00 and 6:00 (Europe/Berlin)",
        ),
        ({"interval_minutes": 30, "weekdays": [5, 6]}, "Every 30 minutes at weekends (Europe/Ber"),
        ({"time_of_day": datetime.time(8)}, "Daily at 8:00 (Europe/Berlin)"),
        (
            {"time_of_day": datetime.time(8, 5), "weekdays": [0, 2, 4]},
            "At 8:05 on Monday, Wednesday and Friday (Europe/Berlin)",
        ),
        ({"interval_minutes": 60, "weekdays": [0, 1, 2, 3, 4, 5, 6]}, "Every hour"),
    ],
)
def test_a_schedule_is_a_sentence(schedule: dict, sentence: str) -> None:
    assert in_words(Schedule(time_zone="Europe/Berlin", **schedule)).startswith(sentence)


def test_a_plan_of_a_paused_connection_begins_when_the_pause_ends() -> None:
    schedule = Schedule(is_enabled=True, interval_minutes=60, next_at=NOON + MINUTE)
    until = NOON + datetime.timedelta(days=2, minutes=1)
    assert plan(schedule, now=NOON, not_before=until).times[0] == until
    assert plan(schedule, now=NOON).times[0] == NOON + MINUTE


def test_a_schedule_that_is_off_has_no_times() -> None:
    assert plan(Schedule(interval_minutes=60), now=NOON).times == []
    assert plan(None, now=NOON).sentence == "Only by hand"
