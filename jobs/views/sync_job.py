"""One Sync Job: what it did, when, with which exchanges, and what needs a person."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.models import Role
from companies.roles import may, may_see_bodies, requires
from companies.walls import CompanyRequest
from jobs import causes, control, marks, tally
from jobs.course import changes, course, time_left
from jobs.models import Exchange, SyncJob
from jobs.views.sync_jobs import jobs_of, tell
from ui.listings import signed_in
from ui.pages import page
from ui.paging import BoundedPaginator

EXCHANGES_ON_A_PAGE = 8
CAUSES_SHOWN = 5


@require_safe
def sync_job(request: CompanyRequest, pk: int) -> HttpResponse:
    job = _job(request, pk)
    context = _upper_part(request, job) | _needs_you(job)
    if getattr(request, "htmx", False) and "exchanges" in request.GET:
        return render(request, "jobs/exchanges.html", context)
    return page(request, "jobs/sync_job.html", title=str(job), **context)


@require_safe
def sync_job_live(request: CompanyRequest, pk: int) -> HttpResponse:
    """What moves while a job runs. `errors` is the count the page shows: its cards come again only
    when there are others, so nobody's reading is disturbed."""
    job = _job(request, pk)
    context = _upper_part(request, job) | {"is_live_answer": True}
    if job.is_finished or request.GET.get("errors") != str(job.error_count):
        context |= _needs_you(job) | {"has_news": True}
    response = render(request, "jobs/sync_job_live.html", context)
    if job.is_finished:
        response.headers["HX-Trigger"] = json.dumps({"announce": marks.end_in_words(job)})
    return response


@require_POST
@requires(Role.OPERATOR)
def sync_job_cancel(request: CompanyRequest, pk: int) -> HttpResponse:
    job = _job(request, pk)
    control.cancel(job=job, user=signed_in(request))
    messages.info(request, _("%s stops after the records it is sending now.") % job)
    return redirect("sync-job", pk=pk)


@require_POST
@requires(Role.OPERATOR)
def sync_job_again(request: CompanyRequest, pk: int) -> HttpResponse:
    """The same again: same connection, same scope."""
    job = _job(request, pk)
    opened = control.open_job(
        connection=job.connection, user=signed_in(request), scope=job.scope or None
    )
    tell(request, opened)
    return redirect("sync-job", pk=opened.job.pk if opened.job else pk)


def _job(request: CompanyRequest, pk: int) -> SyncJob:
    rows = jobs_of(request).select_related(
        "connection", "created_by", "cancel_requested_by", "company"
    )
    return get_object_or_404(rows, pk=pk)


def _upper_part(request: CompanyRequest, job: SyncJob) -> dict[str, Any]:
    exchanges = _exchanges(request, job.exchanges.all())
    words = tally.in_words(list(exchanges))
    return {
        "job": job,
        "moved": job.exported + job.imported,
        "steps": course(job),
        "changes": changes(job),
        "parts": tally.parts(job),
        "imported_types": tally.imported_types(job),
        "time_left": time_left(job, now=timezone.now()),
        "exchanges": exchanges,
        "told": [(exchange, words[exchange.pk]) for exchange in exchanges],
        "is_reads": request.GET.get("which") == "reads",
        "may_operate": may(request.user, request.company, Role.OPERATOR),
        "may_see": may_see_bodies(request.user, request.company),
        "has_open_errors": job.is_finished and job.errors.unresolved().exists(),
    }


def _needs_you(job: SyncJob) -> dict[str, Any]:
    """The causes of its newest errors; all of them are a click away."""
    errors = causes.newest(job.errors.unresolved())
    groups = causes.groups(errors)
    shown = list(groups[: CAUSES_SHOWN + 1])
    return {
        "causes": causes.described(errors, shown[:CAUSES_SHOWN]),
        "has_more_causes": len(shown) > CAUSES_SHOWN,
    }


def _exchanges(request: CompanyRequest, rows: QuerySet[Exchange]) -> Page[Any]:
    """Newest first: while a job runs, the interesting end. ?which=reads: only what was asked."""
    if request.GET.get("which") == "reads":
        rows = rows.filter(is_write=False)
    paginator = BoundedPaginator(rows.order_by("-pk"), EXCHANGES_ON_A_PAGE)
    return paginator.get_page(request.GET.get("exchanges"))
