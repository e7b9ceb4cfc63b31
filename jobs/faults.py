"""Writes down what went wrong, in words that say what to do, and closes what has healed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from connectors import documents
from connectors.documents import Document, RecordType
from connectors.interface import Reason, Rejected, Remote
from jobs import mapping
from jobs.errors import explain, fingerprint
from jobs.mapping import Key
from jobs.models import Attempt, ErrorPhase, SyncError
from jobs.work import Work
from syncqueue.models import SyncQueueItem


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that went wrong, before it is stored. `cause` is what makes errors one group."""

    reason: str
    message: str
    phase: ErrorPhase
    item: SyncQueueItem | None = None
    attempt: Attempt | None = None
    code: str = ""
    field: str = ""
    detail: str = ""
    advice: str = ""
    external_id: str = ""
    record_type: str = ""
    record_id: int | None = None
    label: str = ""
    amount: Decimal | None = None
    cause: tuple[object, ...] = ()


def refused(item: SyncQueueItem, attempt: Attempt | None, rejected: Rejected) -> Fault:
    """The provider, or our own look beforehand, refused the record."""
    cause: tuple[object, ...] = (rejected.code, rejected.field, rejected.external_id)
    if rejected.reason in {Reason.DUPLICATE, Reason.GONE, Reason.STALE_VERSION}:
        cause = (*cause, item.record_type, item.record_id)
    return Fault(
        reason=rejected.reason,
        message=_("%(record)s: %(message)s") % {"record": item.label, "message": rejected.message},
        phase=ErrorPhase.EXPORT,
        item=item,
        attempt=attempt,
        code=rejected.code,
        field=rejected.field,
        detail=rejected.message,
        external_id=rejected.external_id,
        cause=cause,
    )


def total_differs(
    item: SyncQueueItem, attempt: Attempt, sent: Document | None, remote: Remote | None
) -> Fault:
    ours: Any = sent.total if isinstance(sent, documents.Trade) else getattr(sent, "amount", None)
    theirs = remote.total if remote else None
    return Fault(
        reason=Reason.VALIDATION,
        message=_("%(record)s: it is %(ours)s here and %(theirs)s in accounting.")
        % {"record": item.label, "ours": ours, "theirs": theirs},
        phase=ErrorPhase.EXPORT,
        item=item,
        attempt=attempt,
        code="total_differs",
        advice=_("Compare the lines on both sides, correct the difference, and retry."),
        external_id=remote.external_id if remote else "",
        cause=("total_differs",),
    )


def record(work: Work, faults: Sequence[Fault]) -> None:
    """Store errors and count them on the job. Fenced."""
    if not faults:
        return
    currencies = _currencies(faults)
    SyncError.objects.bulk_create(_row(work, fault, currencies) for fault in faults)
    work.count(
        error_count=len(faults), failed=len(faults), progress=sum(bool(f.item) for f in faults)
    )


def record_once(work: Work, fault: Fault) -> None:
    """Store an error unless this job has told of the same cause already. Fenced."""
    row = _row(work, fault)
    same = SyncError.objects.unresolved().filter(
        connection_id=work.connection.pk, fingerprint=row.fingerprint
    )
    if same.filter(job_id=work.job.pk).exists():
        return
    same.update(resolved_at=Now(), resolved_by_job_id=work.job.pk)
    row.save(force_insert=True)
    work.count(error_count=1)


def resolve(work: Work, items: Iterable[SyncQueueItem]) -> None:
    """Close the open errors of records that were sent, or whose refusal is told anew. Fenced."""
    records = Q()
    for item in items:
        records |= Q(record_type=item.record_type, record_id=item.record_id)
    if records:
        SyncError.objects.unresolved().filter(records, connection_id=work.connection.pk).update(
            resolved_at=Now(), resolved_by_job_id=work.job.pk
        )


def resolve_needs(work: Work) -> None:
    """Close "has no counterpart" errors that no item waits for any more. Fenced."""
    waiting = SyncQueueItem.objects.open().filter(connection_id=work.connection.pk, state="blocked")
    SyncError.objects.unresolved().filter(
        connection_id=work.connection.pk, reason=Reason.MAPPING, item=None
    ).exclude(field__in=waiting.values("blocked_by_need")).update(
        resolved_at=Now(), resolved_by_job_id=work.job.pk
    )


def resolve_auth(work: Work) -> None:
    """We were let in: close what said that we were not. Fenced."""
    SyncError.objects.unresolved().filter(
        connection_id=work.connection.pk,
        phase=ErrorPhase.JOB,
        reason__in=[Reason.AUTH, Reason.TRANSIENT, Reason.RATE_LIMIT],
    ).update(resolved_at=Now(), resolved_by_job_id=work.job.pk)


def _currencies(faults: Sequence[Fault]) -> dict[Key, str]:
    """Of the documents: from what was sent, else asked for, one query for each type."""
    found: dict[Key, str] = {}
    unknown: dict[RecordType, set[int]] = {}
    for fault in faults:
        item = fault.item
        if item is None or item.amount is None:
            continue
        record_type = RecordType(item.record_type)
        sent = fault.attempt.content if fault.attempt else {}
        if currency := sent.get("currency"):
            found[record_type, item.record_id] = currency
        else:
            unknown.setdefault(record_type, set()).add(item.record_id)
    return found | mapping.currencies(unknown)


def _row(work: Work, fault: Fault, currencies: Mapping[Key, str] | None = None) -> SyncError:
    item = fault.item
    explanation = explain(fault.reason)
    key = (RecordType(item.record_type), item.record_id) if item else None
    return SyncError(
        job_id=work.job.pk,
        connection_id=work.connection.pk,
        company_id=work.connection.company_id,
        item=item,
        attempt=fault.attempt,
        phase=fault.phase,
        record_type=item.record_type if item else fault.record_type,
        record_id=item.record_id if item else fault.record_id,
        external_id=fault.external_id,
        label=item.label if item else fault.label,
        reason=fault.reason,
        code=fault.code[:60],
        field=fault.field[:100],
        message=fault.message,
        advice=fault.advice or str(explanation.advice),
        detail=fault.detail,
        fingerprint=fingerprint(work.connection.pk, fault.reason, *fault.cause),
        amount=item.amount if item else fault.amount,
        currency=(currencies or {}).get(key, "") if key else "",
    )
