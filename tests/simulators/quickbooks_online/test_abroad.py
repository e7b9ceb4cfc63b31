"""A company outside the US, and one with several currencies."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.simulators.quickbooks_online.conftest import JudgedBooks
from tests.simulators.quickbooks_online.driver import Books, bill, key, sale

STANDARD, REDUCED, ZERO_RATED, NO_VAT = "2", "3", "4", "5"


@pytest.fixture
def abroad(start) -> Books:
    return JudgedBooks(start("--auto-approve", "--country", "GB"))


def taxed(books: Books, *lines: tuple[float, str], **fields):
    """A sales form with a line for each amount and tax code."""
    customer = books.customer(f"Customer {len(books.found('SELECT * FROM Customer'))}")
    item = fields.pop("item", None) or books.item(f"Item of {customer}")
    body = sale(customer, item, GlobalTaxCalculation="TaxExcluded")
    body["Line"] = [sale(customer, item, amount)["Line"][0] for amount, _ in lines]
    for line, (_, code) in zip(body["Line"], lines, strict=True):
        if code:
            line["SalesItemLineDetail"]["TaxCodeRef"] = {"value": code}
    return {**body, **fields}


def test_the_company_says_where_it_is(abroad):
    assert abroad.call("GET", "companyinfo/1").body["CompanyInfo"]["Country"] == "GB"
    prefs = abroad.call("GET", "preferences").body["Preferences"]
    assert prefs["CurrencyPrefs"]["HomeCurrency"]["value"] == "GBP"
    codes = {each["Id"]: each["Name"] for each in abroad.found("SELECT * FROM TaxCode")}
    assert codes == {"2": "20.0% S", "3": "5.0% R", "4": "0.0% Z", "5": "No VAT"}


def test_the_kind_of_calculation_is_required(abroad):
    answer = abroad.post("invoice", taxed(abroad, (10, STANDARD), GlobalTaxCalculation=None))
    assert answer.codes == ["2020"]
    assert "GlobalTaxCalculation" in answer.detail
    assert abroad.post("bill", bill(abroad.vendor())).codes == ["2020", "6000"]


def test_every_line_needs_a_code_that_exists(abroad):
    answer = abroad.post("invoice", taxed(abroad, (10, STANDARD), (5, "")))
    assert answer.codes == ["6000"]
    assert "VAT rate" in answer.detail
    for pseudo in ("TAX", "NON", "99"):
        assert abroad.post("invoice", taxed(abroad, (10, pseudo))).codes == ["2500"]
    free = taxed(abroad, (10, ""), GlobalTaxCalculation="NotApplicable")
    assert abroad.make("Invoice", free)["TotalAmt"] == 10


def test_tax_is_added_by_rate(abroad):
    made = abroad.make("Invoice", taxed(abroad, (10, STANDARD), (10.02, STANDARD), (5, REDUCED)))
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("4.25")
    assert made["TotalAmt"] == made["Balance"] == Decimal("29.27")
    lines = made["TxnTaxDetail"]["TaxLine"]
    assert [each["TaxLineDetail"]["NetAmountTaxable"] for each in lines] == [Decimal("20.02"), 5]


def test_tax_that_is_included_is_taken_out_line_by_line(abroad):
    gross = taxed(abroad, (12, STANDARD), (0.07, STANDARD), GlobalTaxCalculation="TaxInclusive")
    made = abroad.make("Invoice", gross)
    assert made["TotalAmt"] == Decimal("12.07")
    assert [each["Amount"] for each in made["Line"][:2]] == [10, Decimal("0.06")]
    again = abroad.make("Invoice", {**key(made), "Line": made["Line"], "sparse": True})
    assert again["TotalAmt"] == Decimal("12.07")


def test_an_override_that_is_sent_back_stays(abroad):
    """Which is why the vendor wants TxnTaxDetail removed when a line changes."""
    made = abroad.make("Invoice", taxed(abroad, (10, STANDARD)))
    lines = made["Line"]
    lines[0]["Amount"] = 20
    change = {**key(made), "Line": lines}
    stale = abroad.make("Invoice", {**change, "TxnTaxDetail": made["TxnTaxDetail"]})
    assert stale["TxnTaxDetail"]["TotalTax"] == 2
    right = abroad.make("Invoice", {**change, "SyncToken": stale["SyncToken"]})
    assert (right["TxnTaxDetail"]["TotalTax"], right["TotalAmt"]) == (4, 24)


def test_a_bill_bears_the_rates_of_purchases(abroad):
    body = bill(abroad.vendor(), 100, GlobalTaxCalculation="TaxExcluded")
    body["Line"][0]["AccountBasedExpenseLineDetail"]["TaxCodeRef"] = {"value": STANDARD}
    made = abroad.make("Bill", body)
    assert made["TotalAmt"] == 120
    detail = made["TxnTaxDetail"]["TaxLine"][0]["TaxLineDetail"]
    assert detail["TaxRateRef"]["value"] == "4"


def test_a_code_may_have_several_rates(start):
    canada = JudgedBooks(start("--auto-approve", "--country", "CA"))
    made = canada.make("Invoice", taxed(canada, (100, "4")))
    assert [each["Amount"] for each in made["TxnTaxDetail"]["TaxLine"]] == [5, 7]
    assert made["TotalAmt"] == 112


def test_foreign_documents_say_their_amounts_in_both_currencies(start):
    books = JudgedBooks(start("--auto-approve", "--currencies", "EUR"))
    customer, item = books.customer(CurrencyRef={"value": "EUR"}), books.item()
    euros = {"CurrencyRef": {"value": "EUR"}}
    made = books.invoice(customer, item, 100, **euros)
    assert (made["TotalAmt"], made["HomeTotalAmt"]) == (100, 115)
    given = books.invoice(customer, item, 100, ExchangeRate=1.2, **euros)
    assert (given["ExchangeRate"], given["HomeBalance"]) == (Decimal("1.2"), 120)
    assert books.post("invoice", sale(customer, item)).codes[0] == "2020"
    rate = books.call("GET", "exchangerate?sourcecurrencycode=EUR").body["ExchangeRate"]
    assert rate["Rate"] == Decimal("1.15")
    assert [each["Code"] for each in books.found("SELECT * FROM CompanyCurrency")] == ["EUR"]
