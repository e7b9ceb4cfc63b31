"""How times and durations read."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from ui import moments
from ui.marks import moment

NOW = datetime.datetime(2026, 11, 23, 3, 2, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-11-23 03:01:30", "just now"),
        ("2026-11-23 02:50:00", "12 min ago"),
        ("2026-11-23 01:10:00", "Today 01:10"),
        ("2026-11-22 22:42:00", "Yesterday 22:42"),
        ("2026-11-21 22:55:00", "21 Nov, 22:55"),
        ("2025-12-31 08:00:00", "31 Dec 2025, 08:00"),
        ("2026-11-23 04:00:00", "Today 04:00"),
        ("2026-11-24 04:00:00", "Tomorrow 04:00"),
    ],
)
def test_a_moment_reads_as_a_person_would_say_it(at: str, words: str) -> None:
    moment = datetime.datetime.fromisoformat(at).replace(tzinfo=datetime.UTC)
    with timezone.override(datetime.UTC):
        assert moments.words(moment, now=NOW) == words


def test_today_is_the_readers_today() -> None:
    noon = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
    with timezone.override("America/New_York"):
        assert moments.words(noon, now=NOW) == "Today 07:00"
    with timezone.override(datetime.UTC):
        assert moments.words(noon, now=NOW) == "Yesterday 12:00"


def test_the_exact_time_is_there_on_hover() -> None:
    with timezone.override("America/New_York"):
        html = moment(NOW)
    assert 'title="22 Nov 2026, 22:02:00 EST"' in html
    assert 'datetime="2026-11-23T03:02:00+00:00"' in html


def test_no_moment_is_a_dash() -> None:
    assert ">–<" in moment(None)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.94, "0.9 s"), (48, "48 s"), (362, "6 min 2 s"), (4320, "1 h 12 min")],
)
def test_a_duration_is_as_exact_as_it_is_useful(seconds: float, words: str) -> None:
    assert moments.lasted(datetime.timedelta(seconds=seconds)) == words


def test_an_interval_is_a_sentence() -> None:
    assert [moments.every(minutes) for minutes in (1, 15, 60, 240)] == [
        "Every minute",
        "Every 15 minutes",
        "Every hour",
        "Every 4 hours",
    ]
