"""The chart of accounts: types, subtypes and classification."""

from __future__ import annotations

from simulators.quickbooks_online.drafts import Draft
from simulators.quickbooks_online.rules.active import mark_active
from simulators.quickbooks_online.rules.levels import qualify

LEVELS = 5

# Account type: its classification, and the subtype it gets when none is given.
_TYPES = {
    "Bank": ("Asset", "CashOnHand"),
    "Accounts Receivable": ("Asset", "AccountsReceivable"),
    "Other Current Asset": ("Asset", "OtherCurrentAssets"),
    "Fixed Asset": ("Asset", "OtherFixedAssets"),
    "Other Asset": ("Asset", "OtherLongTermAssets"),
    "Accounts Payable": ("Liability", "AccountsPayable"),
    "Credit Card": ("Liability", "CreditCard"),
    "Other Current Liability": ("Liability", "OtherCurrentLiabilities"),
    "Long Term Liability": ("Liability", "OtherLongTermLiabilities"),
    "Equity": ("Equity", "OpeningBalanceEquity"),
    "Income": ("Revenue", "SalesOfProductIncome"),
    "Other Income": ("Revenue", "OtherMiscellaneousIncome"),
    "Cost of Goods Sold": ("Expense", "SuppliesMaterialsCogs"),
    "Expense": ("Expense", "OtherMiscellaneousServiceCost"),
    "Other Expense": ("Expense", "OtherMiscellaneousExpense"),
}
ACCOUNT_TYPES = tuple(_TYPES)

# Subtypes from which the type follows when only they are given.
_SUBTYPES = {
    **{subtype: type_ for type_, (_, subtype) in _TYPES.items()},
    "Checking": "Bank",
    "Savings": "Bank",
    "Inventory": "Other Current Asset",
    "UndepositedFunds": "Other Current Asset",
    "ServiceFeeIncome": "Income",
    "DiscountsRefundsGiven": "Income",
    "SalesTaxPayable": "Other Current Liability",
    "RetainedEarnings": "Equity",
    "BankCharges": "Expense",
    "AdvertisingPromotional": "Expense",
    "OfficeGeneralAdministrativeExpenses": "Expense",
    "ShippingFreightDelivery": "Expense",
}


def prepare_account(draft: Draft) -> None:
    _type(draft)
    draft.settle()
    mark_active(draft)
    qualify(draft, deepest=LEVELS)
    classification, subtype = _TYPES[draft.body["AccountType"]]
    draft.default("AccountSubType", subtype)
    draft.default("CurrentBalance", 0)
    draft.default("CurrentBalanceWithSubAccounts", 0)
    draft.body["Classification"] = classification
    draft.body["SubAccount"] = bool(draft.reference("ParentRef"))


def _type(draft: Draft) -> None:
    """Name and AccountType or AccountSubType are needed (fault 6010)."""
    if draft.body.get("AccountType"):
        return
    subtype = draft.body.get("AccountSubType")
    if not subtype:
        draft.note("6010", "Specify an AccountType or an AccountSubType", "AccountType")
    elif subtype not in _SUBTYPES:
        draft.note("2170", f"Invalid Enumeration : {subtype}", "AccountSubType")
    else:
        draft.body["AccountType"] = _SUBTYPES[subtype]
