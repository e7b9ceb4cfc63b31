"""The books' clock: strictly increasing stamps, in the company's own time zone."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone

# The vendor answers in Pacific time. A fixed offset keeps the seam of summer time out.
ZONE = timezone(timedelta(hours=-8))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Clock:
    """Microseconds since 1970; `offset_seconds` makes the books' clock wrong."""

    def __init__(self, last: int = 0) -> None:
        self.offset_seconds = 0.0
        self._last = last

    def real(self) -> int:
        """The time by which tokens expire, whatever the books' clock says."""
        return time.time_ns() // 1000

    def now(self) -> int:
        return self.real() + int(self.offset_seconds * 1_000_000)

    def tick(self) -> int:
        """A stamp later than every stamp before; call it under the write lock."""
        self._last = max(self.now(), self._last + 1)
        return self._last

    def restart(self) -> None:
        """Right again, and free of earlier stamps: the books are empty."""
        self.offset_seconds = 0.0
        self._last = 0

    def today(self) -> date:
        return moment(self.now()).date()


def moment(stamp: int) -> datetime:
    return (_EPOCH + timedelta(microseconds=stamp)).astimezone(ZONE)


def written(stamp: int) -> str:
    """The stamp as the vendor writes it, here with microseconds."""
    return moment(stamp).isoformat(timespec="microseconds")


def parsed(text: str) -> int:
    """The stamp of an ISO date or time, without offset in the company's zone.

    Raises ValueError.
    """
    value = datetime.fromisoformat(text.strip().replace(" ", "+"))
    if value.tzinfo is None:
        value = value.replace(tzinfo=ZONE)
    return (value - _EPOCH) // _MICROSECOND
