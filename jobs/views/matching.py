"""The matching page: who is who on both sides, decided before anything is written."""

from __future__ import annotations

import datetime
from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from companies.models import Role
from companies.roles import may, requires
from companies.walls import CompanyRequest, for_company
from connectors.documents import RecordType
from connectors.models import Connection, ConnectionState, Decision, Match, MatchQuerySet
from connectors.registry import KINDS, connector_for
from jobs import connecting, likeness, loading, matching, not_before, standing
from jobs.control import open_job
from jobs.matching_table import VIEWS, MatchFilter, MatchTable, StandingFilter, StandingTable
from jobs.models import SyncJob
from jobs.views.sync_jobs import open_connection, tell
from ui.addresses import back_to
from ui.listings import Listing, chosen_view, signed_in, tabs
from ui.pages import page
from ui.paging import BoundedPaginator, bounded_counts

CHOICES_ON_A_PAGE = 20
# What the buttons are called, and what they decide.
DECISIONS = {"link": Decision.LINK, "create": Decision.CREATE, "skip": Decision.SKIP}


def connection_of(request: CompanyRequest, pk: int) -> Connection:
    rows = for_company(Connection.objects.select_related("company"), request.company)
    return get_object_or_404(rows, pk=pk)


@require_safe
def matching_here(request: CompanyRequest) -> HttpResponse:
    return go_to_open_connection(request, "matching")


@require_safe
def matching_page(request: CompanyRequest, pk: int) -> HttpResponseBase:
    connection = connection_of(request, pk)
    rows = Match.objects.filter(connection=connection)
    view = chosen_view(request, VIEWS)
    may_decide = connection.is_open and may(request.user, request.company, Role.ACCOUNTANT)
    listing = Listing(
        request,
        MatchTable,
        rows.filter(view.condition),
        filters=MatchFilter,
        without=() if may_decide else ("pick",),
    )
    table = cast(MatchTable, listing.table)
    table.connection, table.may_decide = connection, may_decide
    shown = tabs(request, VIEWS, {one.key: rows.filter(one.condition) for one in VIEWS})
    return listing.answer(
        "jobs/matching.html",
        title=_("Matching"),
        connection=connection,
        system=KINDS[connection.kind].label,
        tabs=shown,
        view=view.key,
        is_pair_view=view.key in {"", "review"},
        is_decided_view=view.key == "decided",
        bulk="jobs/matching_bulk.html",
        empty="jobs/matching_empty.html",
        kept_filters=["view", "sort"],
        may_operate=may_decide,
        **_start(request, connection),
    )


@require_safe
def initial_load(request: CompanyRequest, pk: int) -> HttpResponseBase:
    """What became of each record, one type at a time."""
    connection = connection_of(request, pk)
    kinds = loading.exported_types(connector_for(connection))
    wanted = request.GET.get("type", "")
    record_type = RecordType(wanted) if wanted in kinds else kinds[0]
    rows = standing.rows(connection, record_type)
    view = chosen_view(request, standing.VIEWS)
    listing = Listing(request, StandingTable, rows[view.key], filters=StandingFilter)
    table = cast(StandingTable, listing.table)
    table.connection, table.record_type = connection, record_type
    return listing.answer(
        "jobs/matching_results.html",
        title=_("What became of each record"),
        connection=connection,
        tabs=tabs(request, standing.VIEWS, rows),
        empty="jobs/matching_results_empty.html",
        kept_filters=["view", "sort"],
    )


@require_safe
def initial_load_here(request: CompanyRequest) -> HttpResponse:
    return go_to_open_connection(request, "initial-load")


@require_POST
@requires(Role.ACCOUNTANT)
def decide(request: CompanyRequest, pk: int) -> HttpResponse:
    """A button of a row, of the bar over the chosen rows, or "Link all"."""
    connection = connection_of(request, pk)
    word = next((name for name in (*DECISIONS, "undo") if name in request.POST), "skip")
    matches = _chosen(connection, request.POST, request.POST.get(word, ""))
    if word == "undo":
        count = matching.undo(connection=connection, matches=matches, user=signed_in(request))
        said = ngettext("%d decision is taken back.", "%d decisions are taken back.", count)
    else:
        count = matching.decide(
            connection=connection,
            matches=matches,
            decision=DECISIONS[word],
            user=signed_in(request),
        )
        said = ngettext(
            "%d proposal is decided. Nothing happens before you confirm.",
            "%d proposals are decided. Nothing happens before you confirm.",
            count,
        )
    messages.info(request, said % count if count else _("Choose proposals first."))
    return redirect(_back(request, connection))


@require_safe
def choose(request: CompanyRequest, pk: int, match_pk: int) -> HttpResponse:
    """Searches among their objects for the one that a record of ours is."""
    connection = connection_of(request, pk)
    match = _own(connection, match_pk)
    words = request.GET.get("q", "").strip()
    others = (
        Match.objects.filter(connection=connection, record_type=match.record_type)
        .exclude(external_id="")
        .exclude(pk=match.pk)
        .undecided()
        .order_by("external_label", "pk")
    )
    if words:
        others = others.filter(external_label__icontains=words)
    shown = BoundedPaginator(others, CHOICES_ON_A_PAGE).get_page(request.GET.get("page"))
    alike = likeness.of_matches(connection, [match, *shown.object_list])
    return page(
        request,
        "jobs/matching_choose.html",
        title=_("Link “%s”") % match.record_label,
        connection=connection,
        system=KINDS[connection.kind].label,
        match=match,
        facts=alike[match.pk].ours,
        rows=[(other, alike[other.pk].theirs) for other in shown.object_list],
        shown=shown,
        words=words,
        may_decide=may(request.user, request.company, Role.ACCOUNTANT),
    )


@require_POST
@requires(Role.ACCOUNTANT)
def link_to(request: CompanyRequest, pk: int, match_pk: int) -> HttpResponse:
    connection = connection_of(request, pk)
    match = _own(connection, match_pk)
    wanted = request.POST.get("other", "")
    others = Match.objects.filter(connection=connection, record_type=match.record_type)
    other = get_object_or_404(
        others.exclude(external_id=""), pk=int(wanted) if wanted.isdecimal() else 0
    )
    try:
        matching.link_to(match=match, other=other, user=signed_in(request))
    except matching.NotYet as refusal:
        messages.error(request, str(refusal))
    else:
        said = _("“%(ours)s” will be linked with “%(theirs)s” when you confirm.")
        messages.info(request, said % {"ours": match.record_label, "theirs": other.external_label})
    return redirect("matching", pk)


@require_POST
@requires(Role.ACCOUNTANT)
def start(request: CompanyRequest, pk: int) -> HttpResponse:
    """Saves the date; `do` says whether to stay, to confirm, or to load what is missing."""
    connection = connection_of(request, pk)
    try:
        wished = request.POST.get("not_before", "")
        day = datetime.date.fromisoformat(wished) if wished else None
    except ValueError:
        messages.error(request, _("Write the date as year-month-day, such as 2026-01-31."))
        return redirect("matching", pk)
    again = not_before.choose(connection=connection, day=day, user=signed_in(request))
    wish = request.POST.get("do")
    if wish == "confirm":
        return _confirm(request, connection)
    if wish == "load":
        return _load(request, connection)
    said = _("The date is saved.")
    if again:
        said += " " + ngettext(
            "%d record is looked at again by the next Sync Job.",
            "%d records are looked at again by the next Sync Job.",
            again,
        ) % (again)
    messages.info(request, said)
    return redirect("matching", pk)


@require_POST
@requires(Role.ACCOUNTANT)
def compare_again(request: CompanyRequest, pk: int) -> HttpResponse:
    """A new look at both sides; what was decided stays."""
    connection = connection_of(request, pk)
    scope = connecting.scope(accept_exact=False, initial_load=False)
    opened = open_job(connection=connection, user=signed_in(request), scope=scope)
    tell(request, opened)
    if opened.job:
        return redirect("sync-job", opened.job.pk)
    return redirect("matching", pk)


def go_to_open_connection(request: CompanyRequest, name: str) -> HttpResponse:
    """The page of the connection that is open now; without one, the page that connects."""
    connection = open_connection(request)
    if connection is None:
        return page(request, "jobs/matching_none.html", title=_("Not connected"))
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return redirect(reverse(name, args=[connection.pk]) + query)


def _confirm(request: CompanyRequest, connection: Connection) -> HttpResponse:
    try:
        done = matching.confirm(
            connection=connection,
            user=signed_in(request),
            initial_load="initial_load" in request.POST,
        )
    except matching.NotYet as refusal:
        messages.error(request, str(refusal))
        return redirect("matching", connection.pk)
    said = ngettext("%d record is linked now.", "%d records are linked now.", done.linked)
    messages.info(request, said % done.linked)
    if done.opened.job is None:
        messages.error(request, done.opened.refusal)
        return redirect("matching", connection.pk)
    return redirect("sync-job", done.opened.job.pk)


def _load(request: CompanyRequest, connection: Connection) -> HttpResponse:
    opened = open_job(connection=connection, user=signed_in(request), scope=loading.scope())
    tell(request, opened)
    if opened.job and opened.is_new:
        return redirect("sync-job", opened.job.pk)
    return redirect("matching", connection.pk)


def _start(request: CompanyRequest, connection: Connection) -> dict[str, Any]:
    """What the box over the tabs says: what is left to decide, and what would be sent."""
    rows = Match.objects.filter(connection=connection)
    is_matching = connection.state == ConnectionState.MATCHING
    counted: dict[str, QuerySet[Any]] = {
        "pairs": rows.pairs().undecided(),
        "exact": _exact(connection, request.GET),
        "new": rows.decided().unconfirmed(),
    }
    # Once most of it is there, counting what is not would take long.
    kinds = loading.exported_types(connector_for(connection)) if is_matching else []
    counted |= {f"of_{kind}": loading.missing(connection, kind) for kind in kinds}
    counts = bounded_counts(signed_in(request), counted)
    return {
        "pairs_left": counts["pairs"],
        "exact_left": counts["exact"],
        "is_to_confirm": is_matching or counts["pairs"] > 0 or counts["new"] > 0,
        "is_matching": is_matching,
        "missing": sum(counts[f"of_{kind}"] for kind in kinds),
        "open_job": SyncJob.objects.open().filter(connection=connection).first(),
        "chosen_type": request.GET.get("type", ""),
    }


def _exact(connection: Connection, query: QueryDict) -> MatchQuerySet:
    rows = Match.objects.filter(matching.EXACT, connection=connection)
    wanted = query.get("type", "")
    return rows.filter(record_type=wanted) if wanted else rows


def _chosen(connection: Connection, post: QueryDict, which: str) -> MatchQuerySet:
    """One row by its number, all exact ones (of a type), or those whose boxes are ticked."""
    if which == "exact":
        return _exact(connection, post)
    ids = [which] if which.isdecimal() else post.getlist("pick")
    numbers = [int(one) for one in ids if one.isdecimal()]
    return Match.objects.filter(connection=connection, pk__in=numbers)


def _own(connection: Connection, match_pk: int) -> Match:
    """A proposal about a record of ours that is not decided yet."""
    rows = Match.objects.filter(connection=connection, record_id__isnull=False).undecided()
    return get_object_or_404(rows, pk=match_pk)


def _back(request: HttpRequest, connection: Connection) -> str:
    return back_to(request, reverse("matching", args=[connection.pk]))
