"""Our documents as QuickBooks would give them back; applied to both sides before comparing."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from connectors.documents import (
    Application,
    Document,
    Item,
    Line,
    Party,
    Payment,
    RecordType,
    Trade,
)
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.entities import DUE, PURCHASES, SALES
from connectors.quickbooks_online.lines import agrees, line_tax_code
from connectors.quickbooks_online.payloads import item_kind, split_name


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
    return dataclasses.replace(
        party,
        contact_name=" ".join(filter(None, split_name(party.contact_name))),
        currency=party.currency or config.home_currency,
    )


def _item(item: Item, config: Config) -> Document:
    """An absent price comes back as 0, an absent account as the default."""
    return dataclasses.replace(
        item,
        kind=item_kind(item, config),
        unit_price=item.unit_price or Decimal(0),
        unit_cost=item.unit_cost or Decimal(0),
        income_account=item.income_account or config.defaults.get("income_account"),
        expense_account=item.expense_account or config.defaults.get("expense_account"),
    )


def _trade(record_type: RecordType, trade: Trade, config: Config) -> Document:
    is_due = record_type in DUE
    due = trade.due_date
    if due is None and trade.payment_term is None:  # due at once
        due = trade.date
    is_theirs = record_type in SALES and not config.custom_numbers
    return dataclasses.replace(
        trade,
        number="" if is_theirs else trade.number,
        due_date=due if is_due else None,
        payment_term=trade.payment_term if is_due else None,
        currency=trade.currency or config.home_currency,
        lines=() if trade.is_voided else _lines(record_type, trade, config),
    )


def _lines(record_type: RecordType, trade: Trade, config: Config) -> tuple[Line, ...]:
    return tuple(
        _line(record_type, str(key), line, config) for key, line in enumerate(trade.lines, start=1)
    )


def _line(record_type: RecordType, key: str, line: Line, config: Config) -> Line:
    is_described_only = record_type in SALES and line.item is None and not line.amount
    has_figures = agrees(line) and line.item is not None
    account = line.account or config.defaults.get("expense_account")
    is_by_account = record_type in PURCHASES and line.item is None
    is_taxed = not is_described_only and not (config.is_us and record_type in PURCHASES)
    return dataclasses.replace(
        line,
        key=key,
        description=line.description.strip(),
        quantity=line.quantity if has_figures else Decimal(1),
        unit_price=line.unit_price if has_figures else line.amount,
        account=account if is_by_account else None,
        tax_code=line_tax_code(line, config) if is_taxed else None,
    )


def _payment(payment: Payment, config: Config) -> Document:
    return dataclasses.replace(
        payment,
        amount=Decimal(0) if payment.is_voided else payment.amount,
        currency=payment.currency or config.home_currency,
        deposit_account=payment.deposit_account or config.defaults.get("deposit_account"),
        applications=() if payment.is_voided else _sorted(payment),
    )


def _sorted(payment: Payment) -> tuple[Application, ...]:
    """Their lines have no order of ours."""
    return tuple(sorted(payment.applications, key=lambda each: each.document))
