"""The table of Sync Jobs, with its live rows and the button that starts one."""

from __future__ import annotations

import json
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.models import Role
from companies.roles import may, requires
from companies.walls import CompanyRequest, for_company
from connectors.models import Connection
from jobs import control, marks
from jobs.filters import JOB_VIEWS, SyncJobFilter
from jobs.models import SyncJob, SyncJobQuerySet
from jobs.tables import SyncJobTable, latest_table
from ui.listings import Listing, Tab, chosen_view, signed_in, tabs
from ui.tables import Choice


def jobs_of(request: CompanyRequest) -> SyncJobQuerySet:
    return cast(SyncJobQuerySet, for_company(SyncJob.objects.all(), request.company))


def open_connection(request: CompanyRequest) -> Connection | None:
    """At most one is open per company: the database sees to it."""
    return for_company(Connection.objects.open(), request.company).first()


@require_safe
def sync_jobs(request: CompanyRequest) -> HttpResponseBase:
    rows = jobs_of(request)
    view = chosen_view(request, JOB_VIEWS)
    listing = Listing(request, SyncJobTable, rows.filter(view.condition), filters=SyncJobFilter)
    return listing.answer(
        "jobs/sync_jobs.html",
        part="jobs/sync_jobs_results.html",
        title=_("Sync Jobs"),
        newest=_newest(request) if _shows_the_newest(request, listing) else None,
        tabs=_tabs(request, rows),
        empty="jobs/empty.html",
        has_connection=open_connection(request) is not None,
        kept_filters=["view", "sort"],
        may_operate=may(signed_in(request), request.company, Role.OPERATOR),
    )


@require_safe
def sync_jobs_news(request: CompanyRequest) -> HttpResponse:
    """Asked every few seconds by the first page: are there jobs that it does not show? It then
    reads itself again; the answer has no content either way."""
    response = HttpResponse(status=204)
    shown = request.GET.get("newest", "")
    if shown.isdecimal() and _newest(request) > int(shown):
        response.headers["HX-Trigger"] = "new-sync-job"
    return response


def _newest(request: CompanyRequest) -> int:
    return jobs_of(request).order_by("-pk").values_list("pk", flat=True).first() or 0


def _shows_the_newest(request: CompanyRequest, listing: Listing) -> bool:
    """The first page in the order of the numbers: a new job belongs on top of it."""
    is_first = request.GET.get("page", "1") == "1"
    return is_first and request.GET.get("sort", listing.choice.order_by) == "-id"


@require_safe
def sync_job_row(request: CompanyRequest, pk: int) -> HttpResponse:
    """One row, in the columns this person chose. The last one of a job also brings new counts."""
    job = get_object_or_404(jobs_of(request), pk=pk)
    row = jobs_of(request).filter(pk=pk)
    is_overview = request.GET.get("of") == "overview"
    choice = Choice.saved(signed_in(request), SyncJobTable)
    table = latest_table(row) if is_overview else SyncJobTable.showing(row, choice)
    context: dict[str, Any] = {"table": table}
    if not job.is_finished:
        return render(request, "ui/rows.html", context)
    if is_overview:
        return _announcing(job, render(request, "ui/rows.html", context))
    page_address = urlsplit(request.headers.get("HX-Current-URL", ""))
    shown = parse_qs(page_address.query).get("view", [""])[0]
    context |= {"is_oob": True, "tabs_page": reverse("sync-jobs")}
    context["tabs"] = _tabs(request, jobs_of(request), shown)
    return _announcing(job, render(request, "jobs/last_row.html", context))


def _announcing(job: SyncJob, response: HttpResponse) -> HttpResponse:
    """The page says once, to those who listen, how the job ended."""
    response.headers["HX-Trigger"] = json.dumps({"announce": marks.end_in_words(job)})
    return response


@require_POST
@requires(Role.OPERATOR)
def sync_job_new(request: CompanyRequest) -> HttpResponse:
    connection = open_connection(request)
    if connection is None:
        messages.warning(request, _no_connection())
        return redirect("sync-jobs")
    tell(request, control.open_job(connection=connection, user=signed_in(request)))
    return redirect("sync-jobs")


def tell(request: CompanyRequest, opened: control.Opened, *, sends_again: bool = False) -> None:
    """Say what became of the wish for a job. A new job is seen on the page: nothing to say."""
    if opened.refusal or opened.job is None:
        messages.error(request, opened.refusal)
    elif not opened.is_new:
        link = format_html(
            '<a class="message-link" href="{}">{}</a>',
            reverse("sync-job", args=[opened.job.pk]),
            opened.job,
        )
        messages.info(request, format_html(_still_running(sends_again=sends_again), job=link))


def _still_running(*, sends_again: bool) -> str:
    if sends_again:
        return _("{job} is still running. It sends these records when it has finished.")
    return _("{job} is still running. A new one can start when it has finished.")


def _no_connection() -> str:
    return format_html(
        _("No accounting system is connected yet. {link} first."),
        link=format_html(
            '<a class="message-link" href="{}">{}</a>', reverse("connections"), _("Connect one")
        ),
    )


def _tabs(request: CompanyRequest, rows: QuerySet[SyncJob], shown: str | None = None) -> list[Tab]:
    counted: dict[str, QuerySet[Any]] = {
        view.key: rows.filter(view.condition) for view in JOB_VIEWS
    }
    return tabs(request, JOB_VIEWS, counted, shown)
