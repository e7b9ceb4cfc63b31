"""Tryton's rows as neutral documents: one parser for answers, look-ups and changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

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
from connectors.tryton import stamps
from connectors.tryton.config import Config
from connectors.tryton.documents import payment, trade
from connectors.tryton.markers import marker_in
from connectors.tryton.stamps import Stamp
from connectors.tryton.values import Json, number, reference, rows_of, text

# Parties that bear one of these categories, in the singular or the plural, are vendors.
_VENDOR_WORDS = ("vendor", "supplier")
_CUSTOMER_WORDS = ("customer", "client")
# The kind of a contact mechanism -> the letter of its stamp.
MECHANISMS = {"email": "E", "phone": "F", "mobile": "F", "other": "C"}


def parse(record_type: RecordType, row: Json, config: Config) -> Remote | None:
    """None for what this type does not hold: a vendor among customers, a credit among invoices,
    or a document that was taken back altogether."""
    found = PARSERS[record_type](record_type, row, config)
    return replace(found, label=found.external_id) if found and not found.label else found


def is_role(record_type: RecordType, row: Json) -> bool:
    """Whether a party is a customer, or a vendor. Tryton does not tell them apart: our marker
    does, then its categories; one that bears neither is a customer."""
    marker = marker_in(text(row, "code"))
    if marker:
        return marker.split(":")[2] == record_type
    names = [text(category, "name").casefold() for category in rows_of(row, "categories")]
    is_vendor = any(name.startswith(_VENDOR_WORDS) for name in names)
    is_customer = any(name.startswith(_CUSTOMER_WORDS) for name in names) or not is_vendor
    return is_customer if record_type is RecordType.CUSTOMER else is_vendor


def _simple(record_type: RecordType, row: Json, content: Document) -> Remote:
    return Remote(
        record_type=record_type,
        external_id=str(row["id"]),
        version=stamps.pack({"V": Stamp(row["id"], str(row["_timestamp"]))}),
        content=content,
        label=str(getattr(content, "name", "")),
    )


def _account(record_type: RecordType, row: Json, config: Config) -> Remote:
    content = Account(
        name=text(row, "name"),
        kind=_account_kind(rows_of(row, "type")[0]),
        detail_kind=text(rows_of(row, "type")[0], "name")[:80],
        number=text(row, "code"),
        currency=config.home_currency,
        is_active=not row.get("closed"),
    )
    return _simple(record_type, row, content)


def _account_kind(kind: Json) -> str:
    """Flags where there are some; else the statement it stands in, and the words of its type."""
    name = text(kind, "name").casefold()
    for flag, found in (("receivable", "receivable"), ("payable", "payable")):
        if kind.get(flag):
            return found
    if kind.get("revenue"):
        return "income"
    if kind.get("statement") == "income":
        return "cost_of_goods_sold" if "cost of" in name else "expense"
    if kind.get("assets"):
        return "bank" if "cash" in name or "bank" in name else "other_asset"
    return "equity" if "equity" in name or "capital" in name else "other_liability"


def _tax_code(record_type: RecordType, row: Json, config: Config) -> Remote:
    rate = row.get("rate")
    content = TaxCode(
        name=text(row, "name"),
        description=text(row, "description")[:200],
        rate=None if rate is None else number(rate) * 100,
        is_active=bool(row.get("active", True)),
    )
    return _simple(record_type, row, content)


def _payment_term(record_type: RecordType, row: Json, config: Config) -> Remote:
    content = PaymentTerm(
        name=text(row, "name"), due_days=_due_days(row), is_active=bool(row.get("active", True))
    )
    return _simple(record_type, row, content)


def _due_days(row: Json) -> int | None:
    """None unless everything is due so many days after the date."""
    lines = rows_of(row, "lines")
    if len(lines) != 1:
        return None
    days = 0
    for delta in rows_of(lines[0], "relativedeltas"):
        if delta.get("months") or delta.get("day"):
            return None
        days += int(delta.get("days") or 0) + 7 * int(delta.get("weeks") or 0)
    return days


def _payment_method(record_type: RecordType, row: Json, config: Config) -> Remote:
    name, is_active = text(row, "name"), bool(row.get("active", True))
    return _simple(record_type, row, PaymentMethod(name=name, is_active=is_active))


def _party(record_type: RecordType, row: Json, config: Config) -> Remote:
    is_customer = record_type is RecordType.CUSTOMER
    address = next(iter(rows_of(row, "addresses")), {})
    ways = dict(_ways(row))
    identifier = next(iter(rows_of(row, "identifiers")), {})
    content = Party(
        name=text(row, "name"),
        contact_name=text(ways.get("C", {}), "value"),
        email=text(ways.get("E", {}), "value"),
        phone=text(ways.get("F", {}), "value"),
        address_line1=", ".join(text(address, "street").splitlines()),
        city=text(address, "city"),
        postal_code=text(address, "postal_code"),
        country=config.country_names.get(str(address.get("country")), ""),
        currency=config.home_currency,
        tax_number=text(identifier, "code"),
        payment_term=reference(
            row.get("customer_payment_term" if is_customer else "supplier_payment_term")
        ),
        is_active=bool(row.get("active", True)),
    )
    parts = {"P": row, "A": address, "T": identifier, **ways}
    return Remote(
        record_type=record_type,
        external_id=str(row["id"]),
        version=stamps.pack(
            {
                letter: Stamp(part["id"], str(part["_timestamp"]))
                for letter, part in parts.items()
                if part
            }
        ),
        content=content,
        label=content.name,
        marker=marker_in(text(row, "code")),
        balance=number(row.get("receivable")) if is_customer else number(row.get("payable")),
    )


def _ways(row: Json) -> list[tuple[str, Json]]:
    """The first contact mechanism of each kind that we use, the last one first."""
    ways = rows_of(row, "contact_mechanisms")
    return [
        (MECHANISMS[way["type"]], way) for way in reversed(ways) if way.get("type") in MECHANISMS
    ]


def _item(record_type: RecordType, row: Json, config: Config) -> Remote:
    template = rows_of(row, "template")[0]
    category = next(
        (one for one in config.categories if one["id"] == template.get("account_category")), {}
    )
    markers = [marker_in(text(each, "code")) for each in rows_of(row, "identifiers")]
    content = Item(
        name=text(template, "name"),
        sku=text(row, "code"),
        description=text(row, "description"),
        kind="service" if template.get("type") == "service" else "non_inventory",
        unit_price=number(template.get("list_price")),
        unit_cost=number(row.get("cost_price")),
        income_account=reference(category.get("revenue")),
        expense_account=reference(category.get("expense")),
        is_active=bool(row.get("active", True)) and bool(template.get("active", True)),
    )
    return Remote(
        record_type=record_type,
        external_id=str(row["id"]),
        version=stamps.pack(
            {
                "V": Stamp(row["id"], str(row["_timestamp"])),
                "T": Stamp(template["id"], str(template["_timestamp"])),
            }
        ),
        content=content,
        label=content.name,
        marker=next(filter(None, markers), ""),
    )


PARSERS: Mapping[RecordType, Callable[[RecordType, Json, Config], Remote | None]] = {
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
