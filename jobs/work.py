"""What one slice of one job works with: its lease, its connection, and when it has to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import F

from connectors.interface import Connector
from connectors.models import Connection
from jobs.lease import Lease
from jobs.models import SyncJob


class Stop(Exception):
    """The slice ends between two batches; the job goes on later. `delay` in seconds."""

    def __init__(self, delay: float = 0) -> None:
        super().__init__()
        self.delay = delay


class Canceled(Exception):
    """A person asked the job to stop."""


class Halt(Exception):
    """The job cannot go on now and ends; `explanation` says why, and when the next one tries."""

    def __init__(self, explanation: str, *, is_failure: bool) -> None:
        super().__init__(explanation)
        self.explanation = explanation
        self.is_failure = is_failure


@dataclass
class Work:
    """One slice. `stop_asked` is looked at between batches (SIGTERM)."""

    job: SyncJob
    connection: Connection
    connector: Connector
    lease: Lease
    stop_asked: Callable[[], bool] = field(default=lambda: False)
    # Access was refused once in this slice and a new token was asked for.
    has_renewed_access: bool = False
    # After repeated takeovers: one record at a time (see jobs/strikes.py).
    is_careful: bool = False
    deadline: float = field(default_factory=lambda: time.monotonic() + settings.SYNC_SLICE_SECONDS)

    @property
    def timeout(self) -> float:
        """Seconds after which the provider has certainly answered or given up."""
        return float(settings.SYNC_PROVIDER_TIMEOUT_SECONDS or self.connector.limits.timeout)

    @property
    def item_ids(self) -> list[int] | None:
        """The items this job is limited to; None: all that wait."""
        ids: list[int] | None = self.job.scope.get("items")
        return ids

    def breathe(self) -> None:
        """Between two batches: stop when asked, canceled or out of time."""
        if self.lease.is_cancel_requested:
            raise Canceled
        if self.stop_asked() or time.monotonic() > self.deadline:
            raise Stop

    def update_job(self, **columns: Any) -> None:
        """Write columns of the job; inside a fenced transaction."""
        SyncJob.objects.filter(pk=self.job.pk).update(**columns)

    def count(self, **counters: int) -> None:
        """Raise counters of the job; inside a fenced transaction."""
        moved = {name: F(name) + by for name, by in counters.items() if by}
        if moved:
            self.update_job(**moved)
