"""Which of QuickBooks' entities each record type is, and what the API lets be done to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.documents import RecordType


@dataclass(frozen=True, slots=True)
class Entity:
    """`number` and `party` are the properties that hold a document's; "" where it has none."""

    name: str
    # Deactivated instead of deleted, and then hidden from queries that do not ask for it.
    has_active: bool = False
    # The change data capture does not cover tax codes.
    is_in_feed: bool = True
    # The property its name is unique in.
    name_field: str = ""
    number: str = ""
    party: str = ""
    # Invoices and payments can be voided; the other documents can only be deleted.
    can_void: bool = False


ENTITIES: Mapping[RecordType, Entity] = {
    RecordType.ACCOUNT: Entity("Account", has_active=True, name_field="Name"),
    RecordType.TAX_CODE: Entity("TaxCode", has_active=True, is_in_feed=False, name_field="Name"),
    RecordType.PAYMENT_TERM: Entity("Term", has_active=True, name_field="Name"),
    RecordType.PAYMENT_METHOD: Entity("PaymentMethod", has_active=True, name_field="Name"),
    RecordType.CUSTOMER: Entity("Customer", has_active=True, name_field="DisplayName"),
    RecordType.VENDOR: Entity("Vendor", has_active=True, name_field="DisplayName"),
    RecordType.ITEM: Entity("Item", has_active=True, name_field="Name"),
    RecordType.INVOICE: Entity("Invoice", number="DocNumber", party="CustomerRef", can_void=True),
    RecordType.CREDIT_MEMO: Entity("CreditMemo", number="DocNumber", party="CustomerRef"),
    RecordType.BILL: Entity("Bill", number="DocNumber", party="VendorRef"),
    RecordType.VENDOR_CREDIT: Entity("VendorCredit", number="DocNumber", party="VendorRef"),
    RecordType.PAYMENT: Entity(
        "Payment", number="PaymentRefNum", party="CustomerRef", can_void=True
    ),
}

TYPES: Mapping[str, RecordType] = {entity.name: kind for kind, entity in ENTITIES.items()}
SALES = frozenset({RecordType.INVOICE, RecordType.CREDIT_MEMO})
PURCHASES = frozenset({RecordType.BILL, RecordType.VENDOR_CREDIT})
# Credits have neither a due date nor terms.
DUE = frozenset({RecordType.INVOICE, RecordType.BILL})
