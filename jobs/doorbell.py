"""Rings for a job. The message may be lost, doubled or late: PostgreSQL holds the truth."""

from __future__ import annotations

import logging
from functools import partial

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)


def ring(job_id: int, *, delay: float = 0) -> None:
    """Ask a worker to look at the job. Never fails its caller, also with Redis down."""
    try:
        current_app.send_task("jobs.run", [job_id], countdown=delay or None, expires=3600)
    except Exception:  # noqa: BLE001  (a doorbell must not fail whoever rings; beat rings again)
        log.warning("Nobody could be called for Sync Job %s; the scheduler will.", job_id)


def ring_on_commit(job_id: int) -> None:
    transaction.on_commit(partial(ring, job_id), robust=True)
