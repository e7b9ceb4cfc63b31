"""Properties of the vendor's schemas that the books keep as they come, and never look into."""

from __future__ import annotations

from simulators.quickbooks_online.schema import Field, anything

_EVERY_TRANSACTION = (
    "TxnSubType TaxFormType TaxFormNum Tag TxnApprovalInfo RecurringInfo TotalCostAmount "
    "HomeTotalCostAmount "
)
_EVERY_SALE = (
    _EVERY_TRANSACTION
    + "AutoDocNumber RemitToRef FOB ShippingTaxIncludedInTotalTax TemplateRef ARAccountRef "
    "FinanceCharge PaymentType CheckPayment CreditCardPayment DiscountRate DiscountAmt "
    "GovtTxnRefIdentifier "
)

# By entity, line and detail of a line.
_PROPERTIES = {
    "Customer": "CustomField OtherAddr ContactName AltContactName SalesRepRef TaxGroupCodeRef "
    "TaxRateRef CCDetail PriceLevelRef OverDueBalance TotalRevenue TotalExpense JobInfo "
    "TDSEnabled CustomerEx IsCISContractor ClientCompanyId TaxRegime",
    "Vendor": "CustomField DefaultTaxCodeRef ContactName AltContactName ShipAddr OtherAddr "
    "TaxCountry TaxIdEffectiveDate ParentRef PrefillAccountRef CreditLimit TDSEnabled "
    "TDSEntityTypeId TDSSectionTypeId TDSOverrideThreshold VendorEx IsSubContractor "
    "SubcontractorType CISRate AgencyVerificationStatus AgencyVerificationStatusMsg "
    "AgencyVerificationTSUTC CompanyRegistrationNumber",
    "Employee": "CustomField OtherContactInfo DefaultTaxCodeRef OtherAddr EmployeeEx",
    "Item": "CustomField PercentBased RatePercent PaymentMethodRef UOMSetRef COGSAccountRef "
    "ManPartNum DepositToAccountRef BuildPoint SpecialItem SpecialItemType ItemAssemblyDetail "
    "AbatementRate ReverseChargeRate ServiceType ItemEx UQCDisplayText UQCId DeferredRevenue",
    "Account": "CustomField AccountPurposes AcctNumExtn BankNum OpeningBalance "
    "OpeningBalanceDate TaxAccount OnlineBankingEnabled FIName JournalCodeRef AccountEx",
    "Term": "CustomField SalesTermEx",
    "PaymentMethod": "CustomField PaymentMethodEx",
    "Invoice": _EVERY_SALE
    + "PaymentRefNum AllowOnlinePayPalPayment AllowOnlineAffirmPayment CfdiUse Exportation "
    "GlobalInfo invoiceStatus callToAction invoiceStatusLog InvoiceEx LessCIS "
    "PaymentDetailsMessage ConvenienceFeeDetail EnabledSurchargeInfo InvoiceLinkSecurityCode "
    "InvoiceLinkExpiryDate AutoPayEligible SchedulePayEligible ScheduledPaymentId "
    "GratuityEnabled FinancingProductType SubscriptionPaymentsSetting TxnRetainageDetail",
    "CreditMemo": _EVERY_SALE + "DueDate ShipDate TrackingNum BillEmailCc BillEmailBcc "
    "PaymentRefNum DepositToAccountRef CreditMemoEx",
    "SalesReceipt": _EVERY_SALE + "DueDate SalesReceiptEx LessCIS",
    "Payment": _EVERY_TRANSACTION + "CustomField DocNumber DepartmentRef TxnTaxDetail "
    "TaxExemptionRef RecurDataRef RemitToRef PaymentType CheckPayment PaymentExtendedType "
    "PaymentEx",
    "Bill": _EVERY_TRANSACTION + "CustomField ProjectRef BillEmail ReplyEmail PayerRef "
    "RemitToAddr ShipAddr BillEx LessCIS",
    "VendorCredit": _EVERY_TRANSACTION
    + "CustomField ProjectRef BillEmail ReplyEmail VendorCreditEx",
    "BillPayment": _EVERY_TRANSACTION + "CustomField DepartmentRef LinkedTxn TxnTaxDetail "
    "RecurDataRef ProjectRef VendorAddr BillPaymentEx",
    "Estimate": _EVERY_SALE + "PaymentRefNum DepositToAccountRef TrackingNum EstimateEx",
    "PurchaseOrder": _EVERY_TRANSACTION
    + "CustomField TaxCodeRef ReimbursableInfoRef TemplateRef PrintStatus EmailStatus "
    "ManuallyClosed PurchaseOrderEx DropShipToEntity FOB InventorySiteRef ProjectRef "
    "ReplyEmail BillEmail PayerRef",
    "Purchase": _EVERY_TRANSACTION + "CustomField CheckPayment CreditCardPayment PurchaseEx "
    "Print Memo TxnId TxnNum ProjectRef LessCIS",
    "Class": "CustomField ClassEx",
    "Department": "CustomField Address DepartmentEx",
    "Line": "Received CostAmount HomeCostAmount LineEx CustomField LinkedTxn ProjectRef "
    "CustomExtensions",
    "SalesItem": "UnitCostPrice RatePercent UOMRef InventorySiteRef DeferredRevenue "
    "RetainageAmount SalesItemLineDetailEx ClassRef MarkupInfo PriceLevelRef "
    "TaxClassificationRef",
    "Discount": "ClassRef DiscountRef DiscountLineDetailEx",
    "ItemExpense": "UnitCostPrice RatePercent UOMRef ItemAccountRef InventorySiteRef "
    "TaxClassificationRef ItemBasedExpenseLineDetailEx ClassRef MarkupInfo PriceLevelRef",
    "AccountExpense": "ClassRef MarkupInfo ExpenseDetailLineDetailEx",
}


def unmodelled(owner: str) -> list[Field]:
    return anything(*_PROPERTIES[owner].split())
