"""What the Sync Jobs of the last thirty days moved, day by day: the chart of the overview."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db.models import Sum
from django.db.models.functions import TruncDate

from companies.models import Company
from jobs.models import SyncJob

DAYS = 30
# Days that are over change no more, but for a job that began before midnight.
KEEP_SECONDS = 6 * 3600
# What the drawing measures: a day is ten units wide, records get the upper part, errors the lower.
DAY_WIDTH, BAR_WIDTH, RECORDS_HEIGHT, ERRORS_HEIGHT = 10, 7, 100, 34
# What is there at all can be seen.
LEAST = 1.5


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the company's clocks."""

    date: datetime.date
    exported: int = 0
    imported: int = 0
    errors: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """A day as it is drawn: from the left edge, with heights in units of the drawing."""

    day: Day
    x: float
    exported: float
    imported: float
    errors: float

    @property
    def exported_top(self) -> float:
        return RECORDS_HEIGHT - self.exported

    @property
    def imported_top(self) -> float:
        return self.exported_top - self.imported


@dataclass(frozen=True, slots=True)
class Trend:
    """The days, oldest first, and what the drawing needs. Errors have a scale of their own."""

    days: Sequence[Day]

    @property
    def bars(self) -> list[Bar]:
        most, most_errors = self.most, self.most_errors
        return [
            Bar(
                day=day,
                x=place * DAY_WIDTH + (DAY_WIDTH - BAR_WIDTH) / 2,
                exported=_height(day.exported, most, RECORDS_HEIGHT),
                imported=_height(day.imported, most, RECORDS_HEIGHT),
                errors=_height(day.errors, most_errors, ERRORS_HEIGHT),
            )
            for place, day in enumerate(self.days)
        ]

    @property
    def most(self) -> int:
        return max(day.exported + day.imported for day in self.days)

    @property
    def most_errors(self) -> int:
        return max(day.errors for day in self.days)

    @property
    def exported(self) -> int:
        return sum(day.exported for day in self.days)

    @property
    def imported(self) -> int:
        return sum(day.imported for day in self.days)

    @property
    def errors(self) -> int:
        return sum(day.errors for day in self.days)

    @property
    def is_empty(self) -> bool:
        return not (self.exported or self.imported or self.errors)

    @property
    def width(self) -> int:
        return len(self.days) * DAY_WIDTH


def trend(*, company: Company, now: datetime.datetime) -> Trend:
    """The last thirty days with today. Only today and yesterday are added up each time."""
    today = now.astimezone(ZoneInfo(company.time_zone)).date()
    dates = [today - datetime.timedelta(days=ago) for ago in range(DAYS - 1, -1, -1)]
    key = f"trend-{company.pk}-{company.time_zone}-{today}"
    over: dict[datetime.date, Day] | None = cache.get(key)
    if over is None:
        over = _added_up(company, dates[0], dates[-2])
        cache.set(key, over, KEEP_SECONDS)
    known = over | _added_up(company, dates[-2], today + datetime.timedelta(days=1))
    return Trend([known.get(date, Day(date)) for date in dates])


def _added_up(
    company: Company, first: datetime.date, end: datetime.date
) -> dict[datetime.date, Day]:
    """From the first day to before the end."""
    zone = ZoneInfo(company.time_zone)
    midnight = datetime.time.min
    rows: Any = (
        SyncJob.objects.filter(
            company=company,
            created_at__gte=datetime.datetime.combine(first, midnight, zone),
            created_at__lt=datetime.datetime.combine(end, midnight, zone),
        )
        .order_by()
        .annotate(day=TruncDate("created_at", tzinfo=zone))
        .values_list("day")
        .annotate(Sum("exported"), Sum("imported"), Sum("error_count"))
    )
    return {row[0]: Day(*row) for row in rows}


def _height(count: int, most: int, full: int) -> float:
    return round(max(count / most * full, LEAST), 2) if count else 0
