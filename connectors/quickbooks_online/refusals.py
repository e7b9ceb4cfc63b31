"""What QuickBooks would surely refuse, refused here in its words and under its codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import cast

from connectors.documents import Document, Item, Line, Party, Payment, RecordType, Trade
from connectors.interface import Operation, Push, Reason, Rejected
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.entities import PURCHASES, SALES
from connectors.quickbooks_online.lines import line_tax_code, sales_tax_codes
from connectors.quickbooks_online.notes import NOTE_LENGTH, with_marker
from connectors.quickbooks_online.payloads import item_kind, split_name

# field of the neutral document -> most characters
PARTY_LENGTHS = {
    "name": 500,
    "email": 100,
    "phone": 30,
    "address_line1": 500,
    "city": 255,
    "region": 255,
    "postal_code": 31,
    "country": 255,
    "tax_number": 20,
}
ITEM_LENGTHS = {"name": 100, "sku": 100, "description": 4000}
NUMBER_LENGTH = 21
LINE_LENGTH = 4000
NAME_LENGTH = 100
MOST_LINES = 10_000
MOST_TAXABLE_LINES = 750
# "No colon, tab or newline in any name part"; an item's colon would name its parent.
_FORBIDDEN = re.compile(r"[:\t\r\n]")
_EMAIL = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,.]+")
_CENT = Decimal("0.01")
# "Unreasonably large" amounts are refused (2110): eleven digits before the point.
_TOO_LARGE = Decimal(10) ** 11

Refusals = Iterator[Rejected]


def refuse(push: Push, config: Config) -> Rejected | None:
    """The first thing that is wrong; None also for what needs no content."""
    if push.content is None or push.operation not in {Operation.CREATE, Operation.UPDATE}:
        return None
    check = CHECKS[type(push.content)]
    return next(check(push, push.content, config), None)


def _party(push: Push, content: Document, config: Config) -> Refusals:
    party = cast(Party, content)
    yield from _names("name", party.name)
    yield from _lengths(party, PARTY_LENGTHS)
    if party.contact_name.strip():
        yield from _contact(party.contact_name)
    if party.email.strip() and not _EMAIL.fullmatch(party.email.strip()):
        yield _invalid(
            "2210",
            "email",
            f"Email Address does not conform to RFC 822 standards. Supplied value:{party.email}",
        )
    if push.operation is Operation.CREATE:
        yield from _currency(party.currency, config)


def _contact(contact: str) -> Refusals:
    yield from _characters("contact_name", contact)
    longest = max(split_name(contact), key=len)
    if len(longest) > NAME_LENGTH:
        yield _too_long("contact_name", longest, NAME_LENGTH)


def _item(push: Push, content: Document, config: Config) -> Refusals:
    item = cast(Item, content)
    yield from _names("name", item.name)
    yield from _lengths(item, ITEM_LENGTHS)
    yield from _figures("unit_price", item.unit_price)
    yield from _figures("unit_cost", item.unit_cost)
    if not item.income_account and not config.defaults.get("income_account"):
        yield _unmapped("no_income_account", "income_account", "The item has no income account")
    is_inventory = item_kind(item, config) == "inventory"
    needs_expense = is_inventory or bool(item.unit_cost)
    has_expense = bool(item.expense_account or config.defaults.get("expense_account"))
    if needs_expense and not has_expense:
        yield _unmapped(
            "no_expense_account", "expense_account", "The item has a cost, but no expense account"
        )
    if is_inventory and not config.defaults.get("asset_account"):
        yield _unmapped(
            "no_asset_account", "asset_account", "Inventory needs an asset account, and none is set"
        )


def _trade(push: Push, content: Document, config: Config) -> Refusals:
    trade = cast(Trade, content)
    if config.custom_numbers or push.record_type in PURCHASES:
        yield from _number(trade.number)
    yield from _memo(trade.memo, push.marker)
    yield from _currency(trade.currency, config)
    if not trade.lines:
        yield _invalid("2250", "lines", "You must enter at least one split line.")
    yield from _line_count(push.record_type, trade, config)
    for position, line in enumerate(trade.lines, start=1):
        yield from _line(push.record_type, position, line, config)
    yield from _taxes(push.record_type, trade, config)
    if trade.total < 0:
        yield _invalid("6000", "lines", "Transaction amount must be 0 or greater.")


def _line_count(record_type: RecordType, trade: Trade, config: Config) -> Refusals:
    is_taxable = record_type in SALES and any(
        line_tax_code(line, config) not in {None, "NON"} for line in trade.lines
    )
    most = MOST_TAXABLE_LINES if is_taxable else MOST_LINES
    if len(trade.lines) > most:
        yield _invalid("6000", "lines", f"A transaction can have at most {most} lines.")


def _line(record_type: RecordType, position: int, line: Line, config: Config) -> Refusals:
    yield from _figures("lines", line.amount)
    if len(line.description) > LINE_LENGTH:
        yield _too_long("lines", line.description, LINE_LENGTH)
    if line.amount != line.amount.quantize(_CENT):
        yield _invalid("2110", "lines", f"Line {position}: {line.amount} is no amount in cents.")
    if line.item is not None:
        return
    if record_type in SALES and line.amount:
        yield _invalid("6440", "item", f"Line {position} has an amount but no item.")
    if record_type in PURCHASES and not (line.account or config.defaults.get("expense_account")):
        yield _unmapped(
            "no_expense_account",
            "expense_account",
            f"Line {position} has neither an item nor an account",
        )


def _taxes(record_type: RecordType, trade: Trade, config: Config) -> Refusals:
    if config.is_us:
        if record_type in SALES and len(sales_tax_codes(trade)) > 1:
            yield _invalid("6100", "tax_code", "A document can bear one tax code only.")
        return
    codes = [line_tax_code(line, config) for line in trade.lines]
    if any(codes) and not all(codes):
        yield _unmapped(
            "no_untaxed_code",
            "untaxed_code",
            f"Line {codes.index(None) + 1} has no tax code, and other lines have one",
        )


def _payment(push: Push, content: Document, config: Config) -> Refusals:
    payment = cast(Payment, content)
    yield from _number(payment.number)
    yield from _memo(payment.memo, push.marker)
    yield from _currency(payment.currency, config)
    yield from _figures("amount", payment.amount)
    if payment.amount < 0:
        yield _invalid("6000", "amount", "Transaction amount must be 0 or greater.")
    if any(each.amount <= 0 for each in payment.applications):
        yield _invalid("6000", "applications", "An amount applied must be greater than 0.")
    applied = sum((each.amount for each in payment.applications), Decimal(0))
    if applied > payment.amount:
        yield _invalid(
            "6000",
            "applications",
            f"The amounts applied ({applied}) are more than the payment ({payment.amount}).",
        )


def _names(field: str, name: str) -> Refusals:
    if not name.strip():
        yield _invalid("2020", field, "Required parameter Name is missing in the request.")
    yield from _characters(field, name)


def _characters(field: str, text: str) -> Refusals:
    found = _FORBIDDEN.search(text.strip())
    if found:
        word = {":": "a colon", "\t": "a tab"}.get(found[0], "a line break")
        yield _invalid(
            "2040", field, f"A name cannot contain {word} (character {found.start() + 1})."
        )


def _lengths(content: Document, lengths: dict[str, int]) -> Refusals:
    for field, most in lengths.items():
        text = str(getattr(content, field)).strip()
        if len(text) > most:
            yield _too_long(field, text, most)


def _number(number: str) -> Refusals:
    if len(number.strip()) > NUMBER_LENGTH:
        yield _too_long("number", number.strip(), NUMBER_LENGTH)


def _memo(memo: str, marker: str) -> Refusals:
    note = with_marker(memo, marker)
    if len(note) > NOTE_LENGTH:
        yield _too_long("memo", memo.strip(), NOTE_LENGTH - len(note) + len(memo.strip()))


def _currency(currency: str, config: Config) -> Refusals:
    if not config.multi_currency and currency not in {"", config.home_currency}:
        yield _invalid(
            "2220",
            "currency",
            f"Invalid Currency Type : the company keeps its books in {config.home_currency} only, "
            f"not in {currency}.",
        )


def _figures(field: str, value: Decimal | None) -> Refusals:
    if value is not None and abs(value) >= _TOO_LARGE:
        yield _invalid("2110", field, f"Invalid Decimal. Supplied value:{value}")


def _too_long(field: str, text: str, most: int) -> Rejected:
    return _invalid(
        "2050",
        field,
        "String length specified does not match the supported length. "
        f"Min:0 Max:{most} supported. Supplied length:{len(text)}",
    )


def _invalid(code: str, field: str, message: str) -> Rejected:
    return Rejected(Reason.VALIDATION, code, message, field=field)


def _unmapped(code: str, role: str, message: str) -> Rejected:
    return Rejected(
        Reason.MAPPING, code, f"{message}, and the connection has no default.", field=role
    )


CHECKS: dict[type[Document], Callable[[Push, Document, Config], Refusals]] = {
    Party: _party,
    Item: _item,
    Trade: _trade,
    Payment: _payment,
}
