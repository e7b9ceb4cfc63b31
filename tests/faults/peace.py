"""After faults and edits: the open job ends, and at most three more do the rest."""

from __future__ import annotations

import contextlib
import io
import time
from typing import Any

from django.core.management import call_command
from django.db.models.functions import Now
from django.utils import timezone

from connectors.models import Connection, ConnectionState
from jobs.control import open_job
from jobs.models import SyncJob, Trigger
from syncqueue.models import State, SyncQueueItem

# A job that does not end by itself, with all faults off, is a fault of ours.
RECOVERY_SECONDS = 60.0
JOBS_UNTIL_PEACE = 3


class Peace:
    """Made by the workers; a person only opens jobs, and reconnects where we were let out."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.violations: list[str] = []

    def make(self) -> float:
        """The seconds that it took."""
        began = time.monotonic()
        if self._is_idle_soon():
            for _ in range(JOBS_UNTIL_PEACE):
                self._reconnect()
                self._let_time_pass()
                self._open_job()
                if not self._is_idle_soon() or not (self._has_work() or self._reconnect()):
                    break
        return time.monotonic() - began

    def _open_job(self) -> None:
        opened = open_job(connection=self._connection, trigger=Trigger.MANUAL)
        if opened.refusal:
            self.violations.append(f"no job can be opened: {opened.refusal}")

    def _is_idle_soon(self) -> bool:
        deadline = time.monotonic() + RECOVERY_SECONDS
        while self._open_jobs().exists():
            self._let_time_pass()
            if time.monotonic() > deadline:
                self.violations.append(f"the job did not end: {self._open_jobs().values()}")
                return False
            time.sleep(0.1)
        return True

    def _reconnect(self) -> bool:
        """What only a person can do."""
        self._connection.refresh_from_db()
        if self._connection.state != ConnectionState.RECONNECT:
            return False
        reconnect(self._connection.company.name)
        self._is_idle_soon()
        self._connection.refresh_from_db()
        return True

    def _let_time_pass(self) -> None:
        """A minute, or an hour: what waits for its time is due."""
        mine = Connection.objects.filter(pk=self._connection.pk, retry_at__gt=timezone.now())
        mine.update(retry_at=Now())
        SyncQueueItem.objects.waiting().filter(connection=self._connection).update(
            next_attempt_at=Now()
        )

    def _has_work(self) -> bool:
        return (
            SyncQueueItem.objects.open()
            .filter(connection=self._connection)
            .exclude(state__in=[State.FAILED, State.CONFLICT, State.BLOCKED])
            .exists()
        )

    def _open_jobs(self) -> Any:
        return SyncJob.objects.open().filter(connection=self._connection)


def reconnect(name: str) -> None:
    """Through the command, as an operator would; what it says is not looked at."""
    with contextlib.redirect_stdout(io.StringIO()):
        call_command("connect", "quickbooks_online", company=name, json=True)
