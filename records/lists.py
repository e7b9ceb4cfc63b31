"""The record lists as tables: their columns are described here, chosen, kept and downloaded as
those of every other table, and drawn by the admin's list.

A company may have millions of customers or invoices, so their lists sort only by what an index
led by company holds in order: the name or number, the reference, and when it was created.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

import django_tables2
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.contrib.admin.views.main import ORDER_VAR
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import QuerySet
from django.db.models.expressions import Expression, OrderBy
from django.db.models.functions import Upper
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.views import ChangeList

from companies.walls import CompanyRequest
from records.models import Record
from ui.listings import Chosen
from ui.saved_views import NOT_FILTERS
from ui.tables import MomentColumn, Table, registered

if TYPE_CHECKING:
    from records.pages import RecordAdmin

# References to other records; their fields have names of their own only in forms.
REFERENCES = {
    "customer": _("customer"),
    "vendor": _("vendor"),
    "payment_term": _("payment term"),
    "method": _("payment method"),
    "preferred_vendor": _("preferred vendor"),
    "income_account": _("income account"),
    "expense_account": _("expense account"),
    "deposit_account": _("deposit account"),
}


class RecordTable(Table):
    """The list of one type of records."""

    default_rows = 50
    # What the admin draws in each column: a name of the ModelAdmin or model, or a function.
    cells: ClassVar[Mapping[str, Any]] = {}


class ByLetters(OrderBy):
    """In the order of the index that `searchable` in records/models/record.py makes: letters count
    and capitals do not. Django looks for ASC or DESC in what sorts: hence the remark."""

    def as_sql(
        self, compiler: Any, connection: Any, template: str | None = None, **extra: Any
    ) -> tuple[str, Any]:
        sign = "~>~" if self.descending else "~<~"
        return super().as_sql(
            compiler, connection, template=f"%(expression)s USING {sign} /* ASC */", **extra
        )


class LabelColumn(django_tables2.Column):
    """The name or number, sorted by its index."""

    def order(self, queryset: QuerySet[Any], is_descending: bool) -> tuple[QuerySet[Any], bool]:
        letters: Expression = Upper(str(self.order_by[0]))
        by_id = "-id" if is_descending else "id"
        return queryset.order_by(ByLetters(letters, descending=is_descending), by_id), True


class AmountColumn(django_tables2.Column):
    """Money, a price or a rate: in a file a number with the decimals that count, two at least."""

    def value(self, value: Decimal) -> Decimal:
        decimals = max(2, -int(value.normalize().as_tuple().exponent))
        return value.quantize(Decimal(1).scaleb(-decimals))


class YesNoColumn(django_tables2.Column):
    def value(self, value: bool) -> str:
        return gettext("Yes") if value else gettext("No")


KINDS: tuple[tuple[type[models.Field[Any, Any]], type[django_tables2.Column]], ...] = (
    (models.DateTimeField, MomentColumn),
    (models.DecimalField, AmountColumn),
    (models.BooleanField, YesNoColumn),
    (models.Field, django_tables2.Column),
)


def table_of(listed: RecordAdmin) -> type[RecordTable]:
    """Makes the list known to the dialog, to saved views and to the download."""
    names = dict.fromkeys((*listed.list_display, *listed.more_columns))
    model = listed.model
    attributes = {
        **{name: _column(listed, name) for name in names},
        "table_name": f"{model.record_type.replace('_', '-')}s",
        "page_name": f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist",
        "default_columns": tuple(listed.list_display),
        "default_order": listed.first_order,
        "related": {name: (name,) for name in names if name in REFERENCES},
        "cells": {name: _reference(name) if name in REFERENCES else name for name in names},
        "__module__": __name__,
    }
    made = types.new_class(
        f"{model.__name__}Table", (RecordTable,), exec_body=lambda space: space.update(attributes)
    )
    return registered(made)


def _column(listed: RecordAdmin, name: str) -> django_tables2.Column:
    """Of a field, or of what the ModelAdmin makes of one."""
    try:
        field = listed.model._meta.get_field(name)
    except FieldDoesNotExist:
        source = getattr(listed, name).admin_order_field
        field = listed.model._meta.get_field(source)
    label: Any = REFERENCES.get(name) or label_for_field(name, listed.model, listed)
    order = listed.sorted_by.get(name)
    is_label = name == listed.model.label_field and _has_letters(listed.model)
    kind = LabelColumn if is_label else next(kind for of, kind in KINDS if isinstance(field, of))
    return kind(
        accessor=field.name,
        verbose_name=capfirst(label),
        orderable=order is not None,
        order_by=(*order, "id") if order is not None else None,
    )


def _has_letters(model: type[Record]) -> bool:
    return any(index.name.endswith("_search") for index in model._meta.indexes)


def _reference(name: str) -> Callable[[Any], Any]:
    @admin.display(description=REFERENCES[name])
    def cell(record: Any) -> Any:
        return getattr(record, name)

    cell.__name__ = name
    return cell


class RecordChangeList(ChangeList):
    """The admin's list in the chosen columns, order and length. A heading names its column where
    Django counts places, so that a saved order survives other columns."""

    def __init__(self, request: CompanyRequest, listed: RecordAdmin) -> None:
        table = listed.table
        self.chosen = Chosen(request, table)
        self.choice = self.chosen.ordered()
        boxes = ["action_checkbox"] if listed.get_actions(request) else []
        cells = [table.cells[name] for name in self.choice.columns]
        self.names = [*boxes, *self.choice.columns]
        super().__init__(
            request,
            model=listed.model,
            list_display=[*boxes, *cells],
            list_display_links=cells[:1],
            list_filter=listed.get_list_filter(request),
            date_hierarchy=None,
            search_fields=listed.get_search_fields(request),
            list_select_related=[n for n in self.choice.columns if n in table.related],
            list_per_page=self.choice.rows,
            list_max_show_all=listed.list_max_show_all,
            list_editable=(),
            model_admin=listed,
            sortable_by=tuple(table.sortable()),
            search_help_text=listed.search_help_text,
        )

    @cached_property
    def tools(self) -> dict[str, Any]:
        return self.chosen.tools()

    def file(self) -> Table:
        """All rows of the list, not only those of the page."""
        return self.chosen.table.showing(self.queryset, self.choice)

    def get_results(self, request: CompanyRequest) -> None:
        """What is not filtered has no other count to be shown beside it."""
        super().get_results(request)
        if not self.query and not self.get_filters_params():
            self.full_result_count = self.result_count

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        """These are no filters, but links keep them."""
        found: dict[str, Any] = super().get_filters_params(params)
        return {name: found[name] for name in found if name not in NOT_FILTERS}

    def get_ordering(self, request: CompanyRequest, queryset: QuerySet[Any]) -> list[Any]:
        ordered = self.chosen.table.ordered(queryset, self.choice.order_by)
        return list(ordered.query.order_by)

    def get_ordering_field_columns(self) -> dict[int, str]:
        name = self.choice.order_by.removeprefix("-")
        direction = "desc" if self.choice.order_by.startswith("-") else "asc"
        return {self.names.index(name): direction} if name in self.names else {}

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        wanted = dict(new_params or {})
        if ORDER_VAR in wanted:
            wanted["sort"] = self._named(wanted.pop(ORDER_VAR))
        address: str = super().get_query_string(wanted, remove)
        return address

    def _named(self, places: str) -> str | None:
        """ "-2.1" is the second column downwards, and then the first: the first of these counts."""
        first = places.split(".")[0]
        if not first:
            return None
        sign = "-" if first.startswith("-") else ""
        return sign + self.names[int(first.removeprefix("-"))]
