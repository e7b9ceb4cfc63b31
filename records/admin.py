"""Admin pages of the records: lists, forms with their lines, and what a person may do."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from records import models as records
from records.inlines import (
    ApplicationInline,
    BillLineInline,
    CreditMemoLineInline,
    InvoiceLineInline,
    VendorCreditLineInline,
)
from records.pages import DocumentAdmin, ImportedAdmin, RecordAdmin
from ui import marks
from ui.templatetags.ui import money

# Fields in parentheses stand side by side.
CONTACT = ("name", ("contact_name", "is_active"), ("email", "phone"))
ADDRESS = ("address_line1", ("city", "postal_code"), ("region", "country"))
BOOKS = (("currency", "payment_term"), ("tax_number", "external_ref"), "open_balance")
MORE = (_("More"), {"fields": ("notes", ("created_at", "updated_at")), "classes": ("collapse",)})


@admin.register(records.Account)
class AccountAdmin(ImportedAdmin):
    list_display = ("name", "number", "kind", "currency", "is_active")
    more_columns = ("detail_kind", "created_at", "updated_at")
    first_order = "number"
    sorted_by: ClassVar = {
        "name": ("name",),
        "number": ("number", "name"),
        "kind": ("kind", "number", "name"),
        "created_at": (),
    }
    search_fields = ("name", "number")
    list_filter = ("kind", "is_active")
    ordering = ("number", "name", "pk")


@admin.register(records.TaxCode)
class TaxCodeAdmin(ImportedAdmin):
    list_display = ("name", "description", "rate", "is_taxable", "is_active")
    search_fields = ("name", "description")
    list_filter = ("is_active",)


@admin.register(records.PaymentTerm)
class PaymentTermAdmin(ImportedAdmin):
    list_display = ("name", "due_days", "is_active")
    search_fields = ("name",)
    list_filter = ("is_active",)


@admin.register(records.PaymentMethod)
class PaymentMethodAdmin(ImportedAdmin):
    list_display = ("name", "is_active")
    search_fields = ("name",)
    list_filter = ("is_active",)


class PartyAdmin(RecordAdmin):
    list_display = (
        "name",
        "external_ref",
        "contact_name",
        "email",
        "city",
        "open_balance",
        "is_active",
    )
    more_columns = (
        "phone",
        "address_line1",
        "postal_code",
        "region",
        "country",
        "currency",
        "tax_number",
        "payment_term",
        "notes",
        "created_at",
        "updated_at",
    )
    search_fields = ("name", "external_ref", "contact_name", "email", "phone", "city")
    list_filter = ("is_active", "currency", "country")
    autocomplete_fields = ("payment_term",)
    readonly_fields = ("open_balance", "created_at", "updated_at")
    fieldsets: ClassVar = (
        (None, {"fields": CONTACT}),
        (_("Address"), {"fields": ADDRESS}),
        (_("Books"), {"fields": BOOKS}),
        MORE,
    )

    @admin.display(description=_("open balance"), ordering="balance")
    def open_balance(self, party: records.Party) -> str:
        return money(party.balance, party.currency)


@admin.register(records.Customer)
class CustomerAdmin(PartyAdmin):
    """Somebody who buys from the company."""


@admin.register(records.Vendor)
class VendorAdmin(PartyAdmin):
    """Somebody the company buys from."""


@admin.register(records.Item)
class ItemAdmin(RecordAdmin):
    list_display = ("name", "sku", "external_ref", "kind", "price", "cost", "is_active")
    more_columns = (
        "description",
        "preferred_vendor",
        "income_account",
        "expense_account",
        "notes",
        "created_at",
        "updated_at",
    )
    search_fields = ("name", "sku", "external_ref", "description")
    list_filter = ("kind", "is_active")
    autocomplete_fields = ("preferred_vendor", "income_account", "expense_account")
    readonly_fields = ("created_at", "updated_at")
    fieldsets: ClassVar = (
        (None, {"fields": ("name", ("sku", "external_ref"), ("kind", "is_active"), "description")}),
        (_("Prices"), {"fields": (("unit_price", "unit_cost"), "preferred_vendor")}),
        (_("Books"), {"fields": (("income_account", "expense_account"),)}),
        MORE,
    )

    @admin.display(description=_("unit price"), ordering="unit_price")
    def price(self, item: records.Item) -> str:
        return money(item.unit_price, "")

    @admin.display(description=_("unit cost"), ordering="unit_cost")
    def cost(self, item: records.Item) -> str:
        return money(item.unit_cost, "")


class TradeAdmin(DocumentAdmin):
    """What invoices, credit memos, bills and vendor credits have in common."""

    more_columns = (
        "currency",
        "payment_term",
        "memo",
        "external_ref",
        "notes",
        "created_at",
        "updated_at",
    )
    readonly_fields = ("state", "sum", "open_balance", "created_at", "updated_at")

    @admin.display(description=_("state"), ordering="status")
    def state(self, document: records.Document) -> SafeString:
        return status_mark(document)

    @admin.display(description=_("total"), ordering="total")
    def sum(self, document: records.Document) -> str:
        return money(document.total, document.currency)

    @admin.display(description=_("open balance"), ordering="balance")
    def open_balance(self, document: records.Document) -> str:
        return money(document.balance, document.currency)


def columns(party: str) -> tuple[str, ...]:
    return ("number", party, "date", "due_date", "sum", "open_balance", "state")


def sections(party: str) -> Any:
    head = (("number", "state"), (party, "currency"), ("date", "due_date"), "payment_term")
    name, more = MORE
    return (
        (None, {"fields": (*head, "memo", ("sum", "open_balance"))}),
        (name, {**more, "fields": ("external_ref", *more["fields"])}),
    )


class SalesAdmin(TradeAdmin):
    list_display = columns("customer")
    search_fields = ("number", "external_ref", "customer__name", "memo")
    autocomplete_fields = ("customer", "payment_term")
    fieldsets = sections("customer")


class PurchaseAdmin(TradeAdmin):
    list_display = columns("vendor")
    search_fields = ("number", "external_ref", "vendor__name", "memo")
    autocomplete_fields = ("vendor", "payment_term")
    fieldsets = sections("vendor")


@admin.register(records.Invoice)
class InvoiceAdmin(SalesAdmin):
    inlines = (InvoiceLineInline,)


@admin.register(records.CreditMemo)
class CreditMemoAdmin(SalesAdmin):
    inlines = (CreditMemoLineInline,)


@admin.register(records.Bill)
class BillAdmin(PurchaseAdmin):
    inlines = (BillLineInline,)


@admin.register(records.VendorCredit)
class VendorCreditAdmin(PurchaseAdmin):
    inlines = (VendorCreditLineInline,)


@admin.register(records.Payment)
class PaymentAdmin(DocumentAdmin):
    inlines = (ApplicationInline,)
    list_display = ("reference", "customer", "date", "sum", "method", "state")
    more_columns = (
        "currency",
        "deposit_account",
        "memo",
        "external_ref",
        "notes",
        "created_at",
        "updated_at",
    )
    search_fields = ("reference", "external_ref", "customer__name", "memo")
    autocomplete_fields = ("customer", "method", "deposit_account")
    readonly_fields = ("state", "created_at", "updated_at")
    fieldsets: ClassVar = (
        (
            None,
            {
                "fields": (
                    ("reference", "state"),
                    ("customer", "date"),
                    ("amount", "currency"),
                    ("method", "deposit_account"),
                    "memo",
                )
            },
        ),
        (MORE[0], {**MORE[1], "fields": ("external_ref", *MORE[1]["fields"])}),
    )

    @admin.display(description=_("amount"), ordering="amount")
    def sum(self, payment: records.Payment) -> str:
        return money(payment.amount, payment.currency)

    @admin.display(description=_("state"), ordering="status")
    def state(self, payment: records.Payment) -> SafeString:
        return status_mark(payment)


def status_mark(document: Any) -> SafeString:
    tone, shape = {
        records.Status.DRAFT: ("idle", "edit"),
        records.Status.ISSUED: ("ok", ""),
        records.Status.VOIDED: ("warn", "block"),
    }[document.status]
    return marks.state(tone, document.get_status_display(), shape)
