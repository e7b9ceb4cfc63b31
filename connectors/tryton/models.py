"""Which of Tryton's models each record type is, and which of its fields are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.documents import RecordType


@dataclass(frozen=True, slots=True)
class Model:
    """`domain` narrows the model to the type; `parts` are models whose changes are its changes,
    as paths from it."""

    name: str
    fields: Sequence[str]
    domain: Sequence[object] = ()
    parts: Sequence[str] = ()
    has_active: bool = True
    # Models whose deleted rows change it.
    part_models: Sequence[str] = ()

    @property
    def active_or_not(self) -> list[Any]:
        """A part of a domain: Tryton leaves out what is inactive unless it is asked for."""
        return [["active", "in", [True, False]]] if self.has_active else []


_PARTY = Model(
    "party.party",
    (
        "name", "code", "active", "_timestamp", "categories.name",
        "addresses.street", "addresses.city", "addresses.postal_code", "addresses.country",
        "addresses._timestamp",
        "contact_mechanisms.type", "contact_mechanisms.value", "contact_mechanisms.name",
        "contact_mechanisms._timestamp",
        "identifiers.code", "identifiers._timestamp",
        "customer_payment_term", "supplier_payment_term", "receivable", "payable",
    ),
    parts=("addresses.", "contact_mechanisms.", "identifiers."),
    part_models=("party.address", "party.contact_mechanism", "party.identifier"),
)  # fmt: skip
_INVOICE_FIELDS = (
    "type", "state", "number", "reference", "description", "comment", "party", "invoice_date",
    "payment_term", "currency.code", "untaxed_amount", "amount_to_pay", "sequence",
    "_timestamp",
    "lines.type", "lines.description", "lines.quantity", "lines.unit_price", "lines.amount",
    "lines.product", "lines.account", "lines.taxes", "lines_to_pay.maturity_date",
)  # fmt: skip
# What pays an invoice does not always move its stamp.
_PAID = ("payment_lines.", "move.lines.reconciliation.")
_SALE = Model("account.invoice", _INVOICE_FIELDS, (["type", "=", "out"],), _PAID, has_active=False)
_PURCHASE = Model(
    "account.invoice", _INVOICE_FIELDS, (["type", "=", "in"],), _PAID, has_active=False
)

MODELS: Mapping[RecordType, Model] = {
    RecordType.ACCOUNT: Model(
        "account.account",
        ("name", "code", "closed", "_timestamp", "type.name", "type.statement", "type.assets",
         "type.receivable", "type.payable", "type.revenue", "type.expense"),
        (["type", "!=", None],),
    ),
    RecordType.TAX_CODE: Model(
        "account.tax",
        ("name", "description", "type", "rate", "active", "_timestamp"),
        (["parent", "=", None],),
    ),
    RecordType.PAYMENT_TERM: Model(
        "account.invoice.payment_term",
        ("name", "active", "_timestamp", "lines.type", "lines.relativedeltas.days",
         "lines.relativedeltas.weeks", "lines.relativedeltas.months",
         "lines.relativedeltas.day"),
    ),
    RecordType.PAYMENT_METHOD: Model(
        "account.invoice.payment.method", ("name", "active", "_timestamp")
    ),
    RecordType.CUSTOMER: _PARTY,
    RecordType.VENDOR: _PARTY,
    RecordType.ITEM: Model(
        "product.product",
        ("code", "active", "description", "cost_price", "_timestamp", "identifiers.code",
         "template.name", "template.active", "template.type", "template.list_price",
         "template._timestamp", "template.account_category"),
        parts=("template.",),
    ),
    RecordType.INVOICE: _SALE,
    RecordType.CREDIT_MEMO: _SALE,
    RecordType.BILL: _PURCHASE,
    RecordType.VENDOR_CREDIT: _PURCHASE,
    RecordType.PAYMENT: Model(
        "account.move",
        ("number", "state", "date", "description", "_timestamp", "lines.account",
         "lines.account.type.receivable", "lines.debit", "lines.credit", "lines.party",
         "lines.description", "lines.invoice_payments.amount_to_pay",
         "lines.invoice_payments.reconciled", "lines.invoice_payments.lines_to_pay",
         "lines.invoice_payments.payment_lines"),
        (["OR", ["journal.type", "=", "cash"], ["description", "like", "syncapp:%"]],),
        has_active=False,
    ),
}  # fmt: skip

SALES = frozenset({RecordType.INVOICE, RecordType.CREDIT_MEMO})
CREDITS = frozenset({RecordType.CREDIT_MEMO, RecordType.VENDOR_CREDIT})
TRADES = frozenset(
    {RecordType.INVOICE, RecordType.CREDIT_MEMO, RecordType.BILL, RecordType.VENDOR_CREDIT}
)
PARTIES = frozenset({RecordType.CUSTOMER, RecordType.VENDOR})
