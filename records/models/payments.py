"""Money from customers, and which invoices it settles."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from records.models.documents import Invoice, Status
from records.models.parties import Customer
from records.models.record import BY_DATE, Record, searchable
from records.models.reference import Account, PaymentMethod
from records.triggers import ISSUED, LINES


class Payment(Record):
    """Money from a customer, applied to documents."""

    record_type = "payment"
    label_field = "reference"
    synced_fields = (
        "customer_id",
        "reference",
        "date",
        "currency",
        "amount",
        "method_id",
        "deposit_account_id",
        "memo",
    )

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    reference = models.CharField(_("number"), max_length=60)
    date = models.DateField(_("date"), default=timezone.localdate)
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    method = models.ForeignKey(
        PaymentMethod, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Empty: the connection's default account.
    deposit_account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+"
    )
    memo = models.TextField(_("memo"), blank=True)

    class Meta(Record.Meta):
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        indexes: ClassVar = [*Record.Meta.indexes, searchable("reference"), BY_DATE]
        triggers: ClassVar = ISSUED


class PaymentApplication(models.Model):
    """How much of a payment settles which invoice; captured like a line of the payment."""

    document_field = "payment"
    synced_fields = ("invoice_id", "amount")

    company = models.ForeignKey(Company, models.CASCADE, related_name="+", editable=False)
    payment = models.ForeignKey(Payment, models.CASCADE, related_name="applications")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="applications")
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)

    class Meta:
        verbose_name = _("payment application")
        verbose_name_plural = _("payment applications")
        triggers: ClassVar = LINES
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["payment", "invoice"], name="invoice_once_per_payment"),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="application_amount_is_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} {self.amount}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.company_id = self.payment.company_id
        super().save(*args, **kwargs)
