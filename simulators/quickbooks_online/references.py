"""References a caller sends: they must exist, be active and be of a fit type."""

from __future__ import annotations

from collections.abc import Iterator

from simulators.quickbooks_online.refusal import MADE_INACTIVE, Problem
from simulators.quickbooks_online.rows import ACTIVE, DELETED, Rows
from simulators.quickbooks_online.schema import Field, Fields, Json, Kind

# The family of a target is the word of the vendor's detail: "Names element id 7".
FAMILIES = {
    "Customer": "Names",
    "Vendor": "Names",
    "Item": "Items",
    "Account": "Accounts",
    "Term": "Terms",
    "PaymentMethod": "PaymentMethods",
    "TaxCode": "TaxCodes",
    "TaxRate": "TaxRates",
    "TaxAgency": "TaxAgencies",
    "Invoice": "Transactions",
    "Class": "Classes",
    "Department": "Departments",
}
SHIPPING = "SHIPPING_ITEM_ID"


def resolve(rows: Rows, fields: Fields, sent: Json, problems: list[Problem]) -> None:
    """Judge every reference in `sent` and give it its target's name."""
    for field, reference, path in _references(fields, sent, ""):
        problem = _judge(rows, field, reference, path)
        if problem:
            problems.append(problem)


def _references(fields: Fields, sent: Json, path: str) -> Iterator[tuple[Field, Json, str]]:
    for name, value in sent.items():
        field = fields.get(name)
        if field is None or value is None:
            continue
        if field.kind is Kind.REFERENCE and field.target:
            yield field, value, f"{path}{name}"
        elif field.parts is not None:
            for each in value if isinstance(value, list) else [value]:
                yield from _references(field.parts, each, f"{path}{name}.")


def _judge(rows: Rows, field: Field, reference: Json, path: str) -> Problem | None:
    id_ = reference["value"]
    if id_ == SHIPPING and field.target == "Item":
        return None
    target = rows.glance(field.target, id_)
    if target is None or target.state == DELETED:
        family = FAMILIES[field.target]
        detail = f"Invalid Reference Id : {family} element id {id_} not found"
        return Problem("2500", detail, path)
    if target.state != ACTIVE:
        # Like the object's own absence: the vendor does not say which of the two it is.
        return Problem("610", f"Object Not Found : {MADE_INACTIVE}")
    if field.account_types and target.kind not in field.account_types:
        detail = f"Invalid account type: {target.name} is of type {target.kind}"
        return Problem("6430", detail, path)
    if target.name:
        reference["name"] = target.name
    return None
