"""Neutral documents as QuickBooks' JSON: whole for a create, the changed parts for an update."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from connectors.documents import Document, Item, Party, Payment, RecordType, Trade
from connectors.interface import Operation, Push
from connectors.quickbooks_online import lines
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.entities import DUE, ENTITIES, PURCHASES, SALES
from connectors.quickbooks_online.jsontext import Json
from connectors.quickbooks_online.notes import with_marker

# Field of the neutral document -> the properties that carry it. An empty text or None clears.
Parts = dict[str, Json]
ITEM_TYPES = {"inventory": "Inventory", "non_inventory": "NonInventory", "service": "Service"}
ADDRESS_FIELDS = ("address_line1", "city", "region", "postal_code", "country")


def item_of_batch(push: Push, config: Config) -> Json:
    """One entry of BatchItemRequest."""
    entity = ENTITIES[push.record_type]
    operation, options, body = _operation(push, config)
    head: Json = {"bId": push.id, "operation": operation}
    if options:
        head["optionsData"] = options
    return {**head, entity.name: body}


def _operation(push: Push, config: Config) -> tuple[str, str, Json]:
    """Void where QuickBooks can, else delete; names are never deleted but deactivated."""
    entity = ENTITIES[push.record_type]
    if push.operation is Operation.CREATE:
        return "create", "", created(push, config)
    version = _version(push)
    if push.operation is Operation.UPDATE:
        return "update", "", {**version, "sparse": True, **changed(push, config)}
    if entity.has_active:
        return "update", "", {**version, "sparse": True, "Active": False}
    if push.operation is Operation.VOID and entity.can_void:
        return "update", "void", {**version, "sparse": True}
    return "delete", "", version


def _version(push: Push) -> Json:
    if push.link is None:
        raise ValueError(f"{push.operation} of {push.label!r} needs its link")
    return {"Id": push.link.external_id, "SyncToken": push.link.version}


def created(push: Push, config: Config) -> Json:
    """Everything that is not empty: absent and empty are the same on a create."""
    parts = parts_of(push, config)
    body = {name: value for part in parts.values() for name, value in part.items()}
    if body.get("Active") is True:  # what is new is active by itself
        del body["Active"]
    if push.record_type in {RecordType.CUSTOMER, RecordType.VENDOR} and push.marker:
        body["Notes"] = push.marker
    return {name: value for name, value in body.items() if not _is_empty(value)}


def changed(push: Push, config: Config) -> Json:
    """The properties of `push.changed` (empty: of all fields)."""
    parts = parts_of(push, config)
    fields = set(push.changed) or set(parts)
    if "is_active" in fields:  # QuickBooks renamed it when it was made inactive
        fields |= {"name"} & set(parts)
    if fields & {"amount", "applications"}:  # one is refused without the other
        fields |= {"amount", "applications"} & set(parts)
    body = {
        name: value for field in parts if field in fields for name, value in parts[field].items()
    }
    return {**_always(push, config), **body}


def _always(push: Push, config: Config) -> Json:
    """What even a sparse update must repeat: the vendor of a purchase (2020 without it), and the
    kind of tax calculation outside the US."""
    if push.record_type in PURCHASES:
        agreed = push.link.theirs if push.link else None
        party = cast(Trade, agreed or push.content).party
        return {"VendorRef": lines.reference(party), **lines.tax_calculation(push, config)}
    return lines.tax_calculation(push, config) if push.record_type in SALES else {}


def parts_of(push: Push, config: Config) -> Parts:
    if push.content is None:
        raise ValueError(f"{push.operation} of {push.label!r} needs its content")
    return BUILDERS[push.record_type](push, push.content, config)


def _party(push: Push, content: Document, config: Config) -> Parts:
    party = cast(Party, content)
    is_customer = push.record_type is RecordType.CUSTOMER
    given, family = split_name(party.contact_name)
    terms = "SalesTermRef" if is_customer else "TermRef"
    tax_number = "PrimaryTaxIdentifier" if is_customer else "TaxIdentifier"
    parts: Parts = {
        "name": {"DisplayName": party.name.strip()},
        "contact_name": {"GivenName": given, "FamilyName": family},
        "email": {"PrimaryEmailAddr": {"Address": party.email.strip()}},
        "phone": {"PrimaryPhone": {"FreeFormNumber": party.phone.strip()}},
        "tax_number": {tax_number: party.tax_number.strip()},
        "payment_term": {terms: lines.reference(party.payment_term)},
        "is_active": {"Active": party.is_active},
    }
    # An address is replaced as a whole, so each of its fields sends all of it.
    address: Json = {"BillAddr": _address(party)}
    parts |= dict.fromkeys(ADDRESS_FIELDS, address)
    if push.operation is Operation.CREATE:  # a party's currency cannot be changed (2220)
        parts["currency"] = _currency(party.currency, config)
    return parts


def _address(party: Party) -> Json:
    return {
        "Line1": party.address_line1.strip(),
        "City": party.city.strip(),
        "CountrySubDivisionCode": party.region.strip(),
        "PostalCode": party.postal_code.strip(),
        "Country": party.country.strip(),
    }


def split_name(contact: str) -> tuple[str, str]:
    """Given and family name; the two joined by a blank are the contact again."""
    given, _, family = contact.strip().rpartition(" ")
    return (given.strip(), family) if given else (family, "")


def _item(push: Push, content: Document, config: Config) -> Parts:
    item = cast(Item, content)
    defaults = config.defaults
    return {
        "name": {"Name": item.name.strip()},
        "sku": {"Sku": item.sku.strip()},
        "description": {"Description": item.description.strip()},
        "kind": _kind(item, config),
        "unit_price": {"UnitPrice": item.unit_price},
        "unit_cost": {"PurchaseCost": item.unit_cost},
        "income_account": {
            "IncomeAccountRef": lines.reference(
                item.income_account or defaults.get("income_account")
            )
        },
        "expense_account": {
            "ExpenseAccountRef": lines.reference(
                item.expense_account or defaults.get("expense_account")
            )
        },
        "is_active": {"Active": item.is_active},
    }


def item_kind(item: Item, config: Config) -> str:
    """Without valued inventory an inventory item is a non-inventory one over there."""
    is_valued = config.values_inventory or item.kind != "inventory"
    return item.kind if is_valued else "non_inventory"


def _kind(item: Item, config: Config) -> Json:
    kind = item_kind(item, config)
    if kind != "inventory":
        return {"Type": ITEM_TYPES[kind]}
    return {
        "Type": "Inventory",
        "TrackQtyOnHand": True,
        "QtyOnHand": 0,
        "InvStartDate": config.inventory_start.isoformat(),
        "AssetAccountRef": lines.reference(config.defaults.get("asset_account")),
    }


def _trade(push: Push, content: Document, config: Config) -> Parts:
    trade = cast(Trade, content)
    entity = ENTITIES[push.record_type]
    parts: Parts = {
        "party": {entity.party: lines.reference(trade.party)},
        "date": {"TxnDate": trade.date.isoformat()},
        "currency": _currency(trade.currency, config),
        "memo": {"PrivateNote": with_marker(trade.memo, push.marker)},
        "lines": lines.of_trade(push.record_type, trade, config),
    }
    if config.custom_numbers or push.record_type in PURCHASES:
        parts["number"] = {"DocNumber": trade.number.strip()}
    if push.record_type in DUE:
        due = trade.due_date.isoformat() if trade.due_date else None
        parts["due_date"] = {"DueDate": due}
        parts["payment_term"] = {"SalesTermRef": lines.reference(trade.payment_term)}
    if push.operation is Operation.CREATE:
        parts["tax"] = lines.tax_calculation(push, config)
    return parts


def _payment(push: Push, content: Document, config: Config) -> Parts:
    payment = cast(Payment, content)
    account = payment.deposit_account or config.defaults.get("deposit_account")
    return {
        "number": {"PaymentRefNum": payment.number.strip()},
        "party": {"CustomerRef": lines.reference(payment.party)},
        "date": {"TxnDate": payment.date.isoformat()},
        "amount": {"TotalAmt": payment.amount},
        "currency": _currency(payment.currency, config),
        "method": {"PaymentMethodRef": lines.reference(payment.method)},
        "deposit_account": {"DepositToAccountRef": lines.reference(account)},
        "memo": {"PrivateNote": with_marker(payment.memo, push.marker)},
        # All or none: QuickBooks replaces the set.
        "applications": {"Line": [lines.application(each) for each in payment.applications]},
    }


def _currency(code: str, config: Config) -> Json:
    """Only a company with several currencies wants to hear which, and then always."""
    if not config.multi_currency:
        return {}
    return {"CurrencyRef": lines.reference(code or config.home_currency)}


def _is_empty(value: object) -> bool:
    if isinstance(value, dict):
        return all(_is_empty(part) for part in value.values())
    return value is None or value == "" or value == []


BUILDERS: Mapping[RecordType, Callable[[Push, Document, Config], Parts]] = {
    RecordType.CUSTOMER: _party,
    RecordType.VENDOR: _party,
    RecordType.ITEM: _item,
    RecordType.INVOICE: _trade,
    RecordType.CREDIT_MEMO: _trade,
    RecordType.BILL: _trade,
    RecordType.VENDOR_CREDIT: _trade,
    RecordType.PAYMENT: _payment,
}
