"""The mapping page: which accounts and codes there stand for what; saving wakes what waited."""

from __future__ import annotations

from typing import Any

import django_tables2
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe
from django_filters import FilterSet

from companies.models import Role
from companies.roles import may, requires
from companies.walls import CompanyRequest, for_company
from connectors.documents import RecordType
from connectors.models import Connection
from connectors.registry import KINDS, connector_for
from jobs import connecting, counterparts
from jobs.control import open_job
from jobs.models import Trigger
from jobs.views.matching import connection_of, go_to_open_connection
from jobs.views.sync_jobs import tell
from records.models import RECORD_MODELS, Item
from syncqueue.words import record_url
from ui import filters
from ui.addresses import back_to
from ui.listings import Listing, signed_in
from ui.tables import PickColumn, Table, registered

COLUMNS = {"income_account": "income_account_id", "expense_account": "expense_account_id"}


class ItemFilter(FilterSet):
    q = filters.search(gettext_lazy("Name or SKU"))
    own = filters.select(
        gettext_lazy("Accounts"),
        [
            ("none", gettext_lazy("No own income account")),
            ("some", gettext_lazy("Own income account")),
        ],
        everything=gettext_lazy("Any account"),
        method="by_account",
    )

    def search(self, rows: QuerySet[Item], name: str, words: str) -> QuerySet[Item]:
        return rows.filter(Q(name__icontains=words) | Q(sku__icontains=words))

    def by_account(self, rows: QuerySet[Item], name: str, which: str) -> QuerySet[Item]:
        return rows.filter(income_account__isnull=which == "none")


@registered
class ItemAccountTable(Table):
    """Items with the accounts they go to."""

    table_name = "item-accounts"
    page_name = "mapping-here"
    fixed_columns = ("pick",)
    default_columns = ("name", "sku", "income_account", "expense_account")
    default_order = "name"
    related = {
        "income_account": ("income_account",),
        "expense_account": ("expense_account",),
    }

    pick = PickColumn(lambda item: item.name)
    name = django_tables2.Column(
        verbose_name=gettext_lazy("Item"),
        order_by=("name", "id"),
        attrs={"td": {"class": "lead across"}},
    )
    sku = django_tables2.Column(verbose_name=gettext_lazy("SKU"), orderable=False)
    income_account = django_tables2.Column(
        verbose_name=gettext_lazy("Income account"), orderable=False, empty_values=()
    )
    expense_account = django_tables2.Column(
        verbose_name=gettext_lazy("Expense account"), orderable=False, empty_values=()
    )

    def render_name(self, record: Item) -> SafeString:
        return format_html('<a href="{}">{}</a>', record_url("item", record.pk), record.name)

    def value_name(self, record: Item) -> str:
        return record.name

    def render_income_account(self, value: Any) -> str | SafeString:
        return _account(value)

    def render_expense_account(self, value: Any) -> str | SafeString:
        return _account(value)


@require_safe
def mapping_here(request: CompanyRequest) -> HttpResponse:
    return go_to_open_connection(request, "mapping")


@require_safe
def mapping_page(request: CompanyRequest, pk: int) -> HttpResponseBase:
    connection = connection_of(request, pk)
    may_map = connection.is_open and may(request.user, request.company, Role.ACCOUNTANT)
    items = for_company(Item.objects.filter(deleted_at=None), request.company)
    listing = Listing(
        request,
        ItemAccountTable,
        items,
        filters=ItemFilter,
        without=() if may_map else ("pick",),
    )
    choices = counterparts.choices(connection)
    return listing.answer(
        "jobs/mapping.html",
        title=_("Mapping"),
        connection=connection,
        system=KINDS[connection.kind].label,
        sections=[
            (str(RECORD_MODELS[kind]._meta.verbose_name_plural), rows)
            for kind, rows in choices.items()
        ],
        left=sum(one.is_open for rows in choices.values() for one in rows),
        waiting=sum(one.need.count for rows in choices.values() for one in rows),
        wanted=counterparts.key_of(request.GET.get("need", "")),
        accounts=choices[RecordType.ACCOUNT],
        bulk="jobs/mapping_bulk.html",
        kept_filters=["sort"],
        may_operate=may_map,
    )


@require_POST
@requires(Role.ACCOUNTANT)
def save(request: CompanyRequest, pk: int) -> HttpResponse:
    connection = connection_of(request, pk)
    allowed = {
        one.key: {row_pk for _heading, rows in one.groups for row_pk, _name in rows}
        for rows in counterparts.choices(connection).values()
        for one in rows
    }
    chosen = {
        key: int(value) if value.isdecimal() and int(value) in known else None
        for key, known in allowed.items()
        if (value := request.POST.get(key)) is not None
    }
    saved = counterparts.save(connection=connection, chosen=chosen, user=signed_in(request))
    if saved.woken:
        return _send(request, connection, saved.woken)
    messages.info(request, _("The mapping is saved.") if saved.changed else _("Nothing changed."))
    return redirect("mapping", pk)


@require_POST
@requires(Role.ACCOUNTANT)
def save_items(request: CompanyRequest, pk: int) -> HttpResponse:
    """Gives the chosen items the chosen accounts; "keep" leaves one as it is."""
    connection = connection_of(request, pk)
    known = {row.pk for row in counterparts.linked_records(connection, RecordType.ACCOUNT)}
    accounts = {
        column: int(value)
        for name, column in COLUMNS.items()
        if (value := request.POST.get(name, "")).isdecimal() and int(value) in known
    }
    ids = [int(value) for value in request.POST.getlist("pick") if value.isdecimal()]
    items = for_company(Item.objects.filter(deleted_at=None, pk__in=ids), request.company)
    if not ids or not accounts:
        messages.info(request, _("Choose items and an account first."))
    else:
        count = counterparts.give_accounts(
            connection=connection, items=items, accounts=accounts, user=signed_in(request)
        )
        said = ngettext(
            "%d item has its account. The next Sync Job sends it.",
            "%d items have their accounts. The next Sync Job sends them.",
            count,
        )
        messages.info(request, said % count if count else _("Nothing changed."))
    return redirect(back_to(request, reverse("mapping", args=[pk])))


@require_POST
@requires(Role.ACCOUNTANT)
def refresh(request: CompanyRequest, pk: int) -> HttpResponse:
    """A job that reads the lists of the accounting system again, and sends nothing."""
    connection = connection_of(request, pk)
    scope = connecting.lists_scope(connector_for(connection))
    opened = open_job(connection=connection, user=signed_in(request), scope=scope)
    tell(request, opened)
    if opened.job and opened.is_new:
        return redirect("sync-job", opened.job.pk)
    return redirect("mapping", pk)


def _send(request: CompanyRequest, connection: Connection, woken: int) -> HttpResponse:
    """What waited goes at once."""
    opened = open_job(connection=connection, trigger=Trigger.RETRY, user=signed_in(request))
    said = ngettext(
        "The mapping is saved. %d record that waited for it is sent now.",
        "The mapping is saved. %d records that waited for it are sent now.",
        woken,
    )
    messages.info(request, said % woken)
    if opened.job is None:
        messages.warning(request, opened.refusal)
    elif opened.is_new:
        return redirect("sync-job", opened.job.pk)
    return redirect("mapping", connection.pk)


def _account(value: Any) -> str | SafeString:
    if value is None:
        return format_html('<span class="absent">{}</span>', _("Default"))
    return str(value)
