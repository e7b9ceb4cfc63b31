"""The Sync Queue: what waits, why, and what a person may do about it."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
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
from syncqueue import control
from syncqueue.filters import VIEWS, SyncQueueFilter
from syncqueue.models import SyncQueueItem, SyncQueueQuerySet
from syncqueue.tables import SyncQueueTable
from ui.listings import Listing, chosen_view, signed_in, tabs
from ui.pages import page


def _items(request: CompanyRequest) -> SyncQueueQuerySet:
    return cast(SyncQueueQuerySet, for_company(SyncQueueItem.objects.all(), request.company))


def _chosen(request: CompanyRequest) -> SyncQueueQuerySet:
    ids = [int(value) for value in request.POST.getlist("pick") if value.isdecimal()]
    return _items(request).filter(pk__in=ids)


@require_safe
def sync_queue(request: CompanyRequest) -> HttpResponseBase:
    rows = _items(request)
    view = chosen_view(request, VIEWS)
    may_operate = may(request.user, request.company, Role.OPERATOR)
    listing = Listing(
        request,
        SyncQueueTable,
        rows.filter(view.condition),
        filters=SyncQueueFilter,
        without=() if may_operate and view.key != "done" else ("pick",),
    )
    return listing.answer(
        "syncqueue/sync_queue.html",
        title=_("Sync Queue"),
        tabs=tabs(request, VIEWS, {one.key: rows.filter(one.condition) for one in VIEWS}),
        bulk="syncqueue/bulk.html" if view.key != "done" else "",
        empty="syncqueue/empty.html",
        kept_filters=["view", "sort"],
        may_operate=may_operate,
    )


@require_POST
@requires(Role.OPERATOR)
def hold(request: CompanyRequest) -> HttpResponse:
    count = control.hold(
        items=_chosen(request), user=signed_in(request), reason=request.POST.get("reason", "")
    )
    return _said(request, ngettext("%d record is held.", "%d records are held.", count) % count)


@require_POST
@requires(Role.OPERATOR)
def release(request: CompanyRequest) -> HttpResponse:
    count = control.release(items=_chosen(request))
    return _said(
        request, ngettext("%d record is released.", "%d records are released.", count) % count
    )


@require_POST
@requires(Role.OPERATOR)
def skip(request: CompanyRequest) -> HttpResponse:
    """Asks for the reason first: a skipped record is not sent until it is edited again."""
    items = _chosen(request)
    reason = request.POST.get("reason", "").strip()
    if not reason:
        return _ask(request, items, was_asked="reason" in request.POST)
    asked = items.open().count()
    count = control.skip(items=items, user=signed_in(request), reason=reason)
    said = ngettext("%d record is skipped.", "%d records are skipped.", count) % count
    if count < asked:
        said += " " + _("What was sent and not answered yet cannot be skipped.")
    return _said(request, said)


def _ask(request: CompanyRequest, items: SyncQueueQuerySet, *, was_asked: bool) -> HttpResponse:
    chosen = list(items.open().order_by("label", "pk")[:1000])
    if not chosen:
        return _said(request, _("Choose records first."))
    return page(
        request,
        "syncqueue/skip.html",
        title=_("Skip records"),
        chosen=chosen,
        first=chosen[:10],
        more=len(chosen) - 10,
        back=_back(request),
        is_missing=was_asked,
    )


def _said(request: CompanyRequest, words: str) -> HttpResponse:
    messages.info(request, words)
    return redirect(_back(request))


def _back(request: CompanyRequest) -> str:
    """Where the person was: the same view, filters and page."""
    wanted = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        return wanted
    return reverse("sync-queue")
