"""A handful of customers, vendors, items and documents, for `--sample`."""

from __future__ import annotations

from simulators.quickbooks_online.entities import ENTITIES
from simulators.quickbooks_online.rows import Rows
from simulators.quickbooks_online.schema import Json
from simulators.quickbooks_online.writing import Change, save

CUSTOMERS: tuple[Json, ...] = (
    {
        "DisplayName": "Amy's Bird Sanctuary",
        "PrimaryEmailAddr": {"Address": "birds@amy.example"},
        "BillAddr": {"Line1": "4581 Finch St.", "City": "Bayshore", "Country": "USA"},
    },
    {
        "DisplayName": "Cool Cars",
        "PrimaryEmailAddr": {"Address": "cars@cool.example"},
        "SalesTermRef": {"value": "3"},
    },
    {"GivenName": "Diego", "FamilyName": "Rodriguez"},
)

VENDORS: tuple[Json, ...] = (
    {"DisplayName": "Norton Lumber and Building Materials"},
    {"DisplayName": "Hicks Hardware", "AcctNum": "H-12"},
)

ITEMS: tuple[Json, ...] = (
    {
        "Name": "Design",
        "Type": "Service",
        "UnitPrice": 75,
        "IncomeAccountRef": {"value": "1"},
    },
    {
        "Name": "Rock Fountain",
        "Sku": "RF-1",
        "Type": "NonInventory",
        "UnitPrice": 275,
        "IncomeAccountRef": {"value": "79"},
        "ExpenseAccountRef": {"value": "80"},
    },
)


def add_sample(rows: Rows) -> None:
    change = Change(rows, origin="seed")
    for name, bodies in (("Customer", CUSTOMERS), ("Vendor", VENDORS), ("Item", ITEMS)):
        for body in bodies:
            save(change, ENTITIES[name], body)
    amy = rows.named("Customer", "Amy's Bird Sanctuary", "")
    design = rows.named("Item", "Design", "")
    save(change, ENTITIES["Invoice"], _invoice(amy, design))


def _invoice(customer: str | None, item: str | None) -> Json:
    detail = {"ItemRef": {"value": item}, "Qty": 2, "UnitPrice": 75}
    line = {
        "DetailType": "SalesItemLineDetail",
        "Amount": 150,
        "SalesItemLineDetail": detail,
    }
    return {
        "CustomerRef": {"value": customer},
        "DocNumber": "1001",
        "Line": [line],
    }
