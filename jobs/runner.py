"""One slice of one job: settle, export, import, finish. Called by workers and by `runjob` alike."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any

from django.db import Error as DatabaseError
from django.db import connection as database
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from connectors.interface import Outage, Reason
from connectors.models import ConnectionState
from connectors.registry import connector_for
from jobs import connecting, faults, loading, outages, strikes, words
from jobs.control import refusal_to_start
from jobs.doorbell import ring_on_commit
from jobs.exporter import Exporter
from jobs.importer import Importer
from jobs.lease import Lease, LeaseLost, acquire, fenced, heartbeat, owner_name, release
from jobs.models import ErrorPhase, JobOutcome, JobState, SyncJob, Trigger
from jobs.sender import Sender
from jobs.steps import reach
from jobs.work import Canceled, Halt, Stop, Work

log = logging.getLogger(__name__)


def run_slice(*, job_id: int, stop_asked: Callable[[], bool] = lambda: False) -> float | None:
    """Work on a job until it is finished or the slice is over.

    Returns the seconds after which somebody should ring again, or None: the job is finished, or
    another worker has it.
    """
    lease = acquire(job_id=job_id, owner=owner_name())
    if lease is None:
        return None
    try:
        with heartbeat(lease):
            return _run(lease, stop_asked)
    except LeaseLost:
        log.warning("Sync Job %s was taken over by another worker.", job_id)
        return None
    except DatabaseError:
        # Nothing can be written down now. The lease runs out and the job is taken over.
        log.exception("Sync Job %s lost its database.", job_id)
        database.close()
        return None


def _run(lease: Lease, stop_asked: Callable[[], bool]) -> float | None:
    job = SyncJob.objects.select_related("connection__company").get(pk=lease.job_id)
    work = Work(job, job.connection, connector_for(job.connection), lease, stop_asked)
    sender = Sender(work)
    try:
        _phases(work, sender)
    except Stop as stop:
        release(lease)
        return stop.delay
    except Canceled:
        _finish(work, JobOutcome.CANCELED, _("It was canceled. What was not sent still waits."))
    except Halt as halt:
        outcome = JobOutcome.FAILED if halt.is_failure else JobOutcome.WITH_ERRORS
        _finish(work, outcome, halt.explanation)
    except (LeaseLost, DatabaseError):
        raise
    except Exception as error:  # noqa: BLE001  (the edge of a slice: what was caught is recorded)
        _fail(work, error)
    else:
        _finish(work, None, "")
    finally:
        sender.close()
    return None


def _phases(work: Work, sender: Sender) -> None:
    if work.lease.is_takeover:
        strikes.note_takeover(work)
    if work.job.cancel_requested_at:
        raise Canceled
    refusal = refusal_to_start(work.connection, now=timezone.now())
    if refusal:
        raise Halt(refusal, is_failure=True)
    _keep_waiting(work)
    if "connect" in work.job.scope:
        _through_outages(work, lambda: connecting.run(work, sender))
        return
    if "lists" in work.job.scope:
        _through_outages(work, lambda: connecting.refresh_lists(work, sender))
        return
    if "pull" in work.job.scope:
        _through_outages(work, lambda: Importer(work, sender).pull_these(work.job.scope["pull"]))
        return
    if "load" in work.job.scope and work.connection.state == ConnectionState.READY:
        loading.run(work)
    if work.job.state != JobState.IMPORTING and work.connection.state == ConnectionState.READY:
        _through_outages(work, lambda: Exporter(work, sender).run())
    if work.item_ids is None:
        _through_outages(work, lambda: Importer(work, sender).run())


def _keep_waiting(work: Work) -> None:
    """A job that was told to wait waits, whoever rings; a new one tries at once."""
    at = work.connection.retry_at
    left = (at - timezone.now()).total_seconds() if at else 0
    if left > 0 and work.job.state != JobState.WAITING:
        raise Stop(delay=left)


def _through_outages(work: Work, phase: Callable[[], None]) -> None:
    """Start a phase over after an outage that allows it: nothing it did is done twice."""
    while True:
        try:
            phase()
        except Outage as outage:
            outages.handle(work, outage)
        else:
            outages.over(work)
            return


def _finish(work: Work, outcome: JobOutcome | None, explanation: str) -> None:
    """End the job; with `run_again`, its successor begins in the same transaction."""
    reach("finish")
    with fenced(work.lease):
        job = SyncJob.objects.get(pk=work.job.pk)
        if outcome is None:
            outcome = JobOutcome.WITH_ERRORS if job.error_count else JobOutcome.SUCCEEDED
            explanation = job.explanation or _result_in_words(work, job)
        work.update_job(
            state=JobState.FINISHED,
            outcome=outcome,
            explanation=explanation,
            phase="",
            completed_at=Now(),
            lease_owner="",
            lease_expires_at=None,
        )
        if job.run_again and outcome != JobOutcome.FAILED:
            _succeed(job)
    reach("finished")


def _result_in_words(work: Work, job: SyncJob) -> str:
    if work.connection.state == ConnectionState.MATCHING:
        return _("Nothing was sent: first decide which records are the same on both sides.")
    return words.finished(job, failed=job.error_count, name=str(work.connection))


def _succeed(job: SyncJob) -> None:
    successor = SyncJob.objects.create(
        connection_id=job.connection_id, company_id=job.company_id, trigger=Trigger.RETRY
    )
    ring_on_commit(successor.pk)


def _fail(work: Work, error: Exception) -> None:
    """A mistake of ours: it is written down whole, the job ends, and nothing is lost."""
    log.exception("Sync Job %s failed.", work.job.pk)
    explanation = _("Syncapp made a mistake and stopped this job. What was not sent still waits.")
    detail = "".join(traceback.format_exception(error))
    columns: dict[str, Any] = {
        "reason": Reason.INTERNAL,
        "message": explanation,
        "phase": ErrorPhase.JOB,
        "code": type(error).__name__,
        "detail": detail[-20_000:],
        "cause": ("internal", type(error).__name__, str(error)),
    }
    with fenced(work.lease):
        faults.record(work, [faults.Fault(**columns)])
    _finish(work, JobOutcome.FAILED, explanation)
