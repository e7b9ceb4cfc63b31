"""Names of inactive objects: marked as deleted, which frees the name."""

from __future__ import annotations

from simulators.quickbooks_online.drafts import Draft
from simulators.quickbooks_online.money import amount
from simulators.quickbooks_online.rows import INACTIVE

SUFFIX = " (deleted)"


def mark_active(draft: Draft) -> None:
    """Append " (deleted)" when an object goes inactive, take it off when it returns."""
    draft.default("Active", True)
    field = draft.entity.name_field
    name = str(draft.body.get(field) or "")
    if not draft.body["Active"]:
        _refuse_open_balance(draft)
        draft.body[field] = name if SUFFIX in name else _free(draft, name + SUFFIX)
    elif draft.before and draft.before.state == INACTIVE:
        draft.body[field] = name.partition(SUFFIX)[0]


def _refuse_open_balance(draft: Draft) -> None:
    before = draft.before
    if before and draft.entity.has_live_balance and before.open_cents:
        balance = amount(before.open_cents)
        draft.note("6220", f"{before.name} has a balance of {balance}", "Active")


def _free(draft: Draft, name: str) -> str:
    """The name, with a number if another inactive object has it already."""
    tried, number = name, 1
    while any(
        draft.rows.named(type_, tried, draft.reference(draft.entity.party_field))
        for type_ in draft.entity.name_shared_with
    ):
        number += 1
        tried = f"{name} {number}"
    return tried
