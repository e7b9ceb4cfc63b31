"""QuickBooks' objects as neutral documents: one parser for answers, look-ups and the feed."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from connectors.documents import (
    Account,
    Document,
    Item,
    Party,
    PaymentMethod,
    PaymentTerm,
    RecordType,
    TaxCode,
)
from connectors.interface import Remote
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.fields import at, currency, number, optional, reference, text
from connectors.quickbooks_online.jsontext import Json
from connectors.quickbooks_online.notes import without_marker, without_voided
from connectors.quickbooks_online.transactions import payment, trade

ACCOUNT_KINDS = {
    "Income": "income",
    "Other Income": "other_income",
    "Cost of Goods Sold": "cost_of_goods_sold",
    "Expense": "expense",
    "Other Expense": "other_expense",
    "Bank": "bank",
    "Accounts Receivable": "receivable",
    "Accounts Payable": "payable",
    "Credit Card": "credit_card",
    "Other Current Asset": "other_asset",
    "Fixed Asset": "other_asset",
    "Other Asset": "other_asset",
    "Other Current Liability": "other_liability",
    "Long Term Liability": "other_liability",
    "Equity": "equity",
}
ITEM_KINDS = {"Inventory": "inventory", "Service": "service"}
# What QuickBooks appends to the name of what it makes inactive.
_INACTIVE_NAME = re.compile(r" \(deleted(?: \d+)?\)(?: \d+)?\Z")
# Tax numbers come back masked ("XXXXXX6789"): that is no number to import.
_MASKED = re.compile(r"X{2,}|\*{2,}", re.IGNORECASE)


def parse(record_type: RecordType, body: Json, config: Config) -> Remote:
    """Tolerates what it does not know and what is absent; an object always has Id and SyncToken."""
    content = PARSERS[record_type](record_type, body, config)
    note = str(body.get("PrivateNote") or body.get("Notes") or "")
    return Remote(
        record_type=record_type,
        external_id=str(body["Id"]),
        version=str(body.get("SyncToken", "")),
        content=content,
        label=_label(content, body),
        marker=without_marker(without_voided(note))[1] or without_marker(note)[1],
        balance=_balance(record_type, body),
        total=_net_total(body) if "TotalAmt" in body else None,
        changed_at=_changed_at(body),
    )


def _changed_at(body: Json) -> datetime.datetime | None:
    """None for what has no time, or none that can be read."""
    written = str((body.get("MetaData") or {}).get("LastUpdatedTime") or "")
    try:
        changed = datetime.datetime.fromisoformat(written)
    except ValueError:
        return None
    return changed if changed.tzinfo else changed.replace(tzinfo=datetime.UTC)


def _label(content: Document, body: Json) -> str:
    label = getattr(content, "name", "") or getattr(content, "number", "")
    return str(label or body["Id"])


def _balance(record_type: RecordType, body: Json) -> Decimal | None:
    """What is open: of a party, of a document (their tax included), of a credit."""
    if record_type in {RecordType.ACCOUNT, RecordType.PAYMENT}:
        return None
    value = body.get("RemainingCredit", body.get("Balance"))
    return None if value is None else number(value)


def _net_total(body: Json) -> Decimal:
    """Their total without the tax that they add: comparable with the sum of our lines."""
    tax = at(body, "TxnTaxDetail", "TotalTax")
    is_inclusive = body.get("GlobalTaxCalculation") == "TaxInclusive"
    return number(body["TotalAmt"]) - (Decimal(0) if is_inclusive else number(tax))


def _is_active(body: Json) -> bool:
    return body.get("Active", True) is not False


def _name(body: Json, field: str) -> str:
    name = text(body, field)
    return name if _is_active(body) else _INACTIVE_NAME.sub("", name)


def _account(record_type: RecordType, body: Json, config: Config) -> Document:
    return Account(
        name=_name(body, "FullyQualifiedName") or _name(body, "Name"),
        kind=ACCOUNT_KINDS.get(text(body, "AccountType"), "expense"),
        detail_kind=text(body, "AccountSubType"),
        number=text(body, "AcctNum"),
        currency=currency(body, config),
        is_active=_is_active(body),
    )


def _tax_code(record_type: RecordType, body: Json, config: Config) -> Document:
    """The rate is in objects of its own: `reading.py` adds it."""
    return TaxCode(
        name=_name(body, "Name"),
        description=text(body, "Description"),
        is_taxable=body.get("Taxable", True) is not False,
        is_active=_is_active(body) and body.get("Hidden") is not True,
    )


def _payment_term(record_type: RecordType, body: Json, config: Config) -> Document:
    days = body.get("DueDays")  # absent: due on a day of the month
    return PaymentTerm(
        name=_name(body, "Name"),
        due_days=None if days is None else int(days),
        is_active=_is_active(body),
    )


def _payment_method(record_type: RecordType, body: Json, config: Config) -> Document:
    return PaymentMethod(name=_name(body, "Name"), is_active=_is_active(body))


def _party(record_type: RecordType, body: Json, config: Config) -> Document:
    is_customer = record_type is RecordType.CUSTOMER
    names = (text(body, part) for part in ("GivenName", "MiddleName", "FamilyName"))
    streets = (text(body, "BillAddr", f"Line{line}") for line in range(1, 6))
    tax_number = text(body, "PrimaryTaxIdentifier" if is_customer else "TaxIdentifier")
    return Party(
        name=_name(body, "DisplayName"),
        contact_name=" ".join(name for name in names if name),
        email=text(body, "PrimaryEmailAddr", "Address"),
        phone=text(body, "PrimaryPhone", "FreeFormNumber"),
        address_line1=", ".join(street for street in streets if street),
        city=text(body, "BillAddr", "City"),
        region=text(body, "BillAddr", "CountrySubDivisionCode"),
        postal_code=text(body, "BillAddr", "PostalCode"),
        country=text(body, "BillAddr", "Country"),
        currency=currency(body, config),
        tax_number="" if _MASKED.match(tax_number) else tax_number,
        payment_term=reference(body, "SalesTermRef" if is_customer else "TermRef"),
        is_active=_is_active(body),
    )


def _item(record_type: RecordType, body: Json, config: Config) -> Document:
    return Item(
        name=_name(body, "Name"),
        sku=text(body, "Sku"),
        description=text(body, "Description"),
        kind=ITEM_KINDS.get(text(body, "Type"), "non_inventory"),
        unit_price=optional(body.get("UnitPrice")),
        unit_cost=optional(body.get("PurchaseCost")),
        income_account=reference(body, "IncomeAccountRef"),
        expense_account=reference(body, "ExpenseAccountRef"),
        is_active=_is_active(body),
    )


PARSERS: Mapping[RecordType, Callable[[RecordType, Json, Config], Document]] = {
    RecordType.ACCOUNT: _account,
    RecordType.TAX_CODE: _tax_code,
    RecordType.PAYMENT_TERM: _payment_term,
    RecordType.PAYMENT_METHOD: _payment_method,
    RecordType.CUSTOMER: _party,
    RecordType.VENDOR: _party,
    RecordType.ITEM: _item,
    RecordType.INVOICE: trade,
    RecordType.CREDIT_MEMO: trade,
    RecordType.BILL: trade,
    RecordType.VENDOR_CREDIT: trade,
    RecordType.PAYMENT: payment,
}
