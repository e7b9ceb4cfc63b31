"""What a new company of the simulator has, besides its taxes."""

from __future__ import annotations

from simulators.quickbooks_online.rules.country import HOME_CURRENCIES
from simulators.quickbooks_online.rules.currency import currency_reference
from simulators.quickbooks_online.schema import Json

# Id, name, type, subtype; the ids are those of the vendor's own sandbox companies.
ACCOUNTS: tuple[tuple[int, str, str, str], ...] = (
    (1, "Services", "Income", "ServiceFeeIncome"),
    (2, "Retained Earnings", "Equity", "RetainedEarnings"),
    (4, "Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    (7, "Advertising", "Expense", "AdvertisingPromotional"),
    (8, "Bank Charges", "Expense", "BankCharges"),
    (
        15,
        "Office Expenses",
        "Expense",
        "OfficeGeneralAdministrativeExpenses",
    ),
    (17, "Rent or Lease", "Expense", "RentOrLeaseOfBuildings"),
    (20, "Supplies", "Expense", "SuppliesMaterials"),
    (22, "Travel", "Expense", "Travel"),
    (24, "Utilities", "Expense", "Utilities"),
    (33, "Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
    (34, "Opening Balance Equity", "Equity", "OpeningBalanceEquity"),
    (35, "Checking", "Bank", "Checking"),
    (36, "Savings", "Bank", "Savings"),
    (41, "Mastercard", "Credit Card", "CreditCard"),
    (48, "Sales", "Income", "SalesOfProductIncome"),
    (49, "Shipping and Delivery", "Expense", "ShippingFreightDelivery"),
    (79, "Sales of Product Income", "Income", "SalesOfProductIncome"),
    (80, "Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    (81, "Inventory Asset", "Other Current Asset", "Inventory"),
    (84, "Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    (86, "Discounts given", "Income", "DiscountsRefundsGiven"),
    (
        90,
        "Board of Equalization Payable",
        "Other Current Liability",
        "SalesTaxPayable",
    ),
    (91, "Uncategorized Income", "Income", "ServiceFeeIncome"),
    (92, "Uncategorized Expense", "Expense", "OtherMiscellaneousServiceCost"),
)

TERMS = (
    ("Due on receipt", 0),
    ("Net 15", 15),
    ("Net 30", 30),
    ("Net 60", 60),
    ("Net 10", 10),
)

PAYMENT_METHODS = (
    ("Cash", "NON_CREDIT_CARD"),
    ("Check", "NON_CREDIT_CARD"),
    ("Visa", "CREDIT_CARD"),
    ("MasterCard", "CREDIT_CARD"),
    ("Discover", "CREDIT_CARD"),
    ("American Express", "CREDIT_CARD"),
    ("Diners Club", "CREDIT_CARD"),
)

# The company's own address, by its country (ISO-3 inside, as the vendor answers since 2025).
ADDRESSES: dict[str, Json] = {
    "US": {
        "Line1": "123 Sierra Way",
        "City": "San Pablo",
        "Country": "USA",
        "CountrySubDivisionCode": "CA",
        "PostalCode": "87999",
    },
    "GB": {"Line1": "1 Quay Street", "City": "Bristol", "Country": "GBR", "PostalCode": "BS1 4DJ"},
    "CA": {
        "Line1": "1 Front Street",
        "City": "Toronto",
        "Country": "CAN",
        "CountrySubDivisionCode": "ON",
        "PostalCode": "M5J 2X2",
    },
}


def company_info(name: str, country: str) -> Json:
    address = {"Id": "1", **ADDRESSES[country]}
    return {
        "CompanyName": name,
        "LegalName": name,
        "CompanyAddr": address,
        "LegalAddr": address,
        "CustomerCommunicationAddr": address,
        "CompanyStartDate": "2020-01-01",
        "FiscalYearStartMonth": "January",
        "Country": country,
        "Email": {"Address": "books@company.example"},
        "SupportedLanguages": "en",
        "DefaultTimeZone": "America/Los_Angeles",
    }


def preferences(country: str, *, has_currencies: bool) -> Json:
    tax = {"UsingSalesTax": True}
    return {
        "AccountingInfoPrefs": {
            "FirstMonthOfFiscalYear": "January",
            "TaxYearMonth": "January",
            "UseAccountNumbers": False,
            "ClassTrackingPerTxn": False,
            "TrackDepartments": False,
            "CustomerTerminology": "Customers",
        },
        "ProductAndServicesPrefs": {
            "ForSales": True,
            "ForPurchase": True,
            "QuantityWithPriceAndRate": True,
            "QuantityOnHand": True,
        },
        "SalesFormsPrefs": {
            "CustomTxnNumbers": True,
            "AllowDeposit": True,
            "AllowDiscount": True,
            "AllowEstimates": True,
            "AllowServiceDate": False,
            "AllowShipping": False,
            "AutoApplyCredit": False,
            "DefaultTerms": {"value": "3"},
        },
        "VendorAndPurchasesPrefs": {
            "TrackingByCustomer": False,
            "BillableExpenseTracking": False,
        },
        "TaxPrefs": {**tax, "TaxGroupCodeRef": {"value": "2"}} if country == "US" else tax,
        "CurrencyPrefs": {
            "MultiCurrencyEnabled": has_currencies,
            "HomeCurrency": currency_reference(HOME_CURRENCIES[country]),
        },
    }
