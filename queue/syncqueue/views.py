"""The Sync Queue: what waits, why, and what a person may do about it."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from companies.models import Role
from companies.roles import may, requires
from companies.walls import CompanyRequest, for_company
from syncqueue import control, hooks
from syncqueue.filters import VIEWS, SyncQueueFilter
from syncqueue.models import SyncQueueItem, SyncQueueQuerySet
from syncqueue.tables import SyncQueueTable, blocker_label, currencies
from syncqueue.words import record_url
from ui.listings import Listing, chosen_view, signed_in, tabs
from ui.pages import page


def items_of(request: CompanyRequest) -> SyncQueueQuerySet:
    return cast(SyncQueueQuerySet, for_company(SyncQueueItem.objects.all(), request.company))


def chosen_of(request: CompanyRequest) -> SyncQueueQuerySet:
    """The items that a posted form is about."""
    ids = [int(value) for value in request.POST.getlist("pick") if value.isdecimal()]
    return items_of(request).filter(pk__in=ids)


@require_safe
def sync_queue(request: CompanyRequest) -> HttpResponseBase:
    rows = items_of(request)
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


@require_safe
def sync_queue_item(request: CompanyRequest, pk: int) -> HttpResponse:
    """One item: why it is here, what happens next, and what was sent before."""
    rows = items_of(request).select_related("changed_by", "held_by", "connection")
    item = get_object_or_404(rows.annotate(blocker_label=blocker_label()), pk=pk)
    return page(
        request,
        "syncqueue/item.html",
        title=item.label,
        item=item,
        changes=hooks.changes_of([item]).get(item.pk, ()),
        currency=currencies([item]).get((item.record_type, item.record_id), ""),
        record_url=record_url(item.record_type, item.record_id),
        panels=hooks.panels_of(request, item),
        may_operate=may(request.user, request.company, Role.OPERATOR),
        back=request.path,
    )


@require_POST
@requires(Role.OPERATOR)
def hold(request: CompanyRequest) -> HttpResponse:
    """`ask`: say why first; the bar over the table has a field for it."""
    items = chosen_of(request)
    if "ask" in request.POST:
        return _ask(request, items, "syncqueue/hold.html", _("Hold records"))
    count = control.hold(
        items=items, user=signed_in(request), reason=request.POST.get("reason", "").strip()
    )
    return _said(request, ngettext("%d record is held.", "%d records are held.", count) % count)


@require_POST
@requires(Role.OPERATOR)
def release(request: CompanyRequest) -> HttpResponse:
    count = control.release(items=chosen_of(request), user=signed_in(request))
    return _said(
        request, ngettext("%d record is released.", "%d records are released.", count) % count
    )


@require_POST
@requires(Role.OPERATOR)
def move_to_top(request: CompanyRequest) -> HttpResponse:
    count = control.move_to_top(items=chosen_of(request), user=signed_in(request))
    said = ngettext(
        "%d record goes first among those of its kind.",
        "%d records go first among those of their kind.",
        count,
    )
    return _said(request, said % count)


@require_POST
@requires(Role.OPERATOR)
def skip(request: CompanyRequest) -> HttpResponse:
    """Asks for the reason first: a skipped record is not sent until it is edited again."""
    items = chosen_of(request)
    reason = request.POST.get("reason", "").strip()
    if not reason:
        is_missing = "confirmed" in request.POST
        return _ask(request, items, "syncqueue/skip.html", _("Skip records"), is_missing=is_missing)
    asked = items.open().count()
    count = control.skip(items=items, user=signed_in(request), reason=reason)
    said = ngettext("%d record is skipped.", "%d records are skipped.", count) % count
    if count < asked:
        said += " " + _("What was sent and not answered yet cannot be skipped.")
    return _said(request, said)


def _ask(
    request: CompanyRequest,
    items: SyncQueueQuerySet,
    template: str,
    title: str,
    *,
    is_missing: bool = False,
) -> HttpResponse:
    chosen = list(items.open().order_by("label", "pk")[:1000])
    if not chosen:
        return _said(request, _("Choose records first."))
    return page(
        request,
        template,
        title=title,
        chosen=chosen,
        first=chosen[:10],
        more=len(chosen) - 10,
        back=back_of(request),
        is_missing=is_missing,
    )


def _said(request: CompanyRequest, words: str) -> HttpResponse:
    messages.info(request, words)
    return redirect(back_of(request))


def back_of(request: CompanyRequest) -> str:
    """Where the person was: the same view, filters and page."""
    wanted = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        return wanted
    return reverse("sync-queue")
