"""The order system's records: what we hold of customers, items, documents and payments."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from records.triggers import CAPTURED, GUARDED, ISSUED, LINES

MINOR_UNITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "TND": 3}


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Half-up to the currency's minor unit (two decimals unless ISO 4217 says otherwise)."""
    return amount.quantize(Decimal(1).scaleb(-MINOR_UNITS.get(currency, 2)), ROUND_HALF_UP)


class Record(models.Model):
    """What can be synchronized. `external_ref` is the order system's own key."""

    record_type: ClassVar[str]
    # The columns that accounting hears about; the capture triggers are made from this list.
    synced_fields: ClassVar[tuple[str, ...]] = ()
    # The column that names a record to a person.
    label_field: ClassVar[str] = "name"

    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    external_ref = models.CharField(_("reference"), max_length=100, null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)
    notes = models.TextField(_("notes"), blank=True)

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["company", "external_ref"],
                name="%(app_label)s_%(class)s_reference_once_per_company",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["company", "-id"], name="%(class)s_company")]
        triggers: ClassVar = GUARDED

    def __str__(self) -> str:
        return str(getattr(self, self.label_field)) or str(self.external_ref or self.pk)

    def mark_deleted(self) -> None:
        """Delete as a person means it: the row stays, accounting hears of it."""
        self.deleted_at = timezone.now()
        self.save(update_fields=["deleted_at", "updated_at"])


class Account(Record):
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

    class Meta(Record.Meta):
        verbose_name = _("account")
        verbose_name_plural = _("accounts")


class TaxCode(Record):
    """How a line is taxed. Comes from accounting only."""

    record_type = "tax_code"

    name = models.CharField(_("name"), max_length=100)
    description = models.CharField(_("description"), max_length=200, blank=True)
    rate = models.DecimalField(_("rate, %"), max_digits=9, decimal_places=4, null=True, blank=True)
    is_taxable = models.BooleanField(_("taxable"), default=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta(Record.Meta):
        verbose_name = _("tax code")
        verbose_name_plural = _("tax codes")


class PaymentTerm(Record):
    """When a document is due. Comes from accounting only."""

    record_type = "payment_term"

    name = models.CharField(_("name"), max_length=100)
    due_days = models.PositiveIntegerField(_("due in days"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta(Record.Meta):
        verbose_name = _("payment term")
        verbose_name_plural = _("payment terms")


class PaymentMethod(Record):
    """How money arrives. Comes from accounting only."""

    record_type = "payment_method"

    name = models.CharField(_("name"), max_length=100)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta(Record.Meta):
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")


class Party(Record):
    """What customers and vendors have in common."""

    synced_fields = (
        "name",
        "contact_name",
        "email",
        "phone",
        "address_line1",
        "city",
        "region",
        "postal_code",
        "country",
        "currency",
        "tax_number",
        "payment_term_id",
        "is_active",
    )

    name = models.CharField(_("name"), max_length=500)
    contact_name = models.CharField(_("contact"), max_length=200, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    address_line1 = models.CharField(_("address"), max_length=500, blank=True)
    city = models.CharField(_("city"), max_length=255, blank=True)
    region = models.CharField(_("region"), max_length=255, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=60, blank=True)
    country = models.CharField(_("country"), max_length=255, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True)
    payment_term = models.ForeignKey(
        PaymentTerm, models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_active = models.BooleanField(_("active"), default=True)
    # What accounting says is open. Never sent.
    balance = models.DecimalField(
        _("open balance"), max_digits=19, decimal_places=4, null=True, blank=True, editable=False
    )

    class Meta(Record.Meta):
        abstract = True
        triggers: ClassVar = CAPTURED


class Customer(Party):
    """Somebody who buys from the company."""

    record_type = "customer"

    class Meta(Party.Meta):
        abstract = False
        verbose_name = _("customer")
        verbose_name_plural = _("customers")


class Vendor(Party):
    """Somebody the company buys from."""

    record_type = "vendor"

    class Meta(Party.Meta):
        abstract = False
        verbose_name = _("vendor")
        verbose_name_plural = _("vendors")


class Item(Record):
    """A product or a service."""

    record_type = "item"
    synced_fields = (
        "name",
        "sku",
        "description",
        "kind",
        "unit_price",
        "unit_cost",
        "income_account_id",
        "expense_account_id",
        "is_active",
    )

    class Kind(models.TextChoices):
        INVENTORY = "inventory", _("Inventory")
        NON_INVENTORY = "non_inventory", _("Non-inventory")
        SERVICE = "service", _("Service")

    name = models.CharField(_("name"), max_length=200)
    sku = models.CharField(_("SKU"), max_length=100, blank=True)
    description = models.TextField(_("description"), blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.NON_INVENTORY)
    unit_price = models.DecimalField(
        _("unit price"), max_digits=19, decimal_places=6, null=True, blank=True
    )
    unit_cost = models.DecimalField(
        _("unit cost"), max_digits=19, decimal_places=6, null=True, blank=True
    )
    preferred_vendor = models.ForeignKey(
        Vendor, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Empty: the connection's default account.
    income_account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+"
    )
    expense_account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta(Record.Meta):
        verbose_name = _("item")
        verbose_name_plural = _("items")
        triggers: ClassVar = CAPTURED


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
        triggers: ClassVar = ISSUED


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


RECORD_MODELS: dict[str, type[Record]] = {
    model.record_type: model
    for model in (
        Account,
        TaxCode,
        PaymentTerm,
        PaymentMethod,
        Customer,
        Vendor,
        Item,
        Invoice,
        CreditMemo,
        Bill,
        VendorCredit,
        Payment,
    )
}
LINE_MODELS: dict[str, type[models.Model]] = {
    "invoice": InvoiceLine,
    "credit_memo": CreditMemoLine,
    "bill": BillLine,
    "vendor_credit": VendorCreditLine,
    "payment": PaymentApplication,
}
