"""The files of an import: their columns, the records they fill, and what belongs together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from records import models as records
from records.csv_import.columns import Column, Reference, column


@dataclass(slots=True)
class Entry:
    """One line of a document, or one application of a payment, as the file has it."""

    line: int
    values: dict[str, Any]
    references: dict[str, str]


@dataclass(slots=True)
class Parsed:
    """One record as the file has it; `references` by column, to be looked up."""

    line: int
    key: str
    values: dict[str, Any]
    references: dict[str, str]
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Problem:
    line: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Entries:
    """What repeats inside a record; `key` is the attname that tells one from another."""

    model: Any
    parent: str
    key: str
    columns: tuple[Column | Reference, ...]
    # An entry without this cell is none: a payment that settles nothing.
    present: str


@dataclass(frozen=True, slots=True)
class Shape:
    """One file. The cell of `key` is the record's own reference, unique in the company."""

    file: str
    model: Any
    key: str
    columns: tuple[Column | Reference, ...]
    entries: Entries | None = None
    # Fills in what follows from the rest, and says what does not fit together.
    complete: Callable[[Parsed], Iterator[Problem]] = lambda parsed: iter(())

    @property
    def known(self) -> list[str]:
        own = [entry.name for entry in self.columns]
        return own + [entry.name for entry in (self.entries.columns if self.entries else ())]

    @property
    def required(self) -> list[str]:
        columns = [*self.columns, *(self.entries.columns if self.entries else ())]
        return [entry.name for entry in columns if entry.is_required]


def _total(parsed: Parsed) -> Iterator[Problem]:
    """Amounts by the rounding rule; the total is their sum."""
    if not parsed.entries:
        yield Problem(parsed.line, "line", "This has no lines. Add at least one.")
    for entry in parsed.entries:
        exact = entry.values["quantity"] * entry.values["unit_price"]
        entry.values["amount"] = records.rounded(exact, parsed.values["currency"])
    parsed.values["total"] = sum((e.values["amount"] for e in parsed.entries), Decimal(0))


def _applied(parsed: Parsed) -> Iterator[Problem]:
    """A payment with one application is applied in full unless the file says how much."""
    amount = parsed.values["amount"]
    for entry in parsed.entries:
        if entry.values.get("amount") is None:
            entry.values["amount"] = amount if len(parsed.entries) == 1 else Decimal(0)
        if entry.values["amount"] <= 0:
            message = "Say how much of the payment settles this invoice, as a number above zero."
            yield Problem(entry.line, "applied", message)
    applied = sum((entry.values["amount"] for entry in parsed.entries), Decimal(0))
    if applied > amount:
        message = f"{applied} are applied, but the payment is only {amount}. Correct one of them."
        yield Problem(parsed.line, "applied", message)


def _party(file: str, model: Any) -> Shape:
    optional = (
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
        "is_active",
        "notes",
    )
    return Shape(
        file,
        model,
        "external_ref",
        (
            column(model, "external_ref", required=True, filled=True),
            column(model, "name", required=True, filled=True),
            *(column(model, name) for name in optional),
        ),
    )


CUSTOMER = Reference(
    "customer_ref",
    "customer_id",
    records.Customer,
    ("external_ref",),
    "Add it to customers.csv, or correct the reference.",
    is_required=True,
    must_be_filled=True,
)
VENDOR = Reference(
    "vendor_ref",
    "vendor_id",
    records.Vendor,
    ("external_ref",),
    "Add it to vendors.csv, or correct the reference.",
    is_required=True,
    must_be_filled=True,
)
ITEM = Reference(
    "item_ref",
    "item_id",
    records.Item,
    ("external_ref",),
    "Add it to items.csv, or correct the reference.",
)
TAX_CODE = Reference(
    "tax_code",
    "tax_code_id",
    records.TaxCode,
    ("name",),
    "Tax codes come from accounting: connect it first, or leave the cell empty.",
)
ACCOUNT = Reference(
    "account",
    "account_id",
    records.Account,
    ("number", "name"),
    "Accounts come from accounting: connect it first, or leave the cell empty.",
)
METHOD = Reference("method", "method_id", records.PaymentMethod, ("name",), "", makes_missing=True)
INVOICE = Reference(
    "invoice_number",
    "invoice_id",
    records.Invoice,
    ("external_ref", "number"),
    "Add it to invoices.csv, or correct the number.",
)


def _trade(file: str, model: Any, party: Reference) -> Shape:
    line: Any = records.LINE_MODELS[model.record_type]
    accounts = (ACCOUNT,) if model in (records.Bill, records.VendorCredit) else ()
    return Shape(
        file,
        model,
        "number",
        (
            column(model, "number", required=True, filled=True),
            party,
            column(model, "date", required=True, filled=True),
            column(model, "due_date"),
            column(model, "currency"),
            column(model, "status", required=True, filled=True),
            column(model, "memo"),
        ),
        Entries(
            line,
            line.document_field,
            "position",
            (
                column(line, "line", field="position", required=True, filled=True),
                ITEM,
                *accounts,
                column(line, "description"),
                column(line, "quantity", required=True, filled=True),
                column(line, "unit_price", required=True, filled=True),
                TAX_CODE,
            ),
            present="line",
        ),
        _total,
    )


PAYMENT = Shape(
    "payments.csv",
    records.Payment,
    "reference",
    (
        column(records.Payment, "reference", required=True, filled=True),
        CUSTOMER,
        column(records.Payment, "date", required=True, filled=True),
        column(records.Payment, "amount", required=True, filled=True),
        column(records.Payment, "currency"),
        METHOD,
        column(records.Payment, "status", default=records.Status.ISSUED),
        column(records.Payment, "memo"),
    ),
    Entries(
        records.PaymentApplication,
        "payment",
        "invoice_id",
        (INVOICE, column(records.PaymentApplication, "applied", field="amount")),
        present="invoice_number",
    ),
    _applied,
)

# In this order: each file may refer to those before it.
SHAPES = (
    _party("customers.csv", records.Customer),
    _party("vendors.csv", records.Vendor),
    Shape(
        "items.csv",
        records.Item,
        "external_ref",
        (
            column(records.Item, "external_ref", required=True, filled=True),
            column(records.Item, "name", required=True, filled=True),
            *(
                column(records.Item, name)
                for name in ("sku", "description", "kind", "unit_price", "unit_cost")
            ),
            Reference(
                "preferred_vendor_ref",
                "preferred_vendor_id",
                records.Vendor,
                ("external_ref",),
                VENDOR.hint,
            ),
            *(column(records.Item, name) for name in ("is_active", "notes")),
        ),
    ),
    _trade("invoices.csv", records.Invoice, CUSTOMER),
    _trade("credit_memos.csv", records.CreditMemo, CUSTOMER),
    _trade("bills.csv", records.Bill, VENDOR),
    _trade("vendor_credits.csv", records.VendorCredit, VENDOR),
    PAYMENT,
)
