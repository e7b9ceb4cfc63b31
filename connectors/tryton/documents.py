"""Tryton's invoices and moves as our documents and payments."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal

from connectors.documents import Application, Line, Payment, RecordType, Trade
from connectors.interface import Remote
from connectors.tryton import stages, stamps
from connectors.tryton.config import Config
from connectors.tryton.markers import marker_in
from connectors.tryton.models import CREDITS, TRADES
from connectors.tryton.stamps import Stamp
from connectors.tryton.values import Json, number, reference, rows_of, text

NO_DAY = datetime.date(1970, 1, 1)


def trade(record_type: RecordType, row: Json, config: Config) -> Remote | None:
    """A credit note is an invoice with negative quantities. What was cancelled and does not bear
    our marker any more was deleted by us: Tryton deletes nothing that has a number."""
    marker = marker_in(text(row, "description"))
    is_voided = row["state"] == "cancelled"
    if (is_voided and not marker) or _is_credit(row, marker) != (record_type in CREDITS):
        return None
    sign = -1 if record_type in CREDITS else 1
    lines = [line for line in rows_of(row, "lines") if line.get("type") == "line"]
    currency = next(iter(rows_of(row, "currency")), {})
    content = Trade(
        number=text(row, "reference"),
        party=str(row["party"]),
        date=row.get("invoice_date") or NO_DAY,
        due_date=None if record_type in CREDITS or is_voided else _due_date(row),
        currency=text(currency, "code"),
        payment_term=None if record_type in CREDITS else reference(row.get("payment_term")),
        memo=text(row, "comment"),
        lines=() if is_voided else tuple(_line(*pair, sign) for pair in enumerate(lines, 1)),
        is_voided=is_voided,
    )
    return Remote(
        record_type=record_type,
        external_id=str(row["id"]),
        version=_version(row, row["state"] in {"posted", "paid", "cancelled"}),
        content=content,
        label=content.number or text(row, "number"),
        is_finished=row["state"] in {"posted", "paid", "cancelled"},
        marker=marker,
        balance=Decimal(0) if is_voided else sign * number(row.get("amount_to_pay")),
        total=Decimal(0) if is_voided else sign * number(row.get("untaxed_amount")),
    )


def payment(record_type: RecordType, row: Json, config: Config) -> Remote | None:
    """Money that came in: a debit on one account, credits on receivable ones."""
    lines = rows_of(row, "lines")
    paid = [line for line in lines if _is_receivable(line) and number(line.get("credit"))]
    money = [line for line in lines if number(line.get("debit"))]
    if not paid or len(money) != 1 or _is_receivable(money[0]):
        return None
    marker = marker_in(text(row, "description"))
    content = Payment(
        number=text(money[0], "description") or text(row, "number"),
        party=str(paid[0].get("party") or ""),
        date=row["date"],
        amount=number(money[0]["debit"]),
        currency=config.home_currency,
        deposit_account=str(money[0]["account"]),
        memo=text(paid[0], "description") if marker else "",
        applications=tuple(
            Application(str(invoice["id"]), number(line["credit"]))
            for line in paid
            for invoice in rows_of(line, "invoice_payments")[:1]
        ),
    )
    is_posted = row["state"] == "posted"
    return Remote(
        record_type=record_type,
        external_id=str(row["id"]),
        version=_version(row, is_posted),
        content=content,
        label=content.number,
        is_finished=is_posted,
        marker=marker,
        total=content.amount,
    )


def _version(row: Json, is_finished: bool) -> str:
    if not is_finished:
        return stages.DRAFT
    return stamps.pack({"V": Stamp(row["id"], str(row["_timestamp"]))})


def _is_credit(row: Json, marker: str) -> bool:
    kind = marker.split(":")[2] if marker else ""
    if kind in TRADES:
        return kind in CREDITS
    return number(row.get("untaxed_amount")) < 0


def _due_date(row: Json) -> datetime.date | None:
    days: Sequence[datetime.date] = [
        line["maturity_date"] for line in rows_of(row, "lines_to_pay") if line.get("maturity_date")
    ]
    return max(days, default=None)


def _line(key: int, line: Json, sign: int) -> Line:
    taxes = line.get("taxes") or []
    return Line(
        key=str(key),
        description=text(line, "description"),
        quantity=sign * number(line.get("quantity")),
        unit_price=number(line.get("unit_price")),
        amount=sign * number(line.get("amount")),
        item=reference(line.get("product")),
        account=None if line.get("product") else reference(line.get("account")),
        tax_code=str(taxes[0]) if len(taxes) == 1 else None,
    )


def _is_receivable(line: Json) -> bool:
    account = next(iter(rows_of(line, "account")), {})
    kind = next(iter(rows_of(account, "type")), {})
    return bool(kind.get("receivable"))
