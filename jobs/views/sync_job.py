"""One Sync Job: what it did, when, with which exchanges, and what needs a person."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.models import Role
from companies.roles import may, may_see_bodies, requires
from companies.walls import CompanyRequest
from jobs import causes, control, marks
from jobs.masking import masked, masked_headers
from jobs.models import Exchange, ExchangeBody, SyncJob, Trigger
from jobs.views.sync_jobs import jobs_of, tell
from ui.listings import signed_in
from ui.moments import lasted
from ui.pages import page
from ui.paging import BoundedPaginator

EXCHANGES_ON_A_PAGE = 8
CAUSES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One of the four moments in the course of a job."""

    label: str
    at: Any
    note: str
    tone: str
    shape: str


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


@require_safe
def exchange(request: CompanyRequest, pk: int, exchange_pk: int) -> HttpResponse:
    job = _job(request, pk)
    found = get_object_or_404(job.exchanges.all(), pk=exchange_pk)
    may_see = may_see_bodies(request.user, request.company)
    return page(
        request,
        "jobs/exchange.html",
        title=_("Exchange %d") % found.pk,
        job=job,
        exchange=found,
        address=masked(found.url),
        attempts=found.attempts.select_related("item").order_by("pk")[:100],
        may_see=may_see,
        body=_body(found) if may_see else None,
    )


def _job(request: CompanyRequest, pk: int) -> SyncJob:
    rows = jobs_of(request).select_related("connection", "created_by", "company")
    return get_object_or_404(rows, pk=pk)


def _upper_part(request: CompanyRequest, job: SyncJob) -> dict[str, Any]:
    return {
        "job": job,
        "moved": job.exported + job.imported,
        "steps": course(job),
        "exchanges": _exchanges(request, job.exchanges.all()),
        "may_operate": may(request.user, request.company, Role.OPERATOR),
        "may_see": may_see_bodies(request.user, request.company),
    }


def _needs_you(job: SyncJob) -> dict[str, Any]:
    errors = job.errors.unresolved()
    groups = causes.groups(errors)
    shown = list(groups[: CAUSES_SHOWN + 1])
    return {
        "causes": causes.described(errors, shown[:CAUSES_SHOWN]),
        "has_more_causes": len(shown) > CAUSES_SHOWN,
    }


def _exchanges(request: CompanyRequest, rows: QuerySet[Exchange]) -> Page[Any]:
    """Newest first: while a job runs, the interesting end."""
    paginator = BoundedPaginator(rows.order_by("-pk"), EXCHANGES_ON_A_PAGE)
    return paginator.get_page(request.GET.get("exchanges"))


def _body(found: Exchange) -> dict[str, Any] | None:
    body = ExchangeBody.objects.filter(pk=found.pk).first()
    if body is None:
        return None
    response = None if body.response is None else bytes(body.response)
    return {
        "request_headers": masked_headers(body.request_headers),
        "request": _text(bytes(body.request)),
        "response_headers": masked_headers(body.response_headers),
        "response": None if response is None else _text(response),
    }


def _text(body: bytes) -> str:
    return masked(body.decode("utf-8", errors="replace"))


def course(job: SyncJob) -> list[Step]:
    """The four moments of the original table, as steps."""
    return [_created(job), _sent(job), _received(job), _completed(job)]


def _created(job: SyncJob) -> Step:
    by = job.created_by
    note = str(marks.STARTED[Trigger(job.trigger)])
    if by:
        note = f"{note}, {by.get_full_name() or by.username}"
    return Step(_("Record info created"), job.created_at, note, "ok", "check")


def _sent(job: SyncJob) -> Step:
    label = _("Sent request")
    if job.sent_request_at:
        note = _("First of %d requests") % job.requests if job.requests > 1 else ""
        return Step(label, job.sent_request_at, note, "ok", "check")
    if job.is_finished:
        return Step(label, None, _("Nothing was sent"), "idle", "remove")
    return Step(label, None, _("Reads what waits in the Sync Queue"), "live", "progress_activity")


def _received(job: SyncJob) -> Step:
    label = _("Received response")
    if job.is_finished:
        shape = ("ok", "check") if job.received_response_at else ("idle", "remove")
        note = _("Latest answer") if job.received_response_at else _("No answer came")
        return Step(label, job.received_response_at, note, *shape)
    if job.received_response_at:
        return Step(
            label, job.received_response_at, _("Latest answer"), "live", "progress_activity"
        )
    return Step(label, None, "", "idle", "more_horiz")


def _completed(job: SyncJob) -> Step:
    label = _("Completed")
    if job.completed_at is None:
        note = _("Import follows the export") if job.state != "importing" else _("Imports changes")
        return Step(label, None, note, "idle", "more_horiz")
    shape = {"ok": "check", "warn": "priority_high", "bad": "close", "idle": "block"}
    tone = marks.tone(job)
    took = _("Took %s") % lasted(job.completed_at - job.created_at)
    return Step(label, job.completed_at, took, tone, shape[tone])
