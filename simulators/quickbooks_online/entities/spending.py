"""What was spent on the spot: checks, cash and credit card charges."""

from __future__ import annotations

from simulators.quickbooks_online.entities.purchases import PURCHASE_FIELDS
from simulators.quickbooks_online.entities.unmodelled import unmodelled
from simulators.quickbooks_online.rules.purchases import prepare_spending
from simulators.quickbooks_online.schema import (
    Entity,
    Fields,
    anything,
    boolean,
    choice,
    reference,
    text,
)

# The others of a purchase are a bill's: whom it is owed, and how much of it is open.
OWED = {"VendorRef", "APAccountRef", "Balance", "HomeBalance", "Memo", "VendorAddr"}

PURCHASE = Entity(
    name="Purchase",
    family="Transactions",
    title="Expense",
    fields=Fields(
        *(each for each in PURCHASE_FIELDS if each.name not in OWED),
        choice("PaymentType", "Cash", "Check", "CreditCard"),
        reference("AccountRef", "Account", "Bank", "Credit Card", "Other Current Asset"),
        reference("PaymentMethodRef", "PaymentMethod"),
        text("PaymentRefNum", 21),
        boolean("Credit"),
        *anything("EntityRef", "RemitToAddr", "PrintStatus"),
        *unmodelled("Purchase"),
    ),
    required=("PaymentType", "AccountRef", "Line"),
    required_when_sparse=("PaymentType",),
    number_field="DocNumber",
    is_transaction=True,
    prepare=prepare_spending,
)
