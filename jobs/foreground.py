"""Runs a job in this process, or watches the worker that has it, until it is finished."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from jobs.models import SyncJob
from jobs.runner import run_slice

WATCH_SECONDS = 0.2


def follow(job: SyncJob, *, tell: Callable[[SyncJob], None]) -> SyncJob:
    """Returns the finished job. `tell` is called with its present state between slices."""
    while True:
        delay = run_slice(job_id=job.pk)
        job.refresh_from_db()
        tell(job)
        if job.is_finished:
            return job
        time.sleep(WATCH_SECONDS if delay is None else delay)


def result(job: SyncJob) -> dict[str, Any]:
    """The job as plain data, for `--json`."""
    return {
        "id": job.pk,
        "outcome": job.outcome,
        "explanation": job.explanation,
        "exported": job.exported,
        "imported": job.imported,
        "unchanged": job.unchanged,
        "skipped": job.skipped,
        "blocked": job.blocked,
        "failed": job.failed,
        "errors": job.error_count,
        "requests": job.requests,
        "created_at": job.created_at.isoformat(),
        "completed_at": job.completed_at.isoformat() if job.completed_at else None,
    }
