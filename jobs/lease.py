"""Who works on a job: the lease, the heartbeat that renews it, and the fence around every write.

A worker acquires a job by one UPDATE that raises `lease_generation`. Each of its transactions
begins by locking the job row *with that generation*: a worker that was taken over finds no row
and stops before it has written anything. All times are the database's clock, except the last
look before a request is sent, which is the monotonic clock of this process.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection as database
from django.db import transaction

from jobs.models import SyncJob


class LeaseLost(Exception):
    """Another worker has taken this job over; nothing may be written or sent any more."""


def owner_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[:100]


class Lease:
    """The right to work on one job, while it lasts."""

    def __init__(self, *, job_id: int, generation: int, renewed: float, is_takeover: bool) -> None:
        """`renewed`: the monotonic time just before the statement that granted it."""
        self.job_id = job_id
        self.generation = generation
        self.is_takeover = is_takeover
        # As of the latest transaction: a person asked the job to stop.
        self.is_cancel_requested = False
        self._valid_until = renewed + settings.SYNC_LEASE_SECONDS
        self._step_until = renewed + settings.SYNC_LEASE_SECONDS

    def step(self, seconds: float) -> None:
        """Allow the present step this long; the heartbeat does not renew beyond it."""
        self._step_until = time.monotonic() + seconds

    def seconds_left(self) -> float:
        return self._valid_until - time.monotonic()

    def assert_time_to_send(self) -> None:
        """The last look before the socket: a process that slept through its lease sends nothing."""
        if self.seconds_left() < settings.SYNC_LEASE_SECONDS / 10:
            raise LeaseLost

    def renew(self) -> bool:
        """Extend the lease by one statement; False when it is gone or the step overran."""
        now = time.monotonic()
        if now > self._step_until:
            return False
        with database.cursor() as cursor:
            cursor.execute(
                "UPDATE jobs_syncjob SET lease_expires_at = clock_timestamp()"
                " + %s * interval '1 second' WHERE id = %s AND lease_generation = %s"
                " AND completed_at IS NULL",
                [settings.SYNC_LEASE_SECONDS, self.job_id, self.generation],
            )
            renewed = bool(cursor.rowcount == 1)
        if renewed:
            self._valid_until = now + settings.SYNC_LEASE_SECONDS
        return renewed


_ACQUIRE = """
UPDATE jobs_syncjob AS j SET
    lease_owner = %s, lease_generation = j.lease_generation + 1,
    lease_expires_at = clock_timestamp() + %s * interval '1 second',
    takeovers = j.takeovers + CASE WHEN j.lease_expires_at IS NULL THEN 0 ELSE 1 END
FROM (SELECT id, lease_expires_at IS NOT NULL AS was_held FROM jobs_syncjob
      WHERE id = %s AND completed_at IS NULL
        AND (lease_expires_at IS NULL OR lease_expires_at < clock_timestamp())
      FOR NO KEY UPDATE SKIP LOCKED) AS free
WHERE j.id = free.id
RETURNING j.lease_generation, free.was_held
"""


def acquire(*, job_id: int, owner: str) -> Lease | None:
    """The lease of an unfinished job that nobody holds; None when somebody does."""
    before = time.monotonic()
    with database.cursor() as cursor:
        cursor.execute(_ACQUIRE, [owner, settings.SYNC_LEASE_SECONDS, job_id])
        row = cursor.fetchone()
    if row is None:
        return None
    return Lease(job_id=job_id, generation=row[0], renewed=before, is_takeover=row[1])


def release(lease: Lease) -> None:
    """Give the job back, so that the next ring goes on with it at once."""
    SyncJob.objects.filter(
        pk=lease.job_id, lease_generation=lease.generation, completed_at=None
    ).update(lease_owner="", lease_expires_at=None)


@contextmanager
def fenced(lease: Lease) -> Iterator[None]:
    """A transaction that only the lease's holder can commit; raises LeaseLost without one.

    The row lock keeps a takeover out until the transaction ends, so whatever it writes, in any
    table, is fenced.
    """
    with transaction.atomic(durable=True):
        with database.cursor() as cursor:
            cursor.execute(
                "SELECT cancel_requested_at IS NOT NULL FROM jobs_syncjob WHERE id = %s"
                " AND lease_generation = %s AND completed_at IS NULL FOR NO KEY UPDATE",
                [lease.job_id, lease.generation],
            )
            row = cursor.fetchone()
        if row is None:
            raise LeaseLost
        lease.is_cancel_requested = row[0]
        yield


@contextmanager
def heartbeat(lease: Lease) -> Iterator[None]:
    """Renews the lease from a thread with its own connection, until the block ends."""
    ended = threading.Event()
    thread = threading.Thread(target=_beat, args=(lease, ended), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _beat(lease: Lease, ended: threading.Event) -> None:
    try:
        while not ended.wait(settings.SYNC_HEARTBEAT_SECONDS):
            _renew_quietly(lease)
    finally:
        database.close()


def _renew_quietly(lease: Lease) -> None:
    """A database that restarts must not end the heartbeat: the next beat tries anew."""
    try:
        lease.renew()
    except Exception:  # noqa: BLE001  (whatever it was, the lease simply was not renewed)
        database.close()
