"""What a person may look for among Sync Jobs and errors."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import FilterSet

from jobs.errors import EXPLANATIONS
from jobs.models import JobOutcome, SyncError, SyncJob, Trigger
from syncqueue.words import type_choices
from ui import filters
from ui.listings import View

JOB_VIEWS = (
    View("", _("All"), Q()),
    View("running", _("Running"), Q(completed_at=None)),
    View("errors", _("With errors"), Q(outcome=JobOutcome.WITH_ERRORS)),
    View("failed", _("Failed"), Q(outcome=JobOutcome.FAILED)),
)

ERROR_VIEWS = (
    View("", _("Open"), Q(resolved_at=None)),
    View("held", _("Held"), Q(resolved_at=None, item__held_at__isnull=False)),
    View("resolved", _("Resolved"), Q(resolved_at__isnull=False)),
)


class SyncJobFilter(FilterSet):
    q = filters.search(_("ID or connection"))
    outcome = filters.select(_("Outcome"), JobOutcome.choices, everything=_("Any outcome"))
    by = filters.select(
        _("Started by"),
        [("me", _("Started by me")), *Trigger.choices],
        everything=_("Started by anyone"),
        method="started_by",
    )

    class Meta:
        model = SyncJob
        fields: list[str] = []

    def search(self, rows: QuerySet[SyncJob], name: str, words: str) -> QuerySet[SyncJob]:
        found = Q(connection__name__icontains=words) | Q(connection__kind__icontains=words)
        if words.isdecimal():
            found |= Q(pk=int(words))
        return rows.filter(found)

    def started_by(self, rows: QuerySet[SyncJob], name: str, who: str) -> QuerySet[SyncJob]:
        if who == "me":
            return rows.filter(created_by=self.request.user)
        return rows.filter(trigger=who)


def reason_choices() -> list[tuple[str, str]]:
    return [(str(reason), str(one.title)) for reason, one in EXPLANATIONS.items()]


class SyncErrorFilter(FilterSet):
    q = filters.search(_("Record or message"))
    type = filters.select(
        _("Type"), type_choices, everything=_("Any type"), field_name="record_type"
    )
    reason = filters.select(_("Reason"), reason_choices, everything=_("Any reason"))

    class Meta:
        model = SyncError
        fields: list[str] = []

    def search(self, rows: QuerySet[SyncError], name: str, words: str) -> QuerySet[SyncError]:
        return rows.filter(
            Q(label__icontains=words)
            | Q(message__icontains=words)
            | Q(detail__icontains=words)
            | Q(code__iexact=words)
        )
