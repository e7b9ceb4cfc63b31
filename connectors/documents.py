"""What crosses the border to an accounting system: typed, frozen, without any vendor's words.

References between documents are the *accounting system's* ids; the caller resolves them before a
document is made, so a document is complete in itself. Money and quantities are `Decimal`.
"""

from __future__ import annotations

import dataclasses
import datetime
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any


class RecordType(StrEnum):
    """The twelve types of records; `rank` is the order in which they are exported."""

    ACCOUNT = "account"
    TAX_CODE = "tax_code"
    PAYMENT_TERM = "payment_term"
    PAYMENT_METHOD = "payment_method"
    CUSTOMER = "customer"
    VENDOR = "vendor"
    ITEM = "item"
    INVOICE = "invoice"
    BILL = "bill"
    CREDIT_MEMO = "credit_memo"
    VENDOR_CREDIT = "vendor_credit"
    PAYMENT = "payment"

    @property
    def rank(self) -> int:
        return RANKS[self]


RANKS: Mapping[RecordType, int] = {
    RecordType.ACCOUNT: 10,
    RecordType.TAX_CODE: 10,
    RecordType.PAYMENT_TERM: 10,
    RecordType.PAYMENT_METHOD: 10,
    RecordType.CUSTOMER: 20,
    RecordType.VENDOR: 20,
    RecordType.ITEM: 20,
    RecordType.INVOICE: 30,
    RecordType.BILL: 30,
    RecordType.CREDIT_MEMO: 40,
    RecordType.VENDOR_CREDIT: 40,
    RecordType.PAYMENT: 40,
}


@dataclass(frozen=True, slots=True)
class Document:
    """The base of all: `balance` and the like are never here, only what both sides agree on."""


@dataclass(frozen=True, slots=True)
class Account(Document):
    name: str
    kind: str = "expense"  # a value of records.models.Account.Kind
    detail_kind: str = ""
    number: str = ""
    currency: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class TaxCode(Document):
    name: str
    description: str = ""
    rate: Decimal | None = None  # per cent
    is_taxable: bool = True
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class PaymentTerm(Document):
    name: str
    due_days: int | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class PaymentMethod(Document):
    name: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Party(Document):
    """A customer or a vendor."""

    name: str
    contact_name: str = ""
    email: str = ""
    phone: str = ""
    address_line1: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    currency: str = ""
    tax_number: str = ""
    payment_term: str | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Item(Document):
    name: str
    sku: str = ""
    description: str = ""
    kind: str = "non_inventory"  # inventory, non_inventory, service
    unit_price: Decimal | None = None
    unit_cost: Decimal | None = None
    income_account: str | None = None
    expense_account: str | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """`key` is the line's identity: ours is its position, and connectors keep it in that order."""

    key: str
    description: str = ""
    quantity: Decimal = Decimal(1)
    unit_price: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    item: str | None = None
    account: str | None = None
    tax_code: str | None = None


@dataclass(frozen=True, slots=True)
class Trade(Document):
    """An invoice, credit memo, bill or vendor credit; `party` is its customer or vendor."""

    number: str
    party: str
    date: datetime.date
    due_date: datetime.date | None = None
    currency: str = ""
    payment_term: str | None = None
    memo: str = ""
    lines: tuple[Line, ...] = ()
    is_voided: bool = False

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class Application:
    """A part of a payment that settles a document."""

    document: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Payment(Document):
    number: str
    party: str
    date: datetime.date
    amount: Decimal
    currency: str = ""
    method: str | None = None
    deposit_account: str | None = None
    memo: str = ""
    applications: tuple[Application, ...] = field(default=())
    is_voided: bool = False


DOCUMENT_CLASSES: Mapping[RecordType, type[Document]] = {
    RecordType.ACCOUNT: Account,
    RecordType.TAX_CODE: TaxCode,
    RecordType.PAYMENT_TERM: PaymentTerm,
    RecordType.PAYMENT_METHOD: PaymentMethod,
    RecordType.CUSTOMER: Party,
    RecordType.VENDOR: Party,
    RecordType.ITEM: Item,
    RecordType.INVOICE: Trade,
    RecordType.BILL: Trade,
    RecordType.CREDIT_MEMO: Trade,
    RecordType.VENDOR_CREDIT: Trade,
    RecordType.PAYMENT: Payment,
}

_HINTS: Mapping[type[Any], dict[str, Any]] = {
    cls: typing.get_type_hints(cls) for cls in (*DOCUMENT_CLASSES.values(), Line, Application)
}


def to_json(document: Document) -> dict[str, Any]:
    """Plain JSON; decimals as their shortest exact text, dates in ISO form."""
    return {
        item.name: _plain(getattr(document, item.name)) for item in dataclasses.fields(document)
    }


def from_json(record_type: RecordType, data: Mapping[str, Any]) -> Document:
    """The inverse of `to_json`. Fields unknown to this version are left out."""
    return typing.cast(Document, _build(DOCUMENT_CLASSES[record_type], data))


def plain_decimal(value: Decimal) -> str:
    """12.3400 and 12.34 are one number and must be one text: snapshots are compared as JSON."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain_decimal(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if dataclasses.is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    return value


def _build(cls: type[Any], data: Mapping[str, Any]) -> Any:
    hints = _HINTS[cls]
    known = {name: _typed(hints[name], value) for name, value in data.items() if name in hints}
    return cls(**known)


def _typed(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(hint, types.UnionType):
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    if hint is Decimal:
        return Decimal(value)
    if hint is datetime.date:
        return datetime.date.fromisoformat(value)
    if typing.get_origin(hint) is tuple:
        part = typing.get_args(hint)[0]
        return tuple(_build(part, row) for row in value)
    return value
