"""The order system's records: what we hold of customers, items, documents and payments."""

from __future__ import annotations

from django.db import models

from records.models.documents import (
    Bill,
    CreditMemo,
    Document,
    Invoice,
    PurchaseDocument,
    SalesDocument,
    Status,
    VendorCredit,
)
from records.models.items import Item
from records.models.lines import (
    BillLine,
    CreditMemoLine,
    InvoiceLine,
    Line,
    PurchaseLine,
    VendorCreditLine,
)
from records.models.parties import Customer, Party, Vendor
from records.models.payments import Payment, PaymentApplication
from records.models.record import MINOR_UNITS, Named, Record, rounded
from records.models.reference import Account, PaymentMethod, PaymentTerm, TaxCode

RECORD_MODELS: dict[str, type[Record]] = {
    model.record_type: model
    for model in (
        Account,
        TaxCode,
        PaymentTerm,
        PaymentMethod,
        Customer,
        Vendor,
        Item,
        Invoice,
        CreditMemo,
        Bill,
        VendorCredit,
        Payment,
    )
}
LINE_MODELS: dict[str, type[models.Model]] = {
    "invoice": InvoiceLine,
    "credit_memo": CreditMemoLine,
    "bill": BillLine,
    "vendor_credit": VendorCreditLine,
    "payment": PaymentApplication,
}

__all__ = [
    "LINE_MODELS",
    "MINOR_UNITS",
    "RECORD_MODELS",
    "Account",
    "Bill",
    "BillLine",
    "CreditMemo",
    "CreditMemoLine",
    "Customer",
    "Document",
    "Invoice",
    "InvoiceLine",
    "Item",
    "Line",
    "Named",
    "Party",
    "Payment",
    "PaymentApplication",
    "PaymentMethod",
    "PaymentTerm",
    "PurchaseDocument",
    "PurchaseLine",
    "Record",
    "SalesDocument",
    "Status",
    "TaxCode",
    "Vendor",
    "VendorCredit",
    "VendorCreditLine",
    "rounded",
]
