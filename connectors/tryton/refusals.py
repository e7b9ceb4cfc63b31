"""What Tryton would surely refuse, or would take although it is wrong, refused here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from connectors.documents import Item, Party, Payment, RecordType, Trade
from connectors.interface import Operation, Push, Reason, Rejected
from connectors.tryton.config import Config
from connectors.tryton.models import SALES
from connectors.tryton.names import category_of

_EMAIL = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,.]+")
_CENT = Decimal("0.01")
NAME_LENGTH = 500
POSTED_PAYMENT = Rejected(
    Reason.VALIDATION,
    "posted_payment",
    "A payment that is posted in Tryton cannot be changed from here. Cancel its move in Tryton "
    "(Financial, Entries, Account Moves: Cancel), and enter a new payment here.",
)
Refusals = Iterator[Rejected]


def refuse(push: Push, config: Config) -> Rejected | None:
    """The first thing that is wrong; None also for what needs no content."""
    content = push.content
    if isinstance(content, Payment) and push.operation in {Operation.UPDATE, Operation.VOID}:
        return POSTED_PAYMENT
    if content is None or push.operation is Operation.VOID:
        return None
    if isinstance(content, Party):
        return next(_party(content), None)
    if isinstance(content, Item):
        return next(_item(content, config), None)
    if isinstance(content, Trade) and not content.is_voided:
        return next(_trade(push.record_type, content, config), None)
    if isinstance(content, Payment):
        return next(_payment(content, config), None)
    return None


def _party(party: Party) -> Refusals:
    if not party.name.strip():
        yield _invalid("no_name", "name", "A party needs a name.")
    if len(party.name) > NAME_LENGTH:
        yield _invalid("too_long", "name", f"A name has at most {NAME_LENGTH} characters.")
    if party.email.strip() and not _EMAIL.fullmatch(party.email.strip()):
        yield _invalid("email", "email", f"“{party.email}” is no e-mail address.")


def _item(item: Item, config: Config) -> Refusals:
    if not item.name.strip():
        yield _invalid("no_name", "name", "A product needs a name.")
    if category_of(item, config) is None:
        yield _invalid(
            "no_account_category",
            "income_account",
            "Tryton has no account category with a revenue account. Create one there (Products, "
            "Categories, with “Accounting” ticked), then run the check-up of the connection.",
        )


def _trade(record_type: RecordType, trade: Trade, config: Config) -> Refusals:
    yield from _currency(trade.currency, config)
    if not trade.lines:
        yield _invalid("no_lines", "lines", "A document needs at least one line.")
    role = "income_account" if record_type in SALES else "expense_account"
    for position, line in enumerate(trade.lines, start=1):
        if line.amount != line.amount.quantize(_CENT):
            yield _invalid("amount", "lines", f"Line {position}: {line.amount} has no whole cents.")
        if line.item is None and not (line.account or config.defaults.get(role)):
            yield Rejected(
                Reason.MAPPING,
                f"no_{role}",
                f"Line {position} has neither an item nor an account, and the connection has no "
                "default.",
                field=role,
            )


def _payment(payment: Payment, config: Config) -> Refusals:
    if payment.currency not in {"", config.home_currency}:
        yield _invalid(
            "currency", "currency", f"Payments are exported in {config.home_currency} only."
        )
    if payment.amount <= 0:
        yield _invalid("amount", "amount", "The amount of a payment must be more than 0.")
    if any(each.amount <= 0 for each in payment.applications):
        yield _invalid("applied", "applications", "An amount applied must be more than 0.")
    applied = sum((each.amount for each in payment.applications), Decimal(0))
    if applied > payment.amount:
        yield _invalid(
            "applied",
            "applications",
            f"The amounts applied ({applied}) are more than the payment ({payment.amount}).",
        )
    if not (payment.deposit_account or payment.method or config.defaults.get("deposit_account")):
        yield Rejected(
            Reason.MAPPING,
            "no_deposit_account",
            "The payment has no deposit account, and the connection has no default.",
            field="deposit_account",
        )


def _currency(currency: str, config: Config) -> Refusals:
    if (currency or config.home_currency) not in config.currencies:
        yield _invalid(
            "currency",
            "currency",
            f"Tryton does not know the currency {currency}. Create it there.",
        )


def _invalid(code: str, field: str, message: str) -> Rejected:
    return Rejected(Reason.VALIDATION, code, message, field=field)
