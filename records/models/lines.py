"""The rows of a document; the amount of a document is the sum of theirs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from records.models.documents import Bill, CreditMemo, Invoice, VendorCredit
from records.models.items import Item
from records.models.record import rounded
from records.models.reference import Account, TaxCode
from records.triggers import LINES


class Line(models.Model):
    """A row of a document. `document_field` names its parent; `key` stays the same for its life."""

    document_field: ClassVar[str]
    synced_fields: ClassVar[tuple[str, ...]] = (
        "position",
        "item_id",
        "description",
        "quantity",
        "unit_price",
        "amount",
        "tax_code_id",
    )

    company = models.ForeignKey(Company, models.CASCADE, related_name="+", editable=False)
    position = models.PositiveIntegerField(_("line"))
    item = models.ForeignKey(Item, models.PROTECT, null=True, blank=True, related_name="+")
    description = models.TextField(_("description"), blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=19, decimal_places=6, default=1)
    unit_price = models.DecimalField(_("unit price"), max_digits=19, decimal_places=6, default=0)
    amount = models.DecimalField(
        _("amount"), max_digits=19, decimal_places=4, default=0, editable=False
    )
    tax_code = models.ForeignKey(TaxCode, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True
        triggers: ClassVar = LINES

    def __str__(self) -> str:
        return f"{self.position}: {self.description}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A line belongs to its document's company and its amount is quantity × price, rounded."""
        self.company_id = self.document.company_id
        exact = Decimal(self.quantity) * Decimal(self.unit_price)
        self.amount = rounded(exact, self.document.currency)
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "amount"}
        super().save(*args, **kwargs)

    @property
    def document(self) -> Any:
        return getattr(self, self.document_field)


class InvoiceLine(Line):
    document_field = "invoice"
    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")

    class Meta(Line.Meta):
        abstract = False
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["invoice", "position"],
                name="invoice_line_position_once",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]


class CreditMemoLine(Line):
    document_field = "credit_memo"
    credit_memo = models.ForeignKey(CreditMemo, models.CASCADE, related_name="lines")

    class Meta(Line.Meta):
        abstract = False
        verbose_name = _("credit memo line")
        verbose_name_plural = _("credit memo lines")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["credit_memo", "position"],
                name="credit_memo_line_position_once",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]


class PurchaseLine(Line):
    """A line of a bill or vendor credit: an item, or an account without one."""

    synced_fields = (*Line.synced_fields, "account_id")

    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(Line.Meta):
        abstract = True


class BillLine(PurchaseLine):
    document_field = "bill"
    bill = models.ForeignKey(Bill, models.CASCADE, related_name="lines")

    class Meta(PurchaseLine.Meta):
        abstract = False
        verbose_name = _("bill line")
        verbose_name_plural = _("bill lines")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["bill", "position"],
                name="bill_line_position_once",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]


class VendorCreditLine(PurchaseLine):
    document_field = "vendor_credit"
    vendor_credit = models.ForeignKey(VendorCredit, models.CASCADE, related_name="lines")

    class Meta(PurchaseLine.Meta):
        abstract = False
        verbose_name = _("vendor credit line")
        verbose_name_plural = _("vendor credit lines")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["vendor_credit", "position"],
                name="vendor_credit_line_position_once",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]
