"""Errors of one cause as one: how many, since when, which records, what to do. Four queries."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from jobs.errors import EXPLANATIONS, Explanation, explain
from jobs.models import SyncError
from records.models import RECORD_MODELS
from syncqueue.models import State, SyncQueueItem

SAMPLES = 3


@dataclass(slots=True)
class Cause:
    """`newest` speaks for all of them; `waiting` counts the records that wait for this one."""

    fingerprint: str
    count: int
    first_at: datetime.datetime
    last_at: datetime.datetime
    amount: Decimal | None
    newest: SyncError
    samples: list[SyncError] = field(default_factory=list)
    waiting: int = 0

    @property
    def explanation(self) -> Explanation:
        return explain(self.newest.reason)

    @property
    def title(self) -> str:
        """A sentence: what happened, and to how many."""
        if self.count == 1:
            return self.newest.message
        return _("%(records)s: %(what)s") % {
            "records": f"{self.count} {self._records()}",
            "what": self.explanation.title,
        }

    def _records(self) -> str:
        model = RECORD_MODELS.get(self.newest.record_type)
        return str(model._meta.verbose_name_plural) if model else _("errors")

    @property
    def why(self) -> str:
        """What the provider said, unless the title says it already."""
        detail = self.newest.detail
        return detail if detail and detail not in self.title else str(self.explanation.title)

    @property
    def advice(self) -> str:
        return self.newest.advice or str(self.explanation.advice)

    @property
    def more(self) -> int:
        return self.count - len(self.samples)


def groups(errors: QuerySet[SyncError]) -> QuerySet[SyncError, Any]:
    """One row per cause: first those that need a person, then the most frequent."""
    healing = [str(reason) for reason, one in EXPLANATIONS.items() if one.is_self_healing]
    return (
        errors.order_by()
        .values("fingerprint")
        .annotate(
            count=Count("pk"),
            first_at=Min("occurred_at"),
            last_at=Max("occurred_at"),
            amount=Sum("amount"),
            newest=Max("pk"),
            healing=Count("pk", filter=Q(reason__in=healing)),
        )
        .order_by("healing", "-count", "-newest")
    )


def described(errors: QuerySet[SyncError], rows: Iterable[dict[str, Any]]) -> list[Cause]:
    """The rows of `groups`, with the records and words a card shows."""
    rows = list(rows)
    newest = SyncError.objects.select_related("connection").in_bulk([row["newest"] for row in rows])
    causes = [
        Cause(
            fingerprint=row["fingerprint"],
            count=row["count"],
            first_at=row["first_at"],
            last_at=row["last_at"],
            amount=row["amount"],
            newest=newest[row["newest"]],
        )
        for row in rows
    ]
    _add_samples(errors, causes)
    _add_waiting(causes)
    return causes


def _add_samples(errors: QuerySet[SyncError], causes: Sequence[Cause]) -> None:
    by_cause = Window(RowNumber(), partition_by=F("fingerprint"), order_by=F("pk").desc())
    few = (
        errors.filter(fingerprint__in=[cause.fingerprint for cause in causes])
        .annotate(place=by_cause)
        .filter(place__lte=SAMPLES)
        .order_by("pk")
    )
    samples: dict[str, list[Any]] = defaultdict(list)
    for error in few:
        samples[error.fingerprint].append(error)
    for cause in causes:
        cause.samples = samples[cause.fingerprint]


def _add_waiting(causes: Sequence[Cause]) -> None:
    """How many records wait for the one that a cause is about, or for its mapping."""
    about = Q(pk__in=[])
    for cause in causes:
        about |= _waits_for(cause.newest)
    blocked = SyncQueueItem.objects.open().filter(about, state=State.BLOCKED)
    keys = ("connection_id", "blocked_by_type", "blocked_by_id", "blocked_by_need")
    counts = {
        tuple(row[key] for key in keys): row["n"]
        for row in blocked.order_by().values(*keys).annotate(n=Count("pk"))
    }
    for cause in causes:
        error = cause.newest
        by_record = (error.connection_id, error.record_type, error.record_id, "")
        by_need = (error.connection_id, "", None, error.field)
        cause.waiting = counts.get(by_record, 0) + (counts.get(by_need, 0) if error.field else 0)


def _waits_for(error: SyncError) -> Q:
    same = Q(connection_id=error.connection_id)
    if error.record_type and error.record_id:
        return same & Q(blocked_by_type=error.record_type, blocked_by_id=error.record_id)
    return same & Q(blocked_by_need=error.field) if error.field else Q(pk__in=[])
