"""Products and services: what each type needs, and what it may not have."""

from __future__ import annotations

from simulators.quickbooks_online.drafts import Draft
from simulators.quickbooks_online.refusal import unsupported
from simulators.quickbooks_online.rules.active import mark_active
from simulators.quickbooks_online.rules.levels import qualify

LEVELS = 5
INVENTORY_ONLY = (
    "QtyOnHand",
    "InvStartDate",
    "AssetAccountRef",
    "ReorderPoint",
    "TrackQtyOnHand",
)
INVENTORY_NEEDS = (
    "TrackQtyOnHand",
    "QtyOnHand",
    "InvStartDate",
    "AssetAccountRef",
    "IncomeAccountRef",
    "ExpenseAccountRef",
)


def prepare_item(draft: Draft) -> None:
    draft.require("Type")
    draft.settle()
    TYPE_RULES[draft.body["Type"]](draft)
    _keep_inventory(draft)
    mark_active(draft)
    qualify(draft, deepest=LEVELS)
    if draft.body["Type"] != "Category":
        draft.default("Taxable", False)
        draft.default("UnitPrice", 0)
        draft.default("PurchaseCost", 0)
        draft.default("TrackQtyOnHand", False)


def _sold(draft: Draft) -> None:
    draft.require("IncomeAccountRef")
    draft.problems += [unsupported(name) for name in INVENTORY_ONLY if draft.body.get(name)]


def _inventory(draft: Draft) -> None:
    draft.require(*INVENTORY_NEEDS)
    if draft.body.get("TrackQtyOnHand") is False:
        draft.note("2010", "Inventory items have TrackQtyOnHand true", "TrackQtyOnHand")


def _category(draft: Draft) -> None:
    if draft.body.get("Active") is False:
        draft.note("6000", "A category cannot be made inactive", "Active")


def _bundle(draft: Draft) -> None:
    draft.note("2120", "Bundles (Group) cannot be written through the API", "Type")


def _keep_inventory(draft: Draft) -> None:
    """An item's type cannot leave Inventory."""
    was = draft.before.kind if draft.before else ""
    if was == "Inventory" and draft.body["Type"] != "Inventory":
        draft.note("6000", "The type of an inventory item cannot be changed", "Type")


TYPE_RULES = {
    "Service": _sold,
    "NonInventory": _sold,
    "Inventory": _inventory,
    "Category": _category,
    "Group": _bundle,
}
