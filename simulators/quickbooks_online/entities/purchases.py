"""Bills and vendor credits."""

from __future__ import annotations

from simulators.quickbooks_online.entities.blocks import COMMON, TAX_LINE
from simulators.quickbooks_online.entities.unmodelled import unmodelled
from simulators.quickbooks_online.rules.purchases import prepare_purchase
from simulators.quickbooks_online.schema import (
    Entity,
    Field,
    Fields,
    anything,
    block,
    blocks,
    choice,
    computed,
    date,
    number,
    reference,
    text,
)

BILLABLE = ("Billable", "NotBillable", "HasBeenBilled")

ACCOUNT_BASED = Fields(
    reference("AccountRef", "Account"),
    reference("CustomerRef", "Customer"),
    reference("TaxCodeRef"),
    choice("BillableStatus", *BILLABLE),
    number("TaxAmount"),
    number("TaxInclusiveAmt"),
    *unmodelled("AccountExpense"),
)

ITEM_BASED = Fields(
    reference("ItemRef", "Item"),
    number("Qty", places=7),
    number("UnitPrice", places=7),
    reference("CustomerRef", "Customer"),
    reference("TaxCodeRef"),
    choice("BillableStatus", *BILLABLE),
    number("TaxInclusiveAmt"),
    *unmodelled("ItemExpense"),
)

PURCHASE_LINE = Fields(
    text("Id", 30),
    number("LineNum", places=0),
    text("Description", 4000),
    number("Amount"),
    choice("DetailType", "AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail"),
    block("AccountBasedExpenseLineDetail", ACCOUNT_BASED),
    block("ItemBasedExpenseLineDetail", ITEM_BASED),
    *unmodelled("Line"),
)

PURCHASE_FIELDS: tuple[Field, ...] = (
    *COMMON,
    text("DocNumber", 21),
    date("TxnDate"),
    reference("VendorRef", "Vendor"),
    reference("APAccountRef", "Account", "Accounts Payable"),
    text("PrivateNote", 4000, is_queryable=False),
    text("Memo", 4000, is_queryable=False),
    reference("CurrencyRef"),
    number("ExchangeRate", places=7),
    choice("GlobalTaxCalculation", "TaxExcluded", "TaxInclusive", "NotApplicable"),
    blocks("Line", PURCHASE_LINE),
    block(
        "TxnTaxDetail",
        Fields(
            reference("TxnTaxCodeRef", "TaxCode"),
            number("TotalTax"),
            blocks("TaxLine", TAX_LINE),
        ),
    ),
    *computed("TotalAmt", "Balance", "HomeBalance", "HomeTotalAmt", "LinkedTxn"),
    *computed("VendorAddr", "TxnStatus", "TxnSource", "RecurDataRef"),
    *anything("DepartmentRef", "TransactionLocationType", "IncludeInAnnualTPAR"),
)

BILL = Entity(
    name="Bill",
    family="Transactions",
    title="Bill",
    fields=Fields(
        *PURCHASE_FIELDS,
        date("DueDate"),
        reference("SalesTermRef", "Term"),
        *unmodelled("Bill"),
    ),
    required=("VendorRef", "Line"),
    required_when_sparse=("VendorRef",),
    number_field="DocNumber",
    number_is_unique=True,
    party_field="VendorRef",
    party="Vendor",
    sign=1,
    is_transaction=True,
    prepare=prepare_purchase,
)

VENDOR_CREDIT = Entity(
    name="VendorCredit",
    family="Transactions",
    title="Vendor Credit",
    fields=Fields(*PURCHASE_FIELDS, *unmodelled("VendorCredit")),
    required=("VendorRef", "Line"),
    required_when_sparse=("VendorRef",),
    number_field="DocNumber",
    number_is_unique=True,
    party_field="VendorRef",
    party="Vendor",
    sign=-1,
    is_transaction=True,
    prepare=prepare_purchase,
)
