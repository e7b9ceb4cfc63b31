"""Items, accounts, terms, payment methods, taxes: what they need and refuse."""

from __future__ import annotations

import pytest

from tests.simulators.quickbooks_online.driver import key

SOLD = {"Name": "Widget", "Type": "NonInventory", "IncomeAccountRef": {"value": "79"}}
INVENTORY = {
    "Name": "Gear",
    "Type": "Inventory",
    "TrackQtyOnHand": True,
    "QtyOnHand": 10,
    "InvStartDate": "2026-01-01",
    "IncomeAccountRef": {"value": "79"},
    "AssetAccountRef": {"value": "81"},
    "ExpenseAccountRef": {"value": "80"},
}


def test_each_kind_of_item_can_be_made(books):
    assert books.make("Item", SOLD)["FullyQualifiedName"] == "Widget"
    assert books.make("Item", {**SOLD, "Name": "Advice", "Type": "Service"})["Active"] is True
    assert books.make("Item", INVENTORY)["QtyOnHand"] == 10


@pytest.mark.parametrize("name", ["Name", "Type", "IncomeAccountRef"])
def test_an_item_needs(books, name):
    answer = books.post("item", {**SOLD, name: None})
    assert answer.codes == ["2020"]
    assert answer.body["Fault"]["Error"][0]["element"] == name


@pytest.mark.parametrize("name", ["TrackQtyOnHand", "QtyOnHand", "InvStartDate", "AssetAccountRef"])
def test_inventory_needs(books, name):
    assert books.post("item", {**INVENTORY, name: None}).codes == ["2020"]


@pytest.mark.parametrize("name", ["QtyOnHand", "InvStartDate", "AssetAccountRef"])
def test_only_inventory_has(books, name):
    assert books.post("item", {**SOLD, name: INVENTORY[name]}).codes == ["2010"]


def test_an_item_cannot_leave_inventory(books):
    made = books.make("Item", INVENTORY)
    assert books.post("item", {**key(made), "Type": "Service"}).status == 400


def test_a_bundle_cannot_be_made(books):
    assert books.post("item", {"Name": "Kit", "Type": "Group"}).codes == ["2120"]


def test_an_item_name_is_unique_but_may_be_a_customers(books):
    books.customer("Widget")
    books.make("Item", SOLD)
    assert books.post("item", {**SOLD, "Name": "WIDGET"}).codes == ["6240"]


def test_an_item_account_must_fit(books):
    assert books.post("item", {**SOLD, "IncomeAccountRef": {"value": "35"}}).codes == ["6430"]


def test_a_price_has_seven_decimal_places(books):
    assert books.make("Item", {**SOLD, "UnitPrice": 1.2345678})["UnitPrice"] > 1
    assert books.post("item", {**SOLD, "Name": "W2", "UnitPrice": 1.23456789}).codes == ["2110"]


def test_an_account_needs_a_type_or_a_subtype(books):
    assert books.post("account", {"Name": "Web"}).codes == ["6010"]
    made = books.make("Account", {"Name": "Web", "AccountSubType": "Checking"})
    assert (made["AccountType"], made["Classification"]) == ("Bank", "Asset")
    assert books.post("account", {"Name": 'a"b', "AccountType": "Income"}).codes == ["2040"]


def test_a_sub_account_has_a_full_name(books):
    body = {"Name": "Online", "AccountType": "Income", "ParentRef": {"value": "79"}}
    made = books.make("Account", body)
    assert made["FullyQualifiedName"] == "Sales of Product Income:Online"
    assert made["SubAccount"] is True


def test_a_term_needs_days_or_a_day(books):
    assert books.post("term", {"Name": "Net 21"}).codes == ["2020"]
    assert books.make("Term", {"Name": "Net 21", "DueDays": 21})["Type"] == "STANDARD"
    assert books.make("Term", {"Name": "The 5th", "DayOfMonthDue": 5})["Type"] == "DATE_DRIVEN"
    assert books.post("term", {"Name": "Never", "DueDays": 1000}).codes == ["2240"]


def test_a_payment_method_is_made(books):
    made = books.make("PaymentMethod", {"Name": "Card gateway", "Type": "CREDIT_CARD"})
    assert made["Type"] == "CREDIT_CARD"
    assert books.post("paymentmethod", {"Name": "x" * 32}).codes == ["2050"]


@pytest.mark.parametrize("entity", ["taxcode", "taxrate", "companyinfo", "preferences"])
def test_what_can_only_be_read_is_not_written(books, entity):
    assert books.post(entity, {"Name": "x"}).codes == ["500"]


def test_a_new_company_has_what_a_default_mapping_looks_for(books):
    accounts = {each["Name"] for each in books.found("SELECT * FROM Account")}
    assert {"Checking", "Undeposited Funds", "Sales of Product Income"} <= accounts
    assert {"Accounts Receivable (A/R)", "Accounts Payable (A/P)"} <= accounts
    terms = {each["Name"] for each in books.found("SELECT * FROM Term")}
    assert terms == {"Due on receipt", "Net 10", "Net 15", "Net 30", "Net 60"}
    codes = [each["Name"] for each in books.found("SELECT * FROM TaxCode")]
    assert codes == ["TAX", "NON", "California", "Tucson"]
    assert books.found("SELECT * FROM Customer") == []


def test_company_and_preferences_can_be_read(books):
    company = books.call("GET", f"companyinfo/{books.realm}").body["CompanyInfo"]
    assert company["Country"] == "US"
    prefs = books.call("GET", "preferences").body["Preferences"]
    assert prefs["SalesFormsPrefs"]["CustomTxnNumbers"] is True
    assert prefs["CurrencyPrefs"]["HomeCurrency"]["value"] == "USD"
