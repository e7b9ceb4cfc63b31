"""Errors of one cause as one: how many, since when, how much money, what to do. A constant number
of queries, however many causes there are."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs import culprits, stakes
from jobs.culprits import Culprit
from jobs.errors import EXPLANATIONS, Explanation, Fix, explain
from jobs.models import ErrorGroup, SyncError
from jobs.stakes import Money, Waiting
from records.models import RECORD_MODELS
from syncqueue.words import type_name

SAMPLES = 3
# Of more errors than this the newest are grouped: their causes are what keeps happening.
LOOKED_AT = 2_000


@dataclass(slots=True)
class Cause:
    """`newest` speaks for all of them; `waits` are the records that wait for this one."""

    fingerprint: str
    count: int
    first_at: datetime.datetime
    last_at: datetime.datetime
    newest: SyncError
    money: Money = field(default_factory=dict)
    samples: list[SyncError] = field(default_factory=list)
    waits: Waiting = field(default_factory=Waiting)
    culprit: Culprit | None = None
    group: ErrorGroup | None = None
    comments: int = 0

    @property
    def explanation(self) -> Explanation:
        return explain(self.newest.reason)

    @property
    def waiting(self) -> int:
        return self.waits.count

    @property
    def amount(self) -> Decimal:
        """What the errors and what waits for them concern, whatever the currency: to sort by."""
        return sum([*self.money.values(), *self.waits.money.values()], Decimal(0))

    @property
    def money_in_words(self) -> str:
        """Of the errors, and of what waits for them."""
        together = dict(self.money)
        for currency, amount in self.waits.money.items():
            together[currency] = together.get(currency, Decimal(0)) + amount
        return stakes.in_words(together)

    @property
    def title(self) -> str:
        """A sentence: what happened, and to how many."""
        if self.culprit:
            return self._about_culprit(self.culprit)
        if self.count == 1:
            return self.newest.message
        return _("%(records)s: %(what)s") % {
            "records": f"{self.count:,} {self._records()}",
            "what": self.explanation.title,
        }

    @property
    def headline(self) -> str:
        """The title; where one thing is to blame for all, also what that costs."""
        costs = [said for said in (self.stakes_in_words, self.money_in_words) if said]
        if self.culprit is None or not costs:
            return self.title
        return _("%(what)s: %(costs)s") % {"what": self.title, "costs": ", ".join(costs)}

    def _about_culprit(self, culprit: Culprit) -> str:
        said = (
            _("%(what)s “%(name)s” was deleted in accounting")
            if culprit.is_gone
            else _("%(what)s “%(name)s” is inactive in accounting")
        )
        return said % {"what": type_name(culprit.record_type), "name": culprit.record}

    @property
    def stakes_in_words(self) -> str:
        """ "37 records wait": the refused ones when a thing they refer to is to blame, else those
        that wait for a refused one."""
        waiting = self.waiting + (self.count if self.culprit else 0)
        if not waiting:
            return ""
        said = ngettext("%(count)s record waits", "%(count)s records wait", waiting)
        return said % {"count": f"{waiting:,}"}

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
        if self.culprit:
            return _("Make it active again in accounting and retry, or use another one instead.")
        return self.newest.advice or str(self.explanation.advice)

    @property
    def fixes(self) -> Sequence[Fix]:
        """What repairs it, the best first."""
        fixes = self.explanation.fixes
        if self.newest.code == "linked_twice":
            return [fix for fix in fixes if fix is not Fix.LINK]
        return [fix for fix in fixes if fix is not Fix.USE_INSTEAD or self.culprit]

    @property
    def more(self) -> int:
        return self.count - len(self.samples)


def newest(errors: QuerySet[SyncError]) -> QuerySet[SyncError]:
    """The latest of them: few enough to be grouped while somebody waits. They are numbered as they
    occur."""
    keys = errors.order_by("-pk").values_list("pk", flat=True)
    oldest = keys[LOOKED_AT - 1 : LOOKED_AT].first()
    return errors if oldest is None else errors.filter(pk__gte=oldest)


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
            newest=Max("pk"),
            healing=Count("pk", filter=Q(reason__in=healing)),
        )
        .order_by("healing", "-count", "-newest")
    )


def described(errors: QuerySet[SyncError], rows: Iterable[dict[str, Any]]) -> list[Cause]:
    """The rows of `groups`, with the records and words a card shows."""
    rows = list(rows)
    related = ("connection", "company", "attempt__exchange", "item", "resolved_by")
    newest = SyncError.objects.select_related(*related).in_bulk([row["newest"] for row in rows])
    causes = [
        Cause(
            fingerprint=row["fingerprint"],
            count=row["count"],
            first_at=row["first_at"],
            last_at=row["last_at"],
            newest=newest[row["newest"]],
        )
        for row in rows
    ]
    _add_stakes(errors, causes)
    _add_samples(errors, causes)
    _add_groups(causes)
    return causes


def _add_stakes(errors: QuerySet[SyncError], causes: Sequence[Cause]) -> None:
    newest = [cause.newest for cause in causes]
    amounts = stakes.by_cause(errors, [cause.fingerprint for cause in causes])
    waiting = stakes.waiting_for(newest)
    named = culprits.of_errors(newest)
    for cause in causes:
        cause.money = amounts.get(cause.fingerprint, {})
        cause.waits = waiting[cause.newest.pk]
        cause.culprit = named.get(cause.newest.pk)


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


def _add_groups(causes: Sequence[Cause]) -> None:
    """Who looks after a cause, and how much was said about it."""
    rows = (
        ErrorGroup.objects.filter(fingerprint__in=[cause.fingerprint for cause in causes])
        .select_related("assigned_to")
        .annotate(said=Count("comments"))
    )
    by_key: dict[tuple[int, str], Any] = {(row.connection_id, row.fingerprint): row for row in rows}
    for cause in causes:
        group = by_key.get((cause.newest.connection_id, cause.fingerprint))
        cause.group = group
        cause.comments = group.said if group else 0
