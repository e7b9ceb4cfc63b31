"""What goes wrong on our side: processes, servers, doorbells and keys."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from typing import Any

from celery import current_app
from django.db import connection as database
from django.utils import timezone

from connectors.models import Connection
from jobs.control import cancel, open_job
from jobs.models import Schedule, SyncJob, Trigger
from tests.faults.books import Books
from tests.faults.fleet import Fleet, has_ended, proceed
from tests.faults.ground import Ground
from tests.faults.plan import Act

# Longer than the lease.
LONG_SLEEP = 3.0


class Troubles:
    """Those of one history, by their names in plan.py, counted as they happen."""

    def __init__(self, ground: Ground, books: Books, fleet: Fleet, connection: Connection) -> None:
        self._ground, self._books, self._fleet = ground, books, fleet
        self._connection = connection
        self.injected: Counter[str] = Counter()
        self.killed: list[int] = []
        self.notes: list[str] = []
        self._asleep: list[int] = []
        self._wakers: list[threading.Timer] = []

    def note(self, text: str) -> None:
        self.notes.append(f"{time.strftime('%M:%S')} {text}")

    def make(self, act: Act) -> None:
        getattr(self, act.what)(act)

    def note_kill(self, pid: int, how: str) -> None:
        assert has_ended(pid), f"process {pid} should have ended"
        self.note(f"{how}: {pid}")
        self.killed.append(pid)
        self.injected[how] += 1

    def wake(self, pid: int, *, after: float) -> None:
        """Let a stopped process go on, some seconds later."""
        self._asleep.append(pid)
        waker = threading.Timer(after, proceed, args=[pid])
        waker.start()
        self._wakers.append(waker)

    def wake_all(self) -> None:
        for pid in self._asleep:
            proceed(pid)
        for waker in self._wakers:
            waker.join()

    def flush_redis(self, act: Act) -> None:
        self._ground.flush_redis()
        self.injected["Redis FLUSHALL"] += 1

    def restart_postgres(self, act: Act) -> None:
        database.close()
        self._ground.restart_postgres()
        self.injected["PostgreSQL restart"] += 1

    def kill_process(self, act: Act) -> None:
        if pid := self._fleet.kill_a_process(act.seed):
            self.note_kill(pid, "killed at any moment")

    def kill_worker(self, act: Act) -> None:
        self.note_kill(self._fleet.kill_a_worker(act.seed), "whole worker killed")

    def end_worker(self, act: Act) -> None:
        self._fleet.end_a_worker(act.seed)
        self.injected["SIGTERM to a worker"] += 1

    def stop_process(self, act: Act) -> None:
        """Asleep at any moment, for longer than its lease; then it wakes and goes on."""
        for pid in self._fleet.at_work()[:1]:
            os.kill(pid, signal.SIGSTOP)
            self.wake(pid, after=LONG_SLEEP)
            self.injected["stopped at any moment"] += 1

    def press_again(self, act: Act) -> None:
        """A retry while a job is open makes it run again."""
        open_job(connection=self._connection, trigger=Trigger.RETRY)
        self.injected["run again"] += 1

    def cancel(self, act: Act) -> None:
        for job in SyncJob.objects.open().filter(connection=self._connection):
            cancel(job=job, user=None)
            self.injected["job canceled"] += 1

    def ring_twice(self, act: Act) -> None:
        """The scheduler fires twice, at the time of a scheduled job."""
        due = {"is_enabled": True, "interval_minutes": 60, "next_at": timezone.now()}
        Schedule.objects.update_or_create(
            connection=self._connection, defaults=due | {"company": self._connection.company}
        )
        for _ in range(2):
            current_app.send_task("jobs.ring")
        self.injected["scheduler fires twice"] += 1

    def reconcile(self, act: Act) -> None:
        """The comparison of the night, while a job is at work."""
        current_app.send_task("jobs.reconcile")
        self.injected["reconciliation meanwhile"] += 1

    def expire_token(self, act: Act) -> None:
        self._change_token(expires_at=0)
        self.injected["access token expired"] += 1

    def revoke_token(self, act: Act) -> None:
        self._change_token(access_token="revoked")
        self.injected["access token revoked"] += 1

    def disconnect(self, act: Act) -> None:
        """Somebody disconnects us over there. A person reconnects, at the end."""
        self._books.disconnect()
        self.injected["disconnected over there"] += 1

    def _change_token(self, **changed: Any) -> None:
        row = Connection.objects.get(pk=self._connection.pk)
        row.set_credentials({**row.credentials, **changed})
        row.save(update_fields=["sealed_credentials"])
