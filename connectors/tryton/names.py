"""Our parties and items as the values that Tryton's create and write take. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, cast

from connectors.documents import Item, Party, RecordType
from connectors.interface import Operation, Push
from connectors.tryton.config import Config
from connectors.tryton.lines import PRICE
from connectors.tryton.models import PARTIES
from connectors.tryton.stamps import Stamp
from connectors.tryton.values import Json, id_of

# field of the document -> letter, kind of contact mechanism
WAYS = {"email": ("E", "email"), "phone": ("F", "phone"), "contact_name": ("C", "other")}
ADDRESS = {"address_line1": "street", "city": "city", "postal_code": "postal_code"}


def new_values(push: Push, config: Config) -> Json:
    """What `create` is given."""
    return _party(push, config) if push.record_type in PARTIES else _item(push, config)


def changed_values(push: Push, parts: dict[str, Stamp], config: Config) -> Json:
    """What `write` is given for a party or (on the template) for an item."""
    if push.content is None or push.operation is Operation.DELETE:
        return _inactive(push, parts)
    if isinstance(push.content, Party):
        return _changed_party(push, push.content, parts, config)
    return _changed_item(push, cast(Item, push.content), parts, config)


def _party(push: Push, config: Config) -> Json:
    party = cast(Party, push.content)
    ways = [
        {"type": kind, "value": value}
        for field, (_letter, kind) in WAYS.items()
        if (value := str(getattr(party, field)).strip())
    ]
    values: Json = {
        "name": party.name.strip(),
        "active": party.is_active,
        "addresses": [["create", [_address(party, config)]]],
        _term_field(push): id_of(party.payment_term),
    }
    if push.marker:
        values["code"] = push.marker
    if ways:
        values["contact_mechanisms"] = [["create", ways]]
    if party.tax_number.strip():
        values["identifiers"] = [["create", [{"code": party.tax_number.strip()}]]]
    return values


def _changed_party(push: Push, party: Party, parts: dict[str, Stamp], config: Config) -> Json:
    values: Json = {}
    if _has(push, "name"):
        values["name"] = party.name.strip()
    if _has(push, "is_active"):
        values["active"] = party.is_active
    if _has(push, "payment_term"):
        values[_term_field(push)] = id_of(party.payment_term)
    if any(_has(push, field) for field in (*ADDRESS, "country")):
        values["addresses"] = [_one(parts.get("A"), _address(party, config, push))]
    ways = list(_changed_ways(push, party, parts))
    if ways:
        values["contact_mechanisms"] = ways
    if _has(push, "tax_number"):
        way = _replaced(parts.get("T"), {"code": party.tax_number.strip()}, "code")
        if way:
            values["identifiers"] = [way]
    return values


def _changed_ways(push: Push, party: Party, parts: dict[str, Stamp]) -> Iterator[list[Any]]:
    for field, (letter, kind) in WAYS.items():
        if _has(push, field):
            value = str(getattr(party, field)).strip()
            command = _replaced(parts.get(letter), {"type": kind, "value": value}, "value")
            if command:
                yield command


def _replaced(known: Stamp | None, values: Json, field: str) -> list[Any] | None:
    """Change, add or remove one of several; None when there is nothing to do."""
    if not values[field]:
        return ["delete", [known.id]] if known else None
    return _one(known, values)


def _one(known: Stamp | None, values: Json) -> list[Any]:
    return ["write", [known.id], values] if known else ["create", [values]]


def _address(party: Party, config: Config, push: Push | None = None) -> Json:
    """All of it, or what changed."""
    values = {
        theirs: str(getattr(party, ours)).strip()
        for ours, theirs in ADDRESS.items()
        if push is None or _has(push, ours)
    }
    found: Json = dict(values)
    if push is None or _has(push, "country"):
        found["country"] = config.countries.get(party.country.strip().casefold())
    return found


def _term_field(push: Push) -> str:
    is_customer = push.record_type is RecordType.CUSTOMER
    return "customer_payment_term" if is_customer else "supplier_payment_term"


def _inactive(push: Push, parts: dict[str, Stamp]) -> Json:
    if push.record_type is RecordType.ITEM and "V" in parts:
        return {"active": False, "products": [["write", [parts["V"].id], {"active": False}]]}
    return {"active": False}


def category_of(item: Item, config: Config) -> int | None:
    """The account category that books an item as it should be; the first that fits best."""
    income = item.income_account or config.defaults.get("income_account")
    expense = item.expense_account or config.defaults.get("expense_account")

    def fit(one: Any) -> tuple[bool, bool]:
        return str(one["revenue"]) == income, str(one["expense"]) == expense

    usable = [one for one in config.categories if one["revenue"]]
    best = max(usable, key=fit, default=None)
    return None if best is None else int(best["id"])


def _item(push: Push, config: Config) -> Json:
    item = cast(Item, push.content)
    variant = _variant(item)
    variant["active"] = item.is_active
    if push.marker:
        variant["identifiers"] = [["create", [{"code": push.marker}]]]
    return {
        **_template(item, config),
        "default_uom": config.unit,
        "products": [["create", [variant]]],
    }


def _template(item: Item, config: Config) -> Json:
    return {
        "name": item.name.strip(),
        "type": "service" if item.kind == "service" else "goods",
        "list_price": _price(item.unit_price),
        "account_category": category_of(item, config),
    }


def _variant(item: Item) -> Json:
    return {
        "suffix_code": item.sku.strip() or None,
        "description": item.description.strip(),
        "cost_price": _price(item.unit_cost),
    }


def _changed_item(push: Push, item: Item, parts: dict[str, Stamp], config: Config) -> Json:
    ours = {"name": "name", "kind": "type", "unit_price": "list_price"}
    template, variant = _template(item, config), _variant(item)
    values: Json = {theirs: template[theirs] for field, theirs in ours.items() if _has(push, field)}
    if _has(push, "income_account") or _has(push, "expense_account"):
        values["account_category"] = template["account_category"]
    of_variant = {"sku": "suffix_code", "description": "description", "unit_cost": "cost_price"}
    inner: Json = {
        theirs: variant[theirs] for field, theirs in of_variant.items() if _has(push, field)
    }
    if _has(push, "is_active"):
        values["active"] = inner["active"] = item.is_active
    if inner:
        values["products"] = [["write", [parts["V"].id], inner]]
    return values


def _has(push: Push, field: str) -> bool:
    return not push.changed or field in push.changed


def _price(value: Decimal | None) -> Decimal:
    return (value or Decimal(0)).quantize(PRICE)
