"""What Celery calls: load, call, nothing else."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing

from celery import shared_task
from celery.signals import worker_shutting_down
from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from connectors.interface import Outage
from connectors.models import Connection, ConnectionState
from connectors.registry import keep_alive
from jobs import connections, retention, schedule
from jobs.alerts import sending, telling
from jobs.doorbell import ring
from jobs.models import SyncJob
from jobs.reconcile import reconcile
from jobs.runner import run_slice
from syncqueue.capture import acting

# Made before the pool forks, so that its processes see what the main process is told. Without a
# lock, which a process that is killed might take with it.
_shutting_down = multiprocessing.RawValue(ctypes.c_bool, False)


@worker_shutting_down.connect
def _note_shutdown(**_kwargs: object) -> None:
    _shutting_down.value = True


def _is_shutting_down() -> bool:
    return bool(_shutting_down.value)


@shared_task(name="jobs.run", time_limit=settings.SYNC_SLICE_SECONDS + 600)
def run(job_id: int) -> None:
    """One slice of a job; rings again when there is more to do."""
    with acting(user=None, origin="job"):
        delay = run_slice(job_id=job_id, stop_asked=_is_shutting_down)
    if delay is not None:
        ring(job_id, delay=delay)


@shared_task(name="jobs.clean")
def clean() -> None:
    """Delete what is older than the settings keep."""
    retention.clean(now=timezone.now())


@shared_task(name="jobs.reconcile")
def reconcile_all() -> None:
    """Nightly: queue what no trigger saw."""
    with acting(user=None, origin="reconcile"):
        for connection in Connection.objects.open().filter(state=ConnectionState.READY):
            for _tally in reconcile(connection):
                pass


@shared_task(name="jobs.keep_alive")
def keep_all_alive() -> None:
    """Nightly: access that nobody uses would end by itself; a connection in use needs nothing."""
    for connection in Connection.objects.open().exclude(state=ConnectionState.RECONNECT):
        with contextlib.suppress(Outage):
            keep_alive(connection)


@shared_task(name="jobs.tell")
def tell() -> None:
    """Every minute: write down what people shall be told, and send it."""
    telling.tell_all(now=timezone.now())
    sending.deliver(now=timezone.now())


@shared_task(name="jobs.ring")
def ring_all() -> None:
    """End pauses, create the scheduled jobs that are due, and ring for every job that nobody
    works on."""
    now = timezone.now()
    connections.resume_due(now=now)
    schedule.create_due(now=now)
    idle = SyncJob.objects.open().filter(Q(lease_expires_at=None) | Q(lease_expires_at__lt=Now()))
    for job_id in idle.values_list("pk", flat=True):
        ring(job_id)
