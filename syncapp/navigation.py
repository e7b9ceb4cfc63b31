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

from companies.models import Company, Role
from companies.roles import may
from companies.walls import CompanyRequest, for_company
from jobs import disputes
from jobs.models import SyncError
from records import models as records
from syncqueue.models import State, SyncQueueItem
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
    (Company, "domain"),
    (User, "person"),
)


def company_name(request: HttpRequest) -> str:
    company = getattr(request, "company", None)
    return str(company) if company else ""


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The sections, with what this person may open; all counts come from one query."""
    if getattr(request, "company", None) is None:
        return [{"items": []}]
    asked = cast(CompanyRequest, request)
    counts = _counts(asked)
    return [
        {"items": _work(asked, counts)},
        _section(_("Records"), _lists(asked, RECORDS)),
        _section(_("From accounting"), _lists(asked, FROM_ACCOUNTING)),
        _section(
            _("Setup"), [*_connections(asked, counts), *_people(asked), *_lists(asked, SETUP)]
        ),
    ]


def _work(request: CompanyRequest, counts: dict[str, int]) -> list[dict[str, Any]]:
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
        _item(
            request,
            _("Conflicts"),
            "call_split",
            reverse("conflicts"),
            count=counts["conflicts"],
            variant="warning",
        ),
    ]


def _counts(request: CompanyRequest) -> dict[str, int]:
    """Open items, and causes of open errors; nobody needs to know beyond the limit."""
    queue = for_company(SyncQueueItem.objects.open(), request.company)
    needs = queue.filter(state=State.BLOCKED).exclude(blocked_by_need="")
    errors = for_company(SyncError.objects.unresolved(), request.company)
    user = cast(User, request.user)
    causes = errors.order_by().distinct("fingerprint")
    counted = {
        "queue": queue,
        "causes": causes,
        "conflicts": disputes.waiting(queue),
        "needs": needs.order_by().distinct("blocked_by_need"),
    }
    return bounded_counts(user, counted, limit=BADGE_LIMIT)


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


def _connections(request: CompanyRequest, counts: dict[str, int]) -> list[dict[str, Any]]:
    is_mapping = request.path.endswith("/mapping/")
    mapping = _item(
        request,
        _("Mapping"),
        "alt_route",
        reverse("mapping-here"),
        count=counts["needs"],
        variant="warning",
    )
    mapping["active"] = lambda request: is_mapping
    connections = _item(request, _("Connections"), "cable", reverse("connections"))
    is_connection = request.path.startswith(reverse("connections")) and not is_mapping
    connections["active"] = lambda request: is_connection
    return [connections, mapping]


def _people(request: CompanyRequest) -> list[dict[str, Any]]:
    """As far as the role goes."""
    pages = (
        (Role.VIEWER, _("Alerts"), "notifications", "alerts"),
        (Role.ADMINISTRATOR, _("People"), "manage_accounts", "people"),
        (Role.ACCOUNTANT, _("Audit log"), "history", "audit"),
    )
    return [
        _item(request, title, icon, reverse(page))
        for role, title, icon, page in pages
        if may(request.user, request.company, role)
    ]


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
