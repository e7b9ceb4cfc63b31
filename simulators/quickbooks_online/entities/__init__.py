"""The tables that say what each kind of object in the books may hold."""

from __future__ import annotations

from simulators.quickbooks_online.entities.accounts import ACCOUNT
from simulators.quickbooks_online.entities.company import COMPANY_INFO, PREFERENCES
from simulators.quickbooks_online.entities.dimensions import CLASS, DEPARTMENT
from simulators.quickbooks_online.entities.employees import EMPLOYEE
from simulators.quickbooks_online.entities.items import ITEM
from simulators.quickbooks_online.entities.lists import (
    COMPANY_CURRENCY,
    PAYMENT_METHOD,
    TAX_AGENCY,
    TAX_CODE,
    TAX_RATE,
    TERM,
)
from simulators.quickbooks_online.entities.names import CUSTOMER, VENDOR
from simulators.quickbooks_online.entities.orders import ESTIMATE, PURCHASE_ORDER
from simulators.quickbooks_online.entities.payments import BILL_PAYMENT, PAYMENT
from simulators.quickbooks_online.entities.purchases import BILL, VENDOR_CREDIT
from simulators.quickbooks_online.entities.sales import CREDIT_MEMO, INVOICE, SALES_RECEIPT
from simulators.quickbooks_online.entities.spending import PURCHASE
from simulators.quickbooks_online.schema import Entity

ENTITIES: dict[str, Entity] = {
    entity.name: entity
    for entity in (
        CUSTOMER,
        VENDOR,
        EMPLOYEE,
        ITEM,
        ACCOUNT,
        TERM,
        PAYMENT_METHOD,
        TAX_CODE,
        TAX_RATE,
        TAX_AGENCY,
        INVOICE,
        CREDIT_MEMO,
        SALES_RECEIPT,
        PAYMENT,
        BILL,
        VENDOR_CREDIT,
        BILL_PAYMENT,
        ESTIMATE,
        PURCHASE_ORDER,
        PURCHASE,
        CLASS,
        DEPARTMENT,
        COMPANY_CURRENCY,
        COMPANY_INFO,
        PREFERENCES,
    )
}

# The vendor has these too. Here there are none of them, and none can be made.
EMPTY = frozenset(
    """Attachable Budget CreditCardPayment CreditCardPaymentTxn CustomerType Deposit ExchangeRate
    InventoryAdjustment JournalCode JournalEntry RecurringTransaction RefundReceipt
    TaxClassification TimeActivity Transfer
    """.lower().split()
)

_BY_PATH = {name.lower(): entity for name, entity in ENTITIES.items()}


def entity_called(name: str) -> Entity | None:
    """The entity with this name, in whatever case (`creditmemo`, `CreditMemo`)."""
    return _BY_PATH.get(name.lower())


def is_empty_entity(name: str) -> bool:
    return name.lower() in EMPTY
