"""Our documents and payments as the values that Tryton's create and write take. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from connectors.documents import Line, Payment, RecordType, Trade
from connectors.interface import Push
from connectors.tryton.config import Config
from connectors.tryton.lines import figures
from connectors.tryton.models import CREDITS, SALES
from connectors.tryton.preparing import Note
from connectors.tryton.values import Json, id_of


def new_values(push: Push, note: Note, config: Config) -> Json:
    """What `create` is given."""
    if push.record_type is RecordType.PAYMENT:
        return _payment(push, note, config)
    return _trade(push, note, config)


def rewritten(push: Push, note: Note, config: Config) -> Json:
    """A draft as a whole: its lines are replaced."""
    values = new_values(push, note, config)
    values["lines"] = [["delete", note.get("lines", [])], *values["lines"]]
    values.pop("type", None)
    return values


def _trade(push: Push, note: Note, config: Config) -> Json:
    trade = cast(Trade, push.content)
    is_sale = push.record_type in SALES
    currency = config.currencies.get(trade.currency or config.home_currency)
    return {
        "type": "out" if is_sale else "in",
        "company": config.company,
        "party": int(trade.party),
        "invoice_address": note["address"],
        "journal": config.sale_journal if is_sale else config.purchase_journal,
        "account": note["account"],
        "currency": currency,
        "payment_term": None if push.record_type in CREDITS else id_of(trade.payment_term),
        "invoice_date": trade.date,
        "reference": trade.number.strip(),
        "description": push.marker or None,
        "comment": trade.memo.strip(),
        "lines": [["create", [_line(line, push, note, config, currency) for line in trade.lines]]],
    }


def _line(line: Line, push: Push, note: Note, config: Config, currency: int | None) -> Json:
    is_sale = push.record_type in SALES
    fallback = config.defaults.get("income_account" if is_sale else "expense_account")
    account, unit, digits = note.get("products", {}).get(
        line.item, [id_of(line.account or fallback), None, 4]
    )
    quantity, price, description = figures(line, digits)
    sign = -1 if push.record_type in CREDITS else 1
    values: Json = {
        "type": "line",
        "description": description,
        "quantity": float(sign * quantity),
        "unit_price": price,
        "account": account,
        "currency": currency,
    }
    if line.item:
        values |= {"product": int(line.item), "unit": unit}
    if line.tax_code:
        values["taxes"] = [["add", [int(line.tax_code)]]]
    return values


def _payment(push: Push, note: Note, config: Config) -> Json:
    """A move: money in, and what each invoice gets of it. One create makes all of it, linked with
    its invoices: Tryton's wizard needs five calls for one invoice, and none of them can be
    repeated."""
    payment = cast(Payment, push.content)
    money = payment.deposit_account or note.get("money") or config.defaults.get("deposit_account")
    nothing = Decimal(0)
    lines: list[Json] = [
        {"account": id_of(money), "debit": payment.amount, "credit": nothing,
         "description": payment.number.strip()}
    ]  # fmt: skip
    for part in payment.applications:
        account, party = note["invoices"][part.document]
        lines.append(
            {"account": account, "party": party, "debit": nothing, "credit": part.amount,
             "description": payment.memo.strip(),
             "invoice_payments": [["add", [int(part.document)]]]}
        )  # fmt: skip
    applied = sum((part.amount for part in payment.applications), nothing)
    if payment.amount > applied:
        lines.append(
            {"account": note["account"], "party": int(payment.party), "debit": nothing,
             "credit": payment.amount - applied, "description": payment.memo.strip()}
        )  # fmt: skip
    return {
        "company": config.company,
        "journal": note.get("journal") or config.cash_journal,
        "period": note["period"],
        "date": payment.date,
        "description": push.marker or None,
        "lines": [["create", lines]],
    }
