"""QuickBooks' transactions as neutral documents: their lines, notes and applications."""

from __future__ import annotations

import datetime
from decimal import Decimal

from connectors.documents import Application, Document, Line, Payment, RecordType, Trade
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.entities import DUE, ENTITIES, PURCHASES
from connectors.quickbooks_online.fields import currency, date, number, optional, reference, text
from connectors.quickbooks_online.jsontext import Json
from connectors.quickbooks_online.notes import is_voided, without_marker, without_voided


def trade(record_type: RecordType, body: Json, config: Config) -> Document:
    memo, is_void = _memo(body)
    is_due = record_type in DUE
    return Trade(
        number=text(body, "DocNumber"),
        party=text(body, ENTITIES[record_type].party, "value"),
        date=date(text(body, "TxnDate")) or datetime.date.min,
        due_date=date(text(body, "DueDate")) if is_due else None,
        currency=currency(body, config),
        payment_term=reference(body, "SalesTermRef") if is_due else None,
        memo=memo,
        lines=() if is_void else _lines(record_type, body, config),
        is_voided=is_void,
    )


def _lines(record_type: RecordType, body: Json, config: Config) -> tuple[Line, ...]:
    """In their order; the subtotal that QuickBooks adds by itself is none of them."""
    rows = [row for row in body.get("Line") or [] if row.get("DetailType") != "SubTotalLineDetail"]
    is_untaxed = config.is_us and record_type in PURCHASES
    return tuple(_line(str(key), row, is_untaxed) for key, row in enumerate(rows, start=1))


def _line(key: str, row: Json, is_untaxed: bool) -> Line:
    detail = row.get(str(row.get("DetailType"))) or {}
    is_discount = row.get("DetailType") == "DiscountLineDetail"
    amount = number(row.get("Amount")) * (-1 if is_discount else 1)
    # Without a quantity the amount stands alone: one of it.
    quantity = optional(detail.get("Qty"))
    price = optional(detail.get("UnitPrice"))
    has_figures = quantity is not None and price is not None
    return Line(
        key=key,
        description=text(row, "Description"),
        quantity=quantity if quantity is not None and has_figures else Decimal(1),
        unit_price=price if price is not None and has_figures else amount,
        amount=amount,
        item=reference(detail, "ItemRef"),
        account=reference(detail, "AccountRef"),
        tax_code=None if is_untaxed else reference(detail, "TaxCodeRef"),
    )


def payment(record_type: RecordType, body: Json, config: Config) -> Document:
    memo, is_void = _memo(body)
    return Payment(
        number=text(body, "PaymentRefNum"),
        party=text(body, "CustomerRef", "value"),
        date=date(text(body, "TxnDate")) or datetime.date.min,
        amount=number(body.get("TotalAmt")),
        currency=currency(body, config),
        method=reference(body, "PaymentMethodRef"),
        deposit_account=reference(body, "DepositToAccountRef"),
        memo=memo,
        applications=tuple(_applications(body)),
        is_voided=is_void,
    )


def _applications(body: Json) -> list[Application]:
    return [
        Application(document=str(linked.get("TxnId")), amount=number(line.get("Amount")))
        for line in body.get("Line") or []
        for linked in line.get("LinkedTxn") or []
        if linked.get("TxnType") == "Invoice"
    ]


def _memo(body: Json) -> tuple[str, bool]:
    """The memo without marker, and whether it is voided: the API says so in the note alone."""
    note = text(body, "PrivateNote")
    is_void = is_voided(note) and number(body.get("TotalAmt")) == 0
    return without_marker(without_voided(note) if is_void else note)[0], is_void
