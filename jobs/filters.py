"""What a person may look for among Sync Jobs and errors."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import FilterSet

from companies.walls import for_company
from connectors.models import Connection
from jobs import causes
from jobs.errors import EXPLANATIONS
from jobs.models import ErrorGroup, JobOutcome, SyncError, SyncJob, Trigger
from syncqueue.words import type_choices
from ui import filters
from ui.listings import View

# A search finds so many: whoever gets more looks for something else.
FOUND = 1_000

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
        """The few connections first: so the jobs are found by their index."""
        company = self.request.company
        named = Q(name__icontains=words) | Q(kind__icontains=words)
        connections = for_company(Connection.objects.filter(named), company)
        found = Q(connection__in=list(connections.values_list("pk", flat=True)))
        if words.isdecimal() and len(words) < 19:
            found |= Q(pk=int(words))
        return rows.filter(found)

    def started_by(self, rows: QuerySet[SyncJob], name: str, who: str) -> QuerySet[SyncJob]:
        if who == "me":
            return rows.filter(created_by=self.request.user)
        return rows.filter(trigger=who)


def reason_choices() -> list[tuple[str, str]]:
    return [(str(reason), str(one.title)) for reason, one in EXPLANATIONS.items()]


class SyncErrorFilter(FilterSet):
    q = filters.search(_("Record, or words of the newest errors"))
    type = filters.select(
        _("Type"), type_choices, everything=_("Any type"), field_name="record_type"
    )
    reason = filters.select(_("Reason"), reason_choices, everything=_("Any reason"))
    whose = filters.select(
        _("Looked after by"),
        [("me", _("Mine")), ("nobody", _("Nobody’s"))],
        everything=_("Anyone’s"),
        method="looked_after",
    )

    class Meta:
        model = SyncError
        fields: list[str] = []

    def looked_after(self, rows: QuerySet[SyncError], name: str, who: str) -> QuerySet[SyncError]:
        of_cause = ErrorGroup.objects.filter(
            connection=OuterRef("connection"), fingerprint=OuterRef("fingerprint")
        )
        if who == "me":
            return rows.filter(Exists(of_cause.filter(assigned_to=self.request.user)))
        return rows.exclude(Exists(of_cause.filter(assigned_to__isnull=False)))

    def search(self, rows: QuerySet[SyncError], name: str, words: str) -> QuerySet[SyncError]:
        """A record by its whole number or name, however old; any words among the newest errors."""
        said = causes.newest(rows).filter(
            Q(label__icontains=words)
            | Q(message__icontains=words)
            | Q(detail__icontains=words)
            | Q(code__iexact=words)
        )
        named = rows.filter(label__in={words, words.upper()})
        found = [
            pk
            for some in (said, named)
            for pk in some.order_by("-pk").values_list("pk", flat=True)[:FOUND]
        ]
        return rows.filter(pk__in=found)
