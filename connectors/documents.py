"""What crosses the border to an accounting system: typed, frozen, without any vendor's words.

References between documents are the *accounting system's* ids; the caller resolves them before a
document is made, so a document is complete in itself. Money and quantities are `Decimal`.
"""

from __future__ import annotations

import datetime
import operator
import types
import typing
from collections.abc import Callable, Mapping
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

Way = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Shape:
    """A class of documents: its fields, and of those that JSON has no type for the way there and
    the way back."""

    names: tuple[str, ...]
    values: Callable[[Any], tuple[Any, ...]]
    ways: tuple[tuple[str, Way, Way], ...]


def to_json(document: Document) -> dict[str, Any]:
    """Plain JSON; decimals as their shortest exact text, dates in ISO form."""
    return _plain(document)


def from_json(record_type: RecordType, data: Mapping[str, Any]) -> Document:
    """The inverse of `to_json`. Fields unknown to this version are left out."""
    return typing.cast(Document, _build(DOCUMENT_CLASSES[record_type], data))


def plain_decimal(value: Decimal) -> str:
    """12.3400 and 12.34 are one number and must be one text: snapshots are compared as JSON."""
    text = str(value)
    if "E" in text:
        text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain(value: Any) -> dict[str, Any]:
    shape = _SHAPES[type(value)]
    found = dict(zip(shape.names, shape.values(value), strict=True))
    for name, to_plain, _from_plain in shape.ways:
        if (part := found[name]) is not None:
            found[name] = to_plain(part)
    return found


def _build(cls: type[Any], data: Mapping[str, Any]) -> Any:
    shape = _SHAPES[cls]
    known = {name: data[name] for name in shape.names if name in data}
    for name, _to_plain, from_plain in shape.ways:
        if (part := known.get(name)) is not None:
            known[name] = from_plain(part)
    return cls(**known)


def _shape(cls: type[Any]) -> _Shape:
    hints = typing.get_type_hints(cls)
    return _Shape(
        names=tuple(hints),
        values=operator.attrgetter(*hints),
        ways=tuple((name, *way) for name, hint in hints.items() if (way := _way(hint))),
    )


def _way(hint: Any) -> tuple[Way, Way] | None:
    """To JSON and back; None: it is the same on both sides."""
    if isinstance(hint, types.UnionType):
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    if hint is Decimal:
        return plain_decimal, Decimal
    if hint is datetime.date:
        return datetime.date.isoformat, datetime.date.fromisoformat
    if typing.get_origin(hint) is tuple:
        part = typing.get_args(hint)[0]
        return (
            lambda rows: [_plain(row) for row in rows],
            lambda rows: tuple(_build(part, row) for row in rows),
        )
    return None


_SHAPES: Mapping[type[Any], _Shape] = {
    cls: _shape(cls) for cls in (*DOCUMENT_CLASSES.values(), Line, Application)
}
