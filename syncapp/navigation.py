"""What the shell shows around every page: the sidebar, and the company's name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from companies.models import AuditEntry, Company, Membership
from companies.walls import CompanyRequest, for_company
from jobs.models import Schedule, SyncError
from records import models as records
from syncqueue.models import SyncQueueItem
from ui.paging import bounded_counts

# More than this is "999+" in the sidebar.
BADGE_LIMIT = 999

RECORDS: tuple[tuple[type[records.Record], str], ...] = (
    (records.Customer, "group"),
    (records.Vendor, "storefront"),
    (records.Item, "inventory_2"),
    (records.Invoice, "receipt_long"),
    (records.Payment, "payments"),
    (records.CreditMemo, "undo"),
    (records.Bill, "description"),
    (records.VendorCredit, "assignment_return"),
)
FROM_ACCOUNTING: tuple[tuple[type[records.Record], str], ...] = (
    (records.Account, "account_balance"),
    (records.TaxCode, "percent"),
    (records.PaymentTerm, "event"),
    (records.PaymentMethod, "credit_card"),
)
SETUP: tuple[tuple[type[Model], str], ...] = (
    (Schedule, "schedule"),
    (Membership, "manage_accounts"),
    (User, "person"),
    (Company, "domain"),
    (AuditEntry, "history"),
)


def company_name(request: HttpRequest) -> str:
    company = getattr(request, "company", None)
    return str(company) if company else ""


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The sections, with what this person may open; all counts come from one query."""
    if getattr(request, "company", None) is None:
        return [{"items": []}]
    asked = cast(CompanyRequest, request)
    return [
        {"items": _work(asked)},
        _section(_("Records"), _lists(asked, RECORDS)),
        _section(_("From accounting"), _lists(asked, FROM_ACCOUNTING)),
        _section(_("Setup"), [*_connections(asked), *_lists(asked, SETUP)]),
    ]


def _work(request: CompanyRequest) -> list[dict[str, Any]]:
    counts = _counts(request)
    return [
        _item(request, _("Overview"), "monitoring", reverse("overview")),
        _item(request, _("Sync Jobs"), "sync", reverse("sync-jobs")),
        _item(
            request,
            _("Sync Queue"),
            "low_priority",
            reverse("sync-queue"),
            count=counts["queue"],
            variant="info",
        ),
        _item(
            request,
            _("Errors"),
            "error",
            reverse("sync-errors"),
            count=counts["causes"],
            variant="danger",
        ),
    ]


def _counts(request: CompanyRequest) -> dict[str, int]:
    """Open items, and causes of open errors; nobody needs to know beyond the limit."""
    queue = for_company(SyncQueueItem.objects.open(), request.company)
    errors = for_company(SyncError.objects.unresolved(), request.company)
    user = cast(User, request.user)
    causes = errors.order_by().distinct("fingerprint")
    return bounded_counts(user, {"queue": queue, "causes": causes}, limit=BADGE_LIMIT)


def _item(
    request: HttpRequest, title: str, icon: str, link: str, *, count: int = 0, variant: str = ""
) -> dict[str, Any]:
    # Without `active`, unfold looks whether the link is a part of the address: "/" always is.
    is_here = request.path == link if link == "/" else request.path.startswith(link)
    item: dict[str, Any] = {
        "title": title,
        "icon": icon,
        "link": link,
        "active": lambda request: is_here,
    }
    if count:
        item["badge"] = f"{BADGE_LIMIT}+" if count > BADGE_LIMIT else count
        item["badge_variant"] = variant
    return item


def _section(title: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    # Never collapsible: unfold's headings cannot be opened by keyboard.
    return {"title": title, "separator": True, "items": items}


def _connections(request: CompanyRequest) -> list[dict[str, Any]]:
    return [_item(request, _("Connections"), "cable", reverse("connections"))]


def _lists(request: HttpRequest, models: Iterable[tuple[type[Model], str]]) -> list[dict[str, Any]]:
    """The admin lists that this person may open."""
    items = []
    for model, icon in models:
        if not admin.site.is_registered(model):
            continue
        if not admin.site.get_model_admin(model).has_view_permission(request):
            continue
        name = capfirst(str(model._meta.verbose_name_plural))
        link = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        items.append(_item(request, name, icon, link))
    return items
