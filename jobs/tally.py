"""What one Sync Job did, by record type: the lines of its page, and each exchange in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Count
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy, ngettext

from connectors.documents import RANKS, RecordType
from jobs.models import Attempt, AttemptOutcome, Exchange, JobState, SyncJob
from records.models import RECORD_MODELS
from syncqueue.models import State, SyncQueueItem

# A running job is looked at every two seconds, by everybody who watches it.
RUNNING_SECONDS, FINISHED_SECONDS = 5, 3600
DONE = (AttemptOutcome.ACCEPTED, AttemptOutcome.PARTLY)
DID = {
    "create": gettext_lazy("Created %s"),
    "update": gettext_lazy("Changed %s"),
    "void": gettext_lazy("Voided %s"),
    "delete": gettext_lazy("Deleted %s"),
}


@dataclass(slots=True)
class Part:
    """A record type in the export of a job; `left` is None when the job has ended."""

    record_type: str
    done: int = 0
    refused: int = 0
    left: int | None = None

    @property
    def name(self) -> str:
        return capfirst(str(RECORD_MODELS[self.record_type]._meta.verbose_name_plural))

    @property
    def total(self) -> int:
        return self.done + self.refused + (self.left or 0)


def parts(job: SyncJob) -> list[Part]:
    """By rank, as the job goes through them."""
    key = f"parts-{job.pk}-{job.is_finished}"
    found: list[Part] | None = cache.get(key)
    if found is None:
        found = _counted(job)
        cache.set(key, found, FINISHED_SECONDS if job.is_finished else RUNNING_SECONDS)
    return found


def imported_types(job: SyncJob) -> list[str]:
    """What the import has been through, as headings."""
    pulled = job.checkpoint.get("pulled", [])
    return [
        capfirst(str(RECORD_MODELS[kind]._meta.verbose_name_plural))
        for kind in pulled
        if kind in RECORD_MODELS
    ]


def in_words(exchanges: Sequence[Exchange]) -> dict[int, str]:
    """By the id of the exchange: "Created 30 invoices, 2 were refused". One query for all."""
    rows: Any = (
        Attempt.objects.filter(exchange__in=[exchange.pk for exchange in exchanges])
        .order_by()
        .values_list("exchange", "operation", "record_type", "outcome")
        .annotate(Count("pk"))
    )
    done: dict[int, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    refused: dict[int, int] = defaultdict(int)
    for exchange, operation, record_type, outcome, count in rows:
        done[exchange][operation, record_type] += count if outcome in {*DONE, ""} else 0
        refused[exchange] += count if outcome == AttemptOutcome.REJECTED else 0
    return {
        exchange.pk: _sentence(done[exchange.pk], refused[exchange.pk], exchange)
        for exchange in exchanges
    }


def _sentence(done: dict[tuple[str, str], int], refused: int, exchange: Exchange) -> str:
    said = [
        str(DID.get(operation, gettext_lazy("Sent %s"))) % _counted_name(record_type, count)
        for (operation, record_type), count in sorted(done.items())
        if count
    ]
    if refused:
        words = ngettext("%d was refused", "%d were refused", refused)
        said.append(words % refused)
    return ", ".join(said) or exchange.summary or exchange.failure


def _counted_name(record_type: str, count: int) -> str:
    meta = RECORD_MODELS[record_type]._meta
    return f"{count} {meta.verbose_name if count == 1 else meta.verbose_name_plural}"


def _counted(job: SyncJob) -> list[Part]:
    found: dict[str, Part] = {}
    attempts: Any = (
        Attempt.objects.filter(exchange__job=job)
        .order_by()
        .values_list("record_type", "outcome")
        .annotate(Count("pk"))
    )
    for record_type, outcome, count in attempts:
        part = found.setdefault(record_type, Part(record_type))
        part.done += count if outcome in DONE else 0
        part.refused += count if outcome == AttemptOutcome.REJECTED else 0
    if job.state in {JobState.WAITING, JobState.EXPORTING}:
        _add_left(job, found)
    return sorted(found.values(), key=lambda part: (RANKS[RecordType(part.record_type)], part.name))


def _add_left(job: SyncJob, found: dict[str, Part]) -> None:
    items: Any = (
        SyncQueueItem.objects.open()
        .filter(connection=job.connection_id, held_at=None)
        .filter(state__in=[State.WAITING, State.SENDING, State.UNKNOWN])
        .order_by()
        .values_list("record_type")
        .annotate(Count("pk"))
    )
    for part in found.values():
        part.left = 0
    for record_type, count in items:
        found.setdefault(record_type, Part(record_type)).left = count
