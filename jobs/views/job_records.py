"""The records behind the counters of one Sync Job."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from companies.walls import CompanyRequest, for_company
from jobs.job_tables import JobAttemptTable, JobItemTable
from jobs.models import Attempt, AttemptOutcome, SyncJob
from jobs.views.sync_jobs import jobs_of
from syncqueue.models import State, SyncQueueItem
from ui.listings import Listing, View, chosen_view, tabs

SENT = (
    View("", gettext_lazy("Exported"), Q(outcome__in=["accepted", "partly"])),
    View("refused", gettext_lazy("Refused"), Q(outcome=AttemptOutcome.REJECTED)),
)
NOT_SENT = (
    View("unchanged", gettext_lazy("Unchanged"), Q(state=State.UNCHANGED)),
    View("skipped", gettext_lazy("Skipped"), Q(state__in=[State.SKIPPED, State.SUPERSEDED])),
)
VIEWS = (*SENT, *NOT_SENT)


@require_safe
def sync_job_records(request: CompanyRequest, pk: int) -> HttpResponseBase:
    job = get_object_or_404(jobs_of(request), pk=pk)
    view = chosen_view(request, VIEWS)
    attempts, items = _attempts(request, job), _items(request, job)
    rows: dict[str, QuerySet[Any]] = {one.key: attempts.filter(one.condition) for one in SENT}
    rows |= {one.key: items.filter(one.condition) for one in NOT_SENT}
    listing = Listing(request, JobAttemptTable if view in SENT else JobItemTable, rows[view.key])
    return listing.answer(
        "jobs/sync_job_records.html",
        title=_("Records of %s") % job,
        job=job,
        tabs=tabs(request, VIEWS, rows),
        empty="jobs/no_records.html",
        kept_filters=["view", "sort"],
    )


def _attempts(request: CompanyRequest, job: SyncJob) -> QuerySet[Attempt]:
    rows = for_company(Attempt.objects.all(), request.company)
    return rows.filter(exchange__job=job).select_related("exchange")


def _items(request: CompanyRequest, job: SyncJob) -> QuerySet[SyncQueueItem]:
    """What ended in the time of the job: a connection has one open job at a time."""
    rows = for_company(SyncQueueItem.objects.all(), request.company)
    rows = rows.filter(connection=job.connection_id, finished_at__gte=job.created_at)
    return rows.filter(finished_at__lte=job.completed_at) if job.completed_at else rows
