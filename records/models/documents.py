"""What is owed: invoices, bills and the credits against them."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from records.models.parties import Customer, Vendor
from records.models.record import BY_DATE, Record, searchable
from records.models.reference import PaymentTerm
from records.triggers import ISSUED


class Status(models.TextChoices):
    """A document goes forward only; issued ones are synchronized."""

    DRAFT = "draft", _("Draft")
    ISSUED = "issued", _("Issued")
    VOIDED = "voided", _("Voided")


class Document(Record):
    """What all documents have: a date, a currency, a status, a total."""

    label_field = "number"

    number = models.CharField(_("number"), max_length=60)
    date = models.DateField(_("date"), default=timezone.localdate)
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    memo = models.TextField(_("memo"), blank=True)
    # The sum of the lines, kept for lists and errors; `retotal` in records/totals.py writes it.
    total = models.DecimalField(_("total"), max_digits=19, decimal_places=4, default=Decimal(0))
    # What accounting says is open. Never sent.
    balance = models.DecimalField(
        _("open balance"), max_digits=19, decimal_places=4, null=True, blank=True, editable=False
    )

    class Meta(Record.Meta):
        abstract = True
        indexes: ClassVar = [*Record.Meta.indexes, searchable("number"), BY_DATE]
        triggers: ClassVar = ISSUED


class SalesDocument(Document):
    """What invoices and credit memos have in common."""

    synced_fields = (
        "customer_id",
        "number",
        "date",
        "due_date",
        "currency",
        "payment_term_id",
        "memo",
    )

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    due_date = models.DateField(_("due date"), null=True, blank=True)
    payment_term = models.ForeignKey(
        PaymentTerm, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta(Document.Meta):
        abstract = True


class PurchaseDocument(Document):
    """What bills and vendor credits have in common."""

    synced_fields = (
        "vendor_id",
        "number",
        "date",
        "due_date",
        "currency",
        "payment_term_id",
        "memo",
    )

    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    due_date = models.DateField(_("due date"), null=True, blank=True)
    payment_term = models.ForeignKey(
        PaymentTerm, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta(Document.Meta):
        abstract = True


class Invoice(SalesDocument):
    """What a customer owes."""

    record_type = "invoice"

    class Meta(SalesDocument.Meta):
        abstract = False
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")


class CreditMemo(SalesDocument):
    """What the company owes a customer."""

    record_type = "credit_memo"

    class Meta(SalesDocument.Meta):
        abstract = False
        verbose_name = _("credit memo")
        verbose_name_plural = _("credit memos")


class Bill(PurchaseDocument):
    """What the company owes a vendor."""

    record_type = "bill"

    class Meta(PurchaseDocument.Meta):
        abstract = False
        verbose_name = _("bill")
        verbose_name_plural = _("bills")


class VendorCredit(PurchaseDocument):
    """What a vendor owes the company."""

    record_type = "vendor_credit"

    class Meta(PurchaseDocument.Meta):
        abstract = False
        verbose_name = _("vendor credit")
        verbose_name_plural = _("vendor credits")
