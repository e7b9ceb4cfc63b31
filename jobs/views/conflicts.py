"""Conflicts: both values side by side, what is gone over there, and which side counts in future."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from companies.models import AuditEntry, Role
from companies.roles import may, requires
from companies.walls import CompanyRequest, for_company
from connectors.documents import RecordType
from connectors.models import Connection, Link
from jobs import deciding, disputes, side_by_side
from jobs.deciding import Gone, Side
from records.models import RECORD_MODELS
from syncqueue.models import SyncQueueItem, SyncQueueQuerySet
from syncqueue.words import record_url, type_choices, type_name
from ui.listings import answer_part_or_page, signed_in
from ui.pages import page
from ui.paging import BoundedPaginator

ON_A_PAGE = 10
HISTORY = 20
DECISIONS = {
    "gone.create_again": gettext_lazy("Created in accounting again"),
    "gone.void_ours": gettext_lazy("Voided or deleted here too"),
    "gone.unlink": gettext_lazy("Unlinked"),
    "gone.follow_merge": gettext_lazy("Merged into another one, as in accounting"),
}
# More are found by a longer search.
SURVIVORS = 20


@require_safe
def conflicts(request: CompanyRequest) -> HttpResponseBase:
    items = _searched(request, _items(request))
    paginator = BoundedPaginator(items.select_related("connection").order_by("-pk"), ON_A_PAGE)
    shown = paginator.get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "title": _("Conflicts"),
        "disputes": disputes.described(list(shown.object_list)),
        "shown": shown,
        "types": type_choices(),
        "is_filtered": bool(request.GET.get("q") or request.GET.get("type")),
        "may_account": may(request.user, request.company, Role.ACCOUNTANT),
        "connection": for_company(Connection.objects.open(), request.company).first(),
        "back": request.get_full_path(),
        "part": "jobs/conflicts_cards.html",
    }
    return answer_part_or_page(request, "jobs/conflicts.html", "jobs/conflicts_cards.html", context)


@require_safe
def conflict(request: CompanyRequest, kind: str, pk: int) -> HttpResponse:
    """One record: also what was decided about it before."""
    if kind not in RECORD_MODELS:
        raise Http404
    found = _items(request).filter(record_type=kind, record_id=pk)
    item = found.select_related("connection").first()
    history = _history(request, kind, pk)
    if item is None and not history:
        raise Http404
    [dispute] = disputes.described([item]) if item else [None]
    return page(
        request,
        "jobs/conflict.html",
        title=item.label if item else type_name(kind),
        dispute=dispute,
        kind=kind,
        record_url=record_url(kind, pk),
        may_account=may(request.user, request.company, Role.ACCOUNTANT),
        survivors=_survivors(request, dispute),
        wanted=request.GET.get("into", ""),
        history=history,
        back=request.get_full_path(),
    )


@require_POST
@requires(Role.ACCOUNTANT)
def settle(request: CompanyRequest, kind: str, pk: int) -> HttpResponse:
    """side-FIELD for each field, or all=ours or all=theirs."""
    link = _link(request, kind, pk)
    choices = _choices(request, link)
    if not choices:
        messages.info(request, _("Choose a side for each field first."))
        return redirect("conflict", kind=kind, pk=pk)
    refusal = deciding.settle_conflict(
        link=link,
        choices=choices,
        user=signed_in(request),
        seen_version=request.POST.get("version"),
    )
    if refusal:
        messages.error(request, refusal)
        return redirect("conflict", kind=kind, pk=pk)
    return _decided(request, _("Decided. What counts here is sent with the next Sync Job."))


@require_POST
@requires(Role.ACCOUNTANT)
def settle_gone(request: CompanyRequest, kind: str, pk: int) -> HttpResponse:
    choice = request.POST.get("choice", "")
    if choice not in set(Gone):
        return redirect("conflict", kind=kind, pk=pk)
    refusal = deciding.settle_gone(
        link=_link(request, kind, pk), choice=Gone(choice), user=signed_in(request)
    )
    if refusal:
        messages.error(request, refusal)
    said = {
        Gone.CREATE_AGAIN: _("The next Sync Job creates it in accounting again."),
        Gone.VOID_OURS: _("Ours was voided or deleted too."),
        Gone.UNLINK: _("The two go separate ways now."),
    }[Gone(choice)]
    return _decided(request, "" if refusal else said)


@require_POST
@requires(Role.ACCOUNTANT)
def follow_merge(request: CompanyRequest, kind: str, pk: int) -> HttpResponse:
    into = request.POST.get("into", "")
    if not into.isdecimal():
        messages.info(request, _("Choose the record that accounting still has."))
        return redirect("conflict", kind=kind, pk=pk)
    refusal = deciding.follow_merge(
        link=_link(request, kind, pk), into=int(into), user=signed_in(request)
    )
    if refusal:
        messages.error(request, refusal)
        return redirect("conflict", kind=kind, pk=pk)
    return _decided(request, _("What referred to it refers to the other one now."))


def _items(request: CompanyRequest) -> SyncQueueQuerySet:
    return disputes.waiting(for_company(SyncQueueItem.objects.all(), request.company))


def _searched(request: CompanyRequest, items: SyncQueueQuerySet) -> SyncQueueQuerySet:
    rows: QuerySet[SyncQueueItem] = items
    if words := request.GET.get("q", "").strip():
        rows = rows.filter(Q(label__icontains=words) | Q(refusal__icontains=words))
    if kind := request.GET.get("type", ""):
        rows = rows.filter(record_type=kind)
    return cast(SyncQueueQuerySet, rows)


def _link(request: CompanyRequest, kind: str, pk: int) -> Link:
    links = for_company(Link.objects.select_related("connection", "company"), request.company)
    return get_object_or_404(
        links.exclude(connection__state="closed"), record_type=kind, record_id=pk
    )


def _choices(request: CompanyRequest, link: Link) -> Mapping[str, Side]:
    everything = request.POST.get("all", "")
    if everything in set(Side):
        return dict.fromkeys(link.conflicts, Side(everything))
    chosen = {name: request.POST.get(f"side-{name}", "") for name in link.conflicts}
    return {name: Side(side) for name, side in chosen.items() if side in set(Side)}


def _history(request: CompanyRequest, kind: str, pk: int) -> list[dict[str, Any]]:
    """Who decided what about this record, newest first."""
    entries = (
        for_company(AuditEntry.objects.select_related("user"), request.company)
        .filter(
            Q(action="conflict.settle") | Q(action__startswith="gone."), detail__record=[kind, pk]
        )
        .order_by("-pk")[:HISTORY]
    )
    return [
        {"entry": entry, "fields": _fields(kind, entry), "words": DECISIONS.get(entry.action, "")}
        for entry in entries
    ]


def _fields(kind: str, entry: AuditEntry) -> list[tuple[str, str]]:
    choices = entry.detail.get("choices", {})
    return [
        (
            side_by_side.field_name(RecordType(kind), name),
            _("Ours") if side == Side.OURS else _("Theirs"),
        )
        for name, side in choices.items()
    ]


def _survivors(request: CompanyRequest, dispute: disputes.Dispute | None) -> list[Any]:
    """Records of the type that accounting still has: into one of them this may have been merged."""
    if dispute is None or dispute.link is None or not dispute.is_gone:
        return []
    link = dispute.link
    if link.record_type not in {"customer", "vendor", "item"}:
        return []
    links = Link.objects.filter(
        connection_id=link.connection_id, record_type=link.record_type, gone_at=None
    )
    model: Any = RECORD_MODELS[link.record_type]
    rows = model.objects.filter(pk__in=links.values("record_id"), deleted_at=None)
    if words := request.GET.get("into", "").strip():
        rows = rows.filter(**{f"{model.label_field}__icontains": words})
    return list(rows.order_by(model.label_field, "pk")[:SURVIVORS])


def _decided(request: CompanyRequest, said: str) -> HttpResponse:
    if said:
        messages.info(request, said)
    return redirect(reverse("conflicts"))
