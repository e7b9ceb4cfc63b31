"""The lists that accounting decides on: accounts, tax codes, terms, payment methods."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from records.models.record import Named


class Account(Named):
    """An account of the chart of accounts. Comes from accounting only."""

    record_type = "account"

    class Kind(models.TextChoices):
        INCOME = "income", _("Income")
        OTHER_INCOME = "other_income", _("Other income")
        COST_OF_GOODS_SOLD = "cost_of_goods_sold", _("Cost of goods sold")
        EXPENSE = "expense", _("Expense")
        OTHER_EXPENSE = "other_expense", _("Other expense")
        BANK = "bank", _("Bank")
        RECEIVABLE = "receivable", _("Accounts receivable")
        PAYABLE = "payable", _("Accounts payable")
        CREDIT_CARD = "credit_card", _("Credit card")
        OTHER_ASSET = "other_asset", _("Other asset")
        OTHER_LIABILITY = "other_liability", _("Other liability")
        EQUITY = "equity", _("Equity")

    name = models.CharField(_("name"), max_length=200)
    number = models.CharField(_("number"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    # The provider's own finer word, such as "UndepositedFunds".
    detail_kind = models.CharField(_("detail"), max_length=80, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    is_active = models.BooleanField(_("active"), default=True)

    class Meta(Named.Meta):
        verbose_name = _("account")
        verbose_name_plural = _("accounts")


class TaxCode(Named):
    """How a line is taxed. Comes from accounting only."""

    record_type = "tax_code"

    name = models.CharField(_("name"), max_length=100)
    description = models.CharField(_("description"), max_length=200, blank=True)
    rate = models.DecimalField(_("rate, %"), max_digits=9, decimal_places=4, null=True, blank=True)
    is_taxable = models.BooleanField(_("taxable"), default=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta(Named.Meta):
        verbose_name = _("tax code")
        verbose_name_plural = _("tax codes")


class PaymentTerm(Named):
    """When a document is due. Comes from accounting only."""

    record_type = "payment_term"

    name = models.CharField(_("name"), max_length=100)
    due_days = models.PositiveIntegerField(_("due in days"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta(Named.Meta):
        verbose_name = _("payment term")
        verbose_name_plural = _("payment terms")


class PaymentMethod(Named):
    """How money arrives. Comes from accounting only."""

    record_type = "payment_method"

    name = models.CharField(_("name"), max_length=100)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta(Named.Meta):
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")
