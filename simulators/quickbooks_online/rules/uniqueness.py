"""Names and document numbers that must be unique."""

from __future__ import annotations

from simulators.quickbooks_online.drafts import Draft
from simulators.quickbooks_online.rules.numbers import uses_custom_numbers

USED_BY = {
    "Customer": "customer, vendor or employee",
    "Vendor": "customer, vendor or employee",
    "Employee": "customer, vendor or employee",
    "Item": "product or service",
}


def check_unique(draft: Draft) -> None:
    _check_name(draft)
    _check_number(draft)


def _check_name(draft: Draft) -> None:
    """Fault 6240: not case-sensitive, inactive ones count (with their marked name)."""
    entity = draft.entity
    name = str(draft.body.get(entity.name_field) or "")
    parent = draft.reference(entity.party_field)
    for type_ in entity.name_shared_with:
        taken = draft.rows.named(type_, name, parent)
        if taken and (type_ != entity.name or taken != draft.id):
            user = USED_BY.get(type_, type_.lower())
            draft.note(
                "6240",
                f"The name supplied already exists. : Another {user} is already using "
                "this name. Please use a different name.",
                entity.name_field,
            )
            return


def _check_number(draft: Draft) -> None:
    """Fault 6140; a bill's number is its vendor's, so there it counts per vendor."""
    entity, number = draft.entity, str(draft.body.get("DocNumber") or "")
    was = draft.before.number if draft.before else ""
    if not entity.number_is_unique or not number or number.casefold() == was:
        return
    is_sale = entity.party == "Customer"
    if draft.allows_duplicate_numbers:
        return
    if is_sale and not uses_custom_numbers(draft.rows):
        return
    party = draft.reference(entity.party_field)
    for id_, other_party in draft.rows.numbered(entity.name, number, draft.id):
        if is_sale or other_party == party:
            draft.note("6140", _taken(number, entity.title, id_), "DocNumber")
            return


def _taken(number: str, title: str, id_: str) -> str:
    return (
        "Duplicate Document Number Error : You must specify a different number. "
        "This number has already been used. "
        f"DocNumber={number} is assigned to TxnType={title} with TxnId={id_}"
    )
