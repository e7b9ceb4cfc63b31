"""What is offered and ordered: documents that move no balance."""

from __future__ import annotations

from simulators.quickbooks_online.entities.purchases import PURCHASE_FIELDS
from simulators.quickbooks_online.entities.sales import SALE_FIELDS
from simulators.quickbooks_online.entities.unmodelled import unmodelled
from simulators.quickbooks_online.rules.purchases import prepare_order
from simulators.quickbooks_online.rules.sales import prepare_estimate
from simulators.quickbooks_online.schema import (
    Entity,
    Fields,
    anything,
    choice,
    date,
    reference,
    text,
)

ESTIMATE_STATES = ("Accepted", "Closed", "Pending", "Rejected", "Converted")

ESTIMATE = Entity(
    name="Estimate",
    family="Transactions",
    title="Estimate",
    fields=Fields(
        *(each for each in SALE_FIELDS if each.name != "TxnStatus"),
        choice("TxnStatus", *ESTIMATE_STATES),
        date("DueDate"),
        date("ShipDate"),
        date("ExpirationDate"),
        date("AcceptedDate"),
        text("AcceptedBy", 100),
        *anything("BillEmailCc", "BillEmailBcc"),
        *unmodelled("Estimate"),
    ),
    required=("CustomerRef", "Line"),
    number_field="DocNumber",
    number_is_unique=True,
    party_field="CustomerRef",
    party="Customer",
    is_transaction=True,
    is_posting=False,
    prepare=prepare_estimate,
)

PURCHASE_ORDER = Entity(
    name="PurchaseOrder",
    family="Transactions",
    title="Purchase Order",
    fields=Fields(
        *PURCHASE_FIELDS,
        choice("POStatus", "Open", "Closed"),
        date("DueDate"),
        date("ExpectedDate"),
        reference("SalesTermRef", "Term"),
        *anything("ShipAddr", "ShipTo", "ShipMethodRef", "ClassRef", "POEmail"),
        *unmodelled("PurchaseOrder"),
    ),
    required=("APAccountRef", "VendorRef", "Line"),
    number_field="DocNumber",
    party_field="VendorRef",
    party="Vendor",
    is_transaction=True,
    is_posting=False,
    prepare=prepare_order,
)
