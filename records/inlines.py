"""The rows inside the pages of documents and payments."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.utils.translation import gettext_lazy as _

from companies.walled_admin import WalledTabularInline
from companies.walls import CompanyRequest
from records import models as records
from records.forms import LineForm, PurchaseLineForm, RecordForm
from records.formsets import ApplicationFormSet, RecordFormSet
from records.pages import SHORT_TEXT
from ui.templatetags.ui import money


class LineInline(WalledTabularInline):
    """The lines of a document, in their order; the position is given to them when saved."""

    hide_title = True
    formfield_overrides: ClassVar = SHORT_TEXT
    form = LineForm
    formset = RecordFormSet
    fields: tuple[str, ...] = (
        "item",
        "description",
        "quantity",
        "unit_price",
        "rounded_amount",
        "tax_code",
        "version",
    )
    readonly_fields = ("rounded_amount",)
    autocomplete_fields: tuple[str, ...] = ("item", "tax_code")
    ordering = ("position", "pk")
    verbose_name = _("line")
    verbose_name_plural = _("lines")

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Without the menu beside each choice: a line has no room for it."""
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = getattr(formfield, "widget", None)
        if isinstance(widget, RelatedFieldWidgetWrapper):
            formfield.widget = widget.widget
        return formfield

    def get_extra(self, request: CompanyRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 1

    @admin.display(description=_("amount"))
    def rounded_amount(self, line: records.Line) -> str:
        return money(line.amount, "")


class PurchaseLineInline(LineInline):
    form = PurchaseLineForm
    fields = ("item", "account", *LineInline.fields[1:])
    autocomplete_fields = ("item", "account", "tax_code")


class InvoiceLineInline(LineInline):
    model = records.InvoiceLine


class CreditMemoLineInline(LineInline):
    model = records.CreditMemoLine


class BillLineInline(PurchaseLineInline):
    model = records.BillLine


class VendorCreditLineInline(PurchaseLineInline):
    model = records.VendorCreditLine


class ApplicationInline(WalledTabularInline):
    hide_title = True
    model = records.PaymentApplication
    form = RecordForm
    formset = ApplicationFormSet
    fields = ("invoice", "amount", "version")
    autocomplete_fields = ("invoice",)
    ordering = ("pk",)
