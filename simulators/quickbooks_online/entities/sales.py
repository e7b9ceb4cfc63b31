"""Invoices, credit memos and sales receipts."""

from __future__ import annotations

from simulators.quickbooks_online.entities.blocks import (
    COMMON,
    CUSTOM_FIELD,
    MEMO,
    TAX_LINE,
    address,
    mail,
)
from simulators.quickbooks_online.entities.unmodelled import unmodelled
from simulators.quickbooks_online.rules.sales import prepare_receipt, prepare_sale
from simulators.quickbooks_online.schema import (
    Entity,
    Field,
    Fields,
    anything,
    block,
    blocks,
    boolean,
    choice,
    computed,
    date,
    number,
    reference,
    text,
)

SALES_ITEM = Fields(
    reference("ItemRef", "Item"),
    number("Qty", places=7),
    number("UnitPrice", places=7),
    reference("TaxCodeRef"),
    date("ServiceDate"),
    reference("ItemAccountRef", "Account"),
    number("DiscountRate", places=7),
    number("DiscountAmt"),
    number("TaxInclusiveAmt"),
    *unmodelled("SalesItem"),
)

DISCOUNT = Fields(
    boolean("PercentBased"),
    number("DiscountPercent", places=7),
    reference("DiscountAccountRef", "Account"),
    reference("TaxCodeRef"),
    date("ServiceDate"),
    *unmodelled("Discount"),
)

SALES_LINE = Fields(
    text("Id", 30),
    number("LineNum", places=0),
    text("Description", 4000),
    number("Amount"),
    choice(
        "DetailType",
        "SalesItemLineDetail",
        "DescriptionOnly",
        "DiscountLineDetail",
        "SubTotalLineDetail",
    ),
    block("SalesItemLineDetail", SALES_ITEM),
    block("DiscountLineDetail", DISCOUNT),
    *anything("DescriptionLineDetail", "SubTotalLineDetail"),
    *unmodelled("Line"),
)

TAX_DETAIL = Fields(
    reference("TxnTaxCodeRef", "TaxCode"),
    number("TotalTax"),
    blocks("TaxLine", TAX_LINE),
    *anything("UseAutomatedSalesTax", "TaxReviewStatus"),
)

SALE_FIELDS: tuple[Field, ...] = (
    *COMMON,
    text("DocNumber", 21),
    date("TxnDate"),
    reference("CustomerRef", "Customer"),
    text("PrivateNote", 4000, is_queryable=False),
    block("CustomerMemo", MEMO),
    address("BillAddr"),
    address("ShipAddr"),
    address("ShipFromAddr"),
    mail("BillEmail"),
    reference("CurrencyRef"),
    number("ExchangeRate", places=7),
    choice("GlobalTaxCalculation", "TaxExcluded", "TaxInclusive", "NotApplicable"),
    boolean("ApplyTaxAfterDiscount"),
    boolean("FreeFormAddress"),
    choice("PrintStatus", "NotSet", "NeedToPrint", "PrintComplete"),
    choice("EmailStatus", "NotSet", "NeedToSend", "EmailSent"),
    reference("PaymentMethodRef", "PaymentMethod"),
    reference("SalesTermRef", "Term"),
    blocks("Line", SALES_LINE),
    block("TxnTaxDetail", TAX_DETAIL),
    blocks("CustomField", CUSTOM_FIELD),
    *computed("TotalAmt", "Balance", "HomeTotalAmt", "HomeBalance", "LinkedTxn"),
    *computed("TxnStatus", "TxnSource", "DeliveryInfo", "RecurDataRef"),
    *anything("ClassRef", "DepartmentRef", "TransactionLocationType", "ShipMethodRef"),
    *anything("SalesRepRef", "ProjectRef", "TaxExemptionRef", "PONumber"),
)

INVOICE = Entity(
    name="Invoice",
    family="Transactions",
    title="Invoice",
    fields=Fields(
        *SALE_FIELDS,
        date("DueDate"),
        date("ShipDate"),
        text("TrackingNum", 31),
        mail("BillEmailCc"),
        mail("BillEmailBcc"),
        number("Deposit"),
        reference("DepositToAccountRef", "Account", "Bank", "Other Current Asset"),
        *(
            boolean(name)
            for name in (
                "AllowOnlinePayment",
                "AllowOnlineCreditCardPayment",
                "AllowOnlineACHPayment",
                "AllowIPNPayment",
            )
        ),
        *computed("InvoiceLink", "EInvoiceStatus", "ECloudStatusTimeStamp"),
        *unmodelled("Invoice"),
    ),
    required=("CustomerRef", "Line"),
    number_field="DocNumber",
    number_is_unique=True,
    party_field="CustomerRef",
    party="Customer",
    sign=1,
    is_transaction=True,
    can_void=True,
    prepare=prepare_sale,
)

CREDIT_MEMO = Entity(
    name="CreditMemo",
    family="Transactions",
    title="Credit Memo",
    fields=Fields(
        *SALE_FIELDS,
        reference("InvoiceRef", "Invoice"),
        *computed("RemainingCredit"),
        *unmodelled("CreditMemo"),
    ),
    required=("CustomerRef", "Line"),
    number_field="DocNumber",
    number_is_unique=True,
    party_field="CustomerRef",
    party="Customer",
    sign=-1,
    is_transaction=True,
    prepare=prepare_sale,
)

SALES_RECEIPT = Entity(
    name="SalesReceipt",
    family="Transactions",
    title="Sales Receipt",
    fields=Fields(
        *SALE_FIELDS,
        date("ShipDate"),
        text("TrackingNum", 31),
        text("PaymentRefNum", 21),
        mail("BillEmailCc"),
        mail("BillEmailBcc"),
        reference("DepositToAccountRef", "Account", "Bank", "Other Current Asset"),
        *unmodelled("SalesReceipt"),
    ),
    required=("CustomerRef", "Line"),
    number_field="DocNumber",
    number_is_unique=True,
    party_field="CustomerRef",
    party="Customer",
    is_transaction=True,
    can_void=True,
    void_is_update=True,
    prepare=prepare_receipt,
)
