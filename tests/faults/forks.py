"""One slice of a job in a process of its own, which is killed or stopped at a step."""

from __future__ import annotations

import os
import signal

from django.db import connection as database

from jobs import steps
from jobs.models import SyncJob
from jobs.runner import run_slice


def forked(job: SyncJob, sent: signal.Signals, order: str) -> int:
    """Starts it; returns when it was killed, was stopped, or has ended without getting there."""
    database.close()  # A connection must not be in two processes.
    pid = os.fork()
    if pid == 0:
        try:
            steps._orders[sent] = order
            run_slice(job_id=job.pk)
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status) or sent is signal.SIGKILL, f"it did not get to {order}"
    return pid


def wake(pid: int) -> None:
    """Let a stopped process go on, and wait for its end."""
    os.kill(pid, signal.SIGCONT)
    os.waitpid(pid, 0)
