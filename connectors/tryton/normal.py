"""Our documents as Tryton would give them back; applied to both sides before comparing."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from connectors.documents import (
    Document,
    Item,
    Line,
    Party,
    Payment,
    RecordType,
    Trade,
)
from connectors.tryton.config import Config
from connectors.tryton.lines import PRICE, figures
from connectors.tryton.models import CREDITS, SALES
from connectors.tryton.names import category_of


def normal(record_type: RecordType, content: Document, config: Config) -> Document:
    """Its own fixed point: normalizing twice changes nothing."""
    content = _trimmed(content)
    if isinstance(content, Party):
        return _party(content, config)
    if isinstance(content, Item):
        return _item(content, config)
    if isinstance(content, Trade):
        return _trade(record_type, content, config)
    if isinstance(content, Payment):
        return _payment(content, config)
    return content


def _trimmed(content: Document) -> Document:
    texts = {
        item.name: value.strip()
        for item in dataclasses.fields(content)
        if isinstance(value := getattr(content, item.name), str)
    }
    return dataclasses.replace(content, **texts)


def _party(party: Party, config: Config) -> Document:
    """Tryton's regions are a list of their own, and only countries that it has can be kept."""
    country = config.countries.get(party.country.casefold())
    return dataclasses.replace(
        party,
        region="",
        country=config.country_names.get(str(country), ""),
        currency=config.home_currency,
    )


def _item(item: Item, config: Config) -> Document:
    category = category_of(item, config)
    known = next((one for one in config.categories if one["id"] == category), None)
    return dataclasses.replace(
        item,
        kind="service" if item.kind == "service" else "non_inventory",
        unit_price=_price(item.unit_price),
        unit_cost=_price(item.unit_cost),
        income_account=_account(known, "revenue"),
        expense_account=_account(known, "expense"),
    )


def _trade(record_type: RecordType, trade: Trade, config: Config) -> Document:
    """The due date is ours only where no payment term says it."""
    due = trade.due_date or trade.date
    has_due = record_type not in CREDITS and trade.payment_term is None and not trade.is_voided
    return dataclasses.replace(
        trade,
        due_date=due if has_due else None,
        payment_term=None if record_type in CREDITS else trade.payment_term,
        currency=trade.currency or config.home_currency,
        lines=()
        if trade.is_voided
        else tuple(
            _line(record_type, str(key), line, config) for key, line in enumerate(trade.lines, 1)
        ),
    )


def _line(record_type: RecordType, key: str, line: Line, config: Config) -> Line:
    quantity, price, description = figures(line, config.unit_digits if line.item else 4)
    fallback = config.defaults.get("income_account" if record_type in SALES else "expense_account")
    return dataclasses.replace(
        line,
        key=key,
        description=description,
        quantity=quantity,
        unit_price=price,
        account=None if line.item else line.account or fallback,
    )


def _payment(payment: Payment, config: Config) -> Document:
    """A move keeps the account of the money, not by which method it came."""
    return dataclasses.replace(
        payment,
        currency=payment.currency or config.home_currency,
        method=None,
        deposit_account=payment.deposit_account or config.defaults.get("deposit_account"),
        applications=tuple(
            sorted(payment.applications, key=lambda each: (each.document, each.amount))
        ),
    )


def _price(value: Decimal | None) -> Decimal:
    return (value or Decimal(0)).quantize(PRICE)


def _account(category: object, side: str) -> str | None:
    value = category.get(side) if isinstance(category, dict) else None
    return None if value is None else str(value)
