"""What went wrong, one card per cause or one row per error, and the buttons that mend it."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from companies.models import Role
from companies.roles import may, requires
from companies.walls import CompanyRequest, for_company
from jobs import causes, control
from jobs.filters import ERROR_VIEWS, SyncErrorFilter
from jobs.models import SyncError, SyncErrorQuerySet, SyncJob
from jobs.tables import SyncErrorTable
from jobs.views.sync_jobs import jobs_of, open_connection, tell
from syncqueue import control as queue_control
from syncqueue.models import SyncQueueItem
from ui.listings import Listing, Tab, View, answer_part_or_page, chosen_view, signed_in, tabs
from ui.paging import BoundedPaginator

CAUSES_ON_A_PAGE = 20
# What makes the page show fewer errors; "Retry all" is about those it shows.
NARROWING = ("job", "cause", "q", "type", "reason")


@require_safe
def sync_errors(request: CompanyRequest) -> HttpResponseBase:
    is_table = request.GET.get("show") == "table"
    base = _narrowed(request, request.GET)
    view = chosen_view(request, ERROR_VIEWS)
    may_operate = may(signed_in(request), request.company, Role.OPERATOR)
    listing = Listing(
        request,
        SyncErrorTable,
        base.filter(view.condition),
        filters=SyncErrorFilter,
        without=() if may_operate and not view.key else ("pick",),
    )
    context: dict[str, Any] = {
        "title": _("Errors"),
        "tabs": _tabs(request, base, is_table=is_table),
        "empty": "jobs/no_errors.html",
        "is_table": is_table,
        "may_operate": may_operate,
        "is_open_view": not view.key,
        "job": _job(request),
        "narrowing": NARROWING,
        "cause": request.GET.get("cause", ""),
        "kept_filters": ["view", "show", "job", "cause", "sort"],
        "last_finished": jobs_of(request).finished().order_by("-completed_at", "-pk").first(),
    }
    if is_table:
        bulk = "" if view.key else "jobs/errors_bulk.html"
        return listing.answer(
            "jobs/errors.html", part="jobs/errors_table.html", bulk=bulk, **context
        )
    return _cards(request, listing, context)


def _cards(request: CompanyRequest, listing: Listing, context: dict[str, Any]) -> HttpResponseBase:
    paginator = BoundedPaginator(causes.groups(listing.rows), CAUSES_ON_A_PAGE)
    shown = paginator.get_page(request.GET.get("page"))
    context |= {
        "causes": causes.described(listing.rows, shown.object_list),
        "shown": shown,
        "filters": listing.filters,
        "is_filtered": listing.is_filtered,
        "part": "jobs/errors_cards.html",
    }
    return answer_part_or_page(request, "jobs/errors.html", "jobs/errors_cards.html", context)


@require_POST
@requires(Role.OPERATOR)
def retry(request: CompanyRequest) -> HttpResponse:
    """The chosen errors, those of one cause, or all open ones: their records wait again, and a
    job sends them."""
    connection = open_connection(request)
    errors = _wanted(request)
    if connection is None:
        messages.warning(request, _("No accounting system is connected. Connect one first."))
    elif not errors.exists():
        messages.info(request, _("Choose errors first. These are resolved already."))
    else:
        opened = control.retry(connection=connection, errors=errors, user=signed_in(request))
        tell(request, opened, sends_again=True)
        if opened.job and opened.is_new:
            return redirect("sync-job", pk=opened.job.pk)
    return redirect(_back(request))


@require_POST
@requires(Role.OPERATOR)
def hold(request: CompanyRequest) -> HttpResponse:
    """Keeps the records behind these errors from being sent until somebody releases them."""
    items = for_company(SyncQueueItem.objects.all(), request.company).filter(
        pk__in=_wanted(request).exclude(item=None).values("item")
    )
    count = queue_control.hold(items=items, user=signed_in(request), reason=_("From the errors"))
    messages.info(request, ngettext("%d record is held.", "%d records are held.", count) % count)
    return redirect(_back(request))


def _errors(request: CompanyRequest) -> SyncErrorQuerySet:
    return cast(SyncErrorQuerySet, for_company(SyncError.objects.all(), request.company))


def _narrowed(request: CompanyRequest, wishes: Any) -> SyncErrorQuerySet:
    """Only those of one job, or of one cause, when the address says so."""
    rows = _errors(request)
    if wishes.get("job", "").isdecimal():
        rows = rows.filter(job_id=int(wishes["job"]))
    if wishes.get("cause"):
        rows = rows.filter(fingerprint=wishes["cause"])
    return rows


def _wanted(request: CompanyRequest) -> SyncErrorQuerySet:
    """The open errors a posted form is about."""
    rows = _narrowed(request, request.POST).unresolved()
    rows = cast(SyncErrorQuerySet, SyncErrorFilter(request.POST, rows, request=request).qs)
    if "pick" in request.POST or ("cause" not in request.POST and "all" not in request.POST):
        ids = [int(value) for value in request.POST.getlist("pick") if value.isdecimal()]
        rows = rows.filter(pk__in=ids)
    return rows


def _job(request: CompanyRequest) -> SyncJob | None:
    wanted = request.GET.get("job", "")
    return jobs_of(request).filter(pk=int(wanted)).first() if wanted.isdecimal() else None


def _tabs(request: CompanyRequest, rows: SyncErrorQuerySet, *, is_table: bool) -> list[Tab]:
    """Counts what the page shows: rows of the table, or causes."""

    def counted(view: View) -> QuerySet[Any]:
        found = rows.filter(view.condition)
        return found if is_table else found.order_by().distinct("fingerprint")

    return tabs(request, ERROR_VIEWS, {view.key: counted(view) for view in ERROR_VIEWS})


def _back(request: CompanyRequest) -> str:
    wanted = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        return wanted
    return reverse("sync-errors")
