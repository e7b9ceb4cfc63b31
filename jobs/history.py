"""The history of one record: what was sent, what came back, what went wrong, what people did."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from jobs.models import Applied, Attempt, AttemptOutcome, ErrorPhase, SyncError
from records.models import Record
from syncqueue.models import State, SyncQueueItem
from syncqueue.words import fields_in_words, next_step, person_name

TONES = {AttemptOutcome.ACCEPTED: "ok", AttemptOutcome.REJECTED: "bad", "": "live"}


@dataclass(frozen=True, slots=True)
class Event:
    """One line. With an `attempt`, something was sent; its exchange has the bytes."""

    at: datetime.datetime
    tone: str
    title: str
    words: str
    job_id: int | None = None
    attempt: Attempt | None = None
    error: SyncError | None = None


def of_record(record: Record, *, limit: int) -> list[Event]:
    return history(
        company_id=record.company_id,
        record_type=record.record_type,
        record_id=record.pk,
        limit=limit,
    )


def history(*, company_id: int, record_type: str, record_id: int, limit: int) -> list[Event]:
    """The newest first."""
    about = {"company_id": company_id, "record_type": record_type, "record_id": record_id}
    attempts = Attempt.objects.filter(**about).select_related("exchange")
    # A refusal by the provider is told by its attempt.
    errors = SyncError.objects.filter(**about).exclude(
        Q(attempt__isnull=False), phase=ErrorPhase.EXPORT
    )
    ended = SyncQueueItem.objects.filter(**about, finished_at__isnull=False)
    events = [
        *map(_sent, attempts.order_by("-pk")[:limit]),
        *map(_applied, Applied.objects.filter(**about).order_by("-pk")[:limit]),
        *map(_error, errors.select_related("resolved_by").order_by("-pk")[:limit]),
        *map(
            _ended,
            ended.exclude(state=State.SYNCED)
            .select_related("changed_by")
            .order_by("-finished_at", "-pk")[:limit],
        ),
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)[:limit]


def _sent(attempt: Attempt) -> Event:
    operation = {
        "create": _("Sent to be created"),
        "update": _("Sent with its changes"),
        "void": _("Sent to be voided"),
        "delete": _("Sent to be deleted"),
    }
    outcome = str(attempt.get_outcome_display() or _("No answer yet"))
    return Event(
        at=attempt.exchange.created_at,
        tone=TONES.get(attempt.outcome, "warn"),
        title=operation.get(attempt.operation, attempt.operation),
        words=f"{outcome}: {attempt.message}" if attempt.message else outcome,
        job_id=attempt.exchange.job_id,
        attempt=attempt,
    )


def _applied(applied: Applied) -> Event:
    if not applied.fields:
        said = _("Accounting had it first.")
        return Event(applied.applied_at, "ok", _("Created here"), said, applied.job_id)
    said = _("Taken over: %s") % fields_in_words(applied.record_type, applied.fields)
    return Event(applied.applied_at, "ok", _("Changed in accounting"), said, applied.job_id)


def _error(error: SyncError) -> Event:
    title = _("Not imported") if error.phase == ErrorPhase.IMPORT else _("Not sent")
    words = error.message
    if error.resolved_at:
        by = person_name(error.resolved_by)
        words += " " + (_("Resolved by %s.") % by if by else _("Resolved."))
    tone = "idle" if error.resolved_at else "bad"
    return Event(error.occurred_at, tone, title, words, error.job_id, error=error)


def _ended(item: SyncQueueItem) -> Event:
    """Without anything being sent."""
    at = item.finished_at or item.changed_at
    if item.state == State.SKIPPED:
        by = person_name(item.changed_by)
        title = _("Skipped by %s") % by if by else _("Skipped")
        return Event(at, "warn", title, item.refusal)
    return Event(at, "idle", _("Nothing to send"), str(next_step(item)))
