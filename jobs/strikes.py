"""Stops what keeps killing its worker: a job, or the one record that does it.

A takeover without any progress since the one before is a strike. The first is bad luck and the
job simply goes on. From the second on, batches hold one record, noted before it is looked at; at
the third, that record is put aside with an error, or the job ends when no record is to blame.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from connectors.interface import Reason
from jobs import faults
from jobs.lease import fenced
from jobs.models import ErrorPhase
from jobs.work import Halt, Work
from syncqueue import transitions
from syncqueue.models import State, SyncQueueItem
from syncqueue.transitions import Verdict

MOST_STRIKES = 3
CAREFUL_FROM = 2


def note_takeover(work: Work) -> None:
    """Count the strikes of a taken-over job. Raises Halt at the third without a suspect."""
    job = work.job
    checkpoint: dict[str, Any] = dict(job.checkpoint)
    mark = [job.requests, job.progress, job.imported, checkpoint.get("pulled", [])]
    strikes = checkpoint.get("strikes", 0) + 1 if checkpoint.get("mark") == mark else 1
    suspect = checkpoint.pop("suspect", None)
    with fenced(work.lease):
        if strikes >= MOST_STRIKES and suspect:
            _put_aside(work, suspect)
            strikes = 0
        _save(work, checkpoint | {"strikes": strikes, "mark": mark})
    if strikes >= MOST_STRIKES:
        raise Halt(
            _("This Sync Job stopped its worker %d times. What was not sent still waits.")
            % strikes,
            is_failure=True,
        )
    work.is_careful = strikes >= CAREFUL_FROM


def note_suspect(work: Work, item: SyncQueueItem) -> None:
    """Remember the record that is looked at next, in a transaction of its own."""
    with fenced(work.lease):
        _save(work, work.job.checkpoint | {"suspect": item.pk})


def _put_aside(work: Work, item_id: int) -> None:
    item = SyncQueueItem.objects.open().filter(pk=item_id).first()
    if item is None or item.state != State.WAITING:
        return
    message = _("%s stopped the worker %d times.") % (item.label, MOST_STRIKES)
    transitions.apply(
        [Verdict(item.pk, item.generation, State.FAILED, reason=Reason.INTERNAL, refusal=message)]
    )
    faults.record(
        work,
        [
            faults.Fault(
                reason=Reason.INTERNAL,
                message=message,
                phase=ErrorPhase.EXPORT,
                item=item,
                code="worker_killed",
                cause=("worker_killed", item.record_type, item.record_id),
            )
        ],
    )


def _save(work: Work, checkpoint: dict[str, Any]) -> None:
    work.job.checkpoint = checkpoint
    work.update_job(checkpoint=checkpoint)
