"""What went wrong: one card per cause or one row per error, and a page for each cause."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from companies.models import Role
from companies.roles import may, may_see_bodies
from companies.walls import CompanyRequest, for_company
from jobs import causes
from jobs.filters import ERROR_VIEWS, SyncErrorFilter
from jobs.models import SyncError, SyncErrorQuerySet, SyncJob
from jobs.tables import SyncErrorTable
from jobs.views.exchange import shown_body
from jobs.views.people import members
from jobs.views.sync_jobs import jobs_of
from ui.listings import Listing, Tab, View, answer_part_or_page, chosen_view, signed_in, tabs
from ui.pages import page
from ui.paging import BoundedPaginator

CAUSES_ON_A_PAGE = 12
RECORDS_SHOWN = 20
# What makes the page show fewer errors; "Retry all" is about those it shows.
NARROWING = ("job", "cause", "q", "type", "reason", "whose")


@require_safe
def sync_errors(request: CompanyRequest) -> HttpResponseBase:
    is_table = request.GET.get("show") == "table"
    base = narrowed(request, request.GET)
    view = chosen_view(request, ERROR_VIEWS)
    may_operate = may(signed_in(request), request.company, Role.OPERATOR)
    is_open = view.key != "resolved"
    listing = Listing(
        request,
        SyncErrorTable,
        base.filter(view.condition),
        filters=SyncErrorFilter,
        without=() if may_operate and is_open else ("pick",),
    )
    context: dict[str, Any] = {
        "title": _("Errors"),
        "tabs": _tabs(request, base, is_table=is_table),
        "empty": "jobs/no_errors.html",
        "is_table": is_table,
        "may_operate": may_operate,
        "is_open_view": is_open,
        "view": view.key,
        "job": _job(request),
        "narrowing": NARROWING,
        "cause": request.GET.get("cause", ""),
        "kept_filters": ["view", "show", "job", "cause", "sort"],
        "last_finished": jobs_of(request).finished().order_by("-completed_at", "-pk").first(),
    }
    if is_table:
        bulk = "jobs/errors_bulk.html" if is_open else ""
        context["members"] = members(request) if is_open and may_operate else []
        return listing.answer(
            "jobs/errors.html", part="jobs/errors_table.html", bulk=bulk, **context
        )
    return _cards(request, listing, context)


@require_safe
def sync_errors_cause(request: CompanyRequest, fingerprint: str) -> HttpResponse:
    """One cause with its records, what was sent and received, and what people said about it."""
    of_cause = errors_of(request).filter(fingerprint=fingerprint)
    errors = of_cause.unresolved()
    is_open = errors.exists()
    if not is_open:
        errors = of_cause
    looked_at = causes.newest(errors)
    found = causes.described(looked_at, causes.groups(looked_at))
    if not found:
        raise Http404
    [cause] = found
    may_see = may_see_bodies(request.user, request.company)
    attempt = cause.newest.attempt
    return page(
        request,
        "jobs/errors_cause.html",
        title=cause.explanation.title,
        cause=cause,
        is_open_view=is_open,
        view="" if is_open else "resolved",
        may_operate=may(request.user, request.company, Role.OPERATOR),
        errors=errors.select_related("attempt__exchange").order_by("-pk")[:RECORDS_SHOWN],
        comments=cause.group.comments.select_related("author").order_by("pk")
        if cause.group
        else (),
        members=members(request),
        attempt=attempt,
        may_see=may_see,
        body=shown_body(attempt.exchange, attempt) if may_see and attempt else None,
        back=request.get_full_path(),
    )


def errors_of(request: CompanyRequest) -> SyncErrorQuerySet:
    return cast(SyncErrorQuerySet, for_company(SyncError.objects.all(), request.company))


def narrowed(request: CompanyRequest, wishes: Any) -> SyncErrorQuerySet:
    """Only those of one job, or of one cause, when the address says so."""
    rows = errors_of(request)
    if wishes.get("job", "").isdecimal():
        rows = rows.filter(job_id=int(wishes["job"]))
    if wishes.get("cause"):
        rows = rows.filter(fingerprint=wishes["cause"])
    return rows


def _cards(request: CompanyRequest, listing: Listing, context: dict[str, Any]) -> HttpResponseBase:
    errors = causes.newest(listing.rows)
    paginator = BoundedPaginator(causes.groups(errors), CAUSES_ON_A_PAGE)
    shown = paginator.get_page(request.GET.get("page"))
    context |= {
        "causes": causes.described(errors, shown.object_list),
        "shown": shown,
        "filters": listing.filters,
        "is_filtered": listing.is_filtered,
        "part": "jobs/errors_cards.html",
    }
    return answer_part_or_page(request, "jobs/errors.html", "jobs/errors_cards.html", context)


def _job(request: CompanyRequest) -> SyncJob | None:
    wanted = request.GET.get("job", "")
    return jobs_of(request).filter(pk=int(wanted)).first() if wanted.isdecimal() else None


def _tabs(request: CompanyRequest, rows: SyncErrorQuerySet, *, is_table: bool) -> list[Tab]:
    """Counts what the page shows: rows of the table, or causes."""

    def counted(view: View) -> QuerySet[Any]:
        found = rows.filter(view.condition)
        return found if is_table else causes.newest(found).order_by().distinct("fingerprint")

    return tabs(request, ERROR_VIEWS, {view.key: counted(view) for view in ERROR_VIEWS})
