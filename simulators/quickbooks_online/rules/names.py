"""Customers and vendors: the display name and what follows from it."""

from __future__ import annotations

from simulators.quickbooks_online.drafts import Draft
from simulators.quickbooks_online.rules.active import mark_active
from simulators.quickbooks_online.rules.levels import qualify

PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
# A customer and "up to 4 sub-levels".
LEVELS = 5


def prepare_customer(draft: Draft) -> None:
    _name(draft)
    if draft.body.get("Job") and not draft.reference("ParentRef"):
        draft.note("6150", "ParentRef is required if Job is true", "ParentRef")
    qualify(draft, deepest=LEVELS)
    for field, value in (
        ("Taxable", True),
        ("Job", False),
        ("BillWithParent", False),
        ("PreferredDeliveryMethod", "None"),
    ):
        draft.default(field, value)


def prepare_vendor(draft: Draft) -> None:
    _name(draft)
    draft.default("Vendor1099", False)


def prepare_employee(draft: Draft) -> None:
    """A person: at least one of the two names is needed, whatever is displayed."""
    if not (draft.body.get("GivenName") or draft.body.get("FamilyName")):
        draft.require("GivenName")
    _name(draft)
    draft.default("BillableTime", False)


def _name(draft: Draft) -> None:
    """Without a DisplayName it is made of the name parts; without these: fault 6080."""
    if not draft.body.get("DisplayName"):
        parts = (draft.body.get(part) for part in PARTS)
        draft.body["DisplayName"] = " ".join(part for part in parts if part)
    if not draft.body["DisplayName"]:
        draft.note("6080", "No name provided: DisplayName or a name part", "DisplayName")
    mark_active(draft)
    draft.default("PrintOnCheckName", draft.body["DisplayName"][:110])
