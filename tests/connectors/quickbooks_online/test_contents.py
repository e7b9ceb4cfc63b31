"""What is read, field by field, from bodies as the vendor gives them."""

from __future__ import annotations

import dataclasses
import datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.documents import (
    Account,
    Application,
    Item,
    Line,
    Party,
    Payment,
    PaymentMethod,
    PaymentTerm,
    RecordType,
    TaxCode,
    Trade,
)
from connectors.interface import Remote
from connectors.quickbooks_online import jsontext
from connectors.quickbooks_online.contents import parse
from connectors.quickbooks_online.notes import with_marker, without_marker
from tests.connectors.quickbooks_online.test_payloads import DAY, MARKER, US

CANADA = dataclasses.replace(US, country="CA", home_currency="CAD")


def read(record_type: RecordType, body: dict[str, Any], config=US) -> Remote:
    return parse(record_type, {"Id": "130", "SyncToken": "2", **body}, config)


def item_line(amount: str, **detail: Any) -> dict[str, Any]:
    return {
        "Id": "1",
        "Amount": Decimal(amount),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": detail,
    }


def invoice(**body: Any) -> Remote:
    known = {"CustomerRef": {"value": "58", "name": "Acme"}, "TxnDate": "2026-11-20"}
    return read(RecordType.INVOICE, {**known, **body})


def test_a_customer():
    remote = read(
        RecordType.CUSTOMER,
        {
            "DisplayName": "Acme",
            "GivenName": "Ana",
            "MiddleName": "María",
            "FamilyName": "López",
            "PrimaryEmailAddr": {"Address": "ana@example.com"},
            "PrimaryPhone": {"FreeFormNumber": "123"},
            "BillAddr": {
                "Id": "9",
                "Line1": "1 Main St",
                "Line3": "Back yard",
                "City": "Berlin",
                "CountrySubDivisionCode": "BE",
                "PostalCode": "12209",
                "Country": "Germany",
                "Lat": "INVALID",
            },
            "SalesTermRef": {"value": "3", "name": "Net 30"},
            "CurrencyRef": {"value": "EUR"},
            "PrimaryTaxIdentifier": "DE-1",
            "Notes": f"Likes blue\n{MARKER}",
            "Balance": Decimal("12.34"),
            "Active": True,
            "SomethingNew": {"a": 1},
        },
    )
    assert remote == Remote(
        record_type=RecordType.CUSTOMER,
        external_id="130",
        version="2",
        label="Acme",
        marker=MARKER,
        balance=Decimal("12.34"),
        content=Party(
            name="Acme",
            contact_name="Ana María López",
            email="ana@example.com",
            phone="123",
            address_line1="1 Main St, Back yard",
            city="Berlin",
            region="BE",
            postal_code="12209",
            country="Germany",
            currency="EUR",
            tax_number="DE-1",
            payment_term="3",
        ),
    )


def test_a_vendor_has_other_names_for_terms_and_tax_number():
    body = {"DisplayName": "Bolt", "TermRef": {"value": "4"}, "TaxIdentifier": "12"}
    content = read(RecordType.VENDOR, body).content
    assert content == Party(name="Bolt", currency="USD", tax_number="12", payment_term="4")


@pytest.mark.parametrize("masked", ["XXXXXX6789", "xx-xxx1234", "***6789"])
def test_a_masked_tax_number_is_none(masked: str):
    assert read(RecordType.VENDOR, {"TaxIdentifier": masked}).content.tax_number == ""


@pytest.mark.parametrize("suffix", [" (deleted)", " (deleted 2)", " (deleted) 2"])
def test_what_is_inactive_keeps_the_name_it_had(suffix: str):
    for record_type, field in (
        (RecordType.CUSTOMER, "DisplayName"),
        (RecordType.ITEM, "Name"),
        (RecordType.ACCOUNT, "FullyQualifiedName"),
    ):
        content = read(record_type, {field: f"Acme{suffix}", "Active": False}).content
        assert (content.name, content.is_active) == ("Acme", False)


def test_an_active_one_may_be_called_deleted():
    body = {"DisplayName": "Acme (deleted)", "Active": True}
    assert read(RecordType.CUSTOMER, body).content.name == "Acme (deleted)"


def test_an_account():
    body = {
        "Name": "Rent",
        "FullyQualifiedName": "Expenses:Rent",
        "AccountType": "Expense",
        "AccountSubType": "RentOrLeaseOfBuildings",
        "AcctNum": "6000",
        "CurrentBalance": Decimal(5),
        "CurrencyRef": {"value": "USD"},
    }
    remote = read(RecordType.ACCOUNT, body)
    assert remote.content == Account(
        "Expenses:Rent", "expense", "RentOrLeaseOfBuildings", "6000", "USD"
    )
    assert remote.balance is None


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Accounts Receivable", "receivable"),
        ("Other Current Asset", "other_asset"),
        ("Long Term Liability", "other_liability"),
        ("Credit Card", "credit_card"),
        ("Invented Later", "expense"),
    ],
)
def test_kinds_of_accounts(theirs: str, ours: str):
    assert read(RecordType.ACCOUNT, {"Name": "A", "AccountType": theirs}).content.kind == ours


def test_lists():
    code = {"Name": "TAX", "Description": "Taxable", "Taxable": True, "Hidden": True}
    assert read(RecordType.TAX_CODE, code).content == TaxCode("TAX", "Taxable", is_active=False)
    assert read(RecordType.PAYMENT_TERM, {"Name": "Net 0", "DueDays": 0}).content == PaymentTerm(
        "Net 0", 0
    )
    by_date = {"Name": "15th", "Type": "DATE_DRIVEN", "DayOfMonthDue": 15}
    assert read(RecordType.PAYMENT_TERM, by_date).content == PaymentTerm("15th", None)
    assert read(RecordType.PAYMENT_METHOD, {"Name": "Cash"}).content == PaymentMethod("Cash")


def test_an_item():
    body = {
        "Name": "Widget",
        "Sku": "W-1",
        "Description": "Blue",
        "Type": "Inventory",
        "UnitPrice": Decimal("12.5"),
        "PurchaseCost": 7,
        "IncomeAccountRef": {"value": "79"},
        "ExpenseAccountRef": {"value": "80"},
    }
    assert read(RecordType.ITEM, body).content == Item(
        "Widget", "W-1", "Blue", "inventory", Decimal("12.5"), Decimal(7), "79", "80"
    )


def test_an_invoice():
    remote = invoice(
        DocNumber="SO-1",
        DueDate="2026-12-20",
        SalesTermRef={"value": "3"},
        PrivateNote=f"Thank you\n{MARKER}",
        CurrencyRef={"value": "USD"},
        TotalAmt=Decimal("21.68"),
        Balance=Decimal("1.68"),
        TxnTaxDetail={"TotalTax": Decimal("1.68")},
        Line=[
            {
                **item_line(
                    "20",
                    ItemRef={"value": "11"},
                    Qty=Decimal(2),
                    UnitPrice=Decimal(10),
                    TaxCodeRef={"value": "TAX"},
                ),
                "Description": "Blue",
            },
            {"DetailType": "DescriptionOnly", "Description": "A remark"},
            {"DetailType": "SubTotalLineDetail", "Amount": Decimal(20), "SubTotalLineDetail": {}},
        ],
    )
    assert remote.content == Trade(
        number="SO-1",
        party="58",
        date=DAY,
        due_date=datetime.date(2026, 12, 20),
        currency="USD",
        payment_term="3",
        memo="Thank you",
        lines=(
            Line("1", "Blue", Decimal(2), Decimal(10), Decimal(20), "11", tax_code="TAX"),
            Line("2", "A remark", Decimal(1), Decimal(0), Decimal(0)),
        ),
    )
    assert (remote.label, remote.marker) == ("SO-1", MARKER)
    assert remote.total == 20  # without the tax that they add
    assert remote.balance == Decimal("1.68")


def test_a_tax_that_is_inside_the_amounts_is_not_taken_off():
    remote = invoice(
        TotalAmt=Decimal(20),
        TxnTaxDetail={"TotalTax": Decimal(3)},
        GlobalTaxCalculation="TaxInclusive",
    )
    assert remote.total == 20


@pytest.mark.parametrize("figures", [{}, {"Qty": Decimal(3)}, {"UnitPrice": Decimal(3)}])
def test_an_amount_without_both_figures_stands_alone(figures: dict[str, Any]):
    (line,) = invoice(Line=[item_line("1.01", **figures)]).content.lines
    assert (line.quantity, line.unit_price, line.amount) == (1, Decimal("1.01"), Decimal("1.01"))


def test_a_discount_takes_away():
    discount = {"DetailType": "DiscountLineDetail", "Amount": Decimal(2), "DiscountLineDetail": {}}
    content = invoice(Line=[item_line("20"), discount]).content
    assert content.total == 18


def test_a_voided_invoice():
    remote = invoice(
        TotalAmt=0, PrivateNote=f"Voided - {MARKER}", Line=[item_line("0")], DocNumber="SO-1"
    )
    assert remote.content.is_voided
    assert (remote.content.memo, remote.content.lines, remote.marker) == ("", (), MARKER)


@pytest.mark.parametrize(
    ("note", "total", "is_voided", "memo"),
    [
        ("Voided", 0, True, ""),
        ("Voided - Thank you", 0, True, "Thank you"),
        ("Voided", 5, False, "Voided"),
        ("Voidedness", 0, False, "Voidedness"),
        ("", 0, False, ""),
    ],
)
def test_a_void_is_a_note_and_nothing_owed(note: str, total: int, is_voided: bool, memo: str):
    content = invoice(TotalAmt=total, PrivateNote=note).content
    assert (content.is_voided, content.memo) == (is_voided, memo)


def test_a_credit_memo_has_what_is_left_of_it():
    body = {"CustomerRef": {"value": "58"}, "TxnDate": "2026-11-20", "DueDate": "2026-11-20"}
    remote = read(RecordType.CREDIT_MEMO, {**body, "Balance": 0, "RemainingCredit": Decimal(5)})
    assert remote.balance == 5
    assert remote.content.due_date is None


def test_a_bill_in_the_us_has_no_tax_codes():
    line = {
        "Amount": Decimal("9.99"),
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {
            "AccountRef": {"value": "7"},
            "TaxCodeRef": {"value": "NON"},
        },
    }
    body = {"VendorRef": {"value": "41"}, "TxnDate": "2026-11-20", "Line": [line]}
    expected = Line("1", "", Decimal(1), Decimal("9.99"), Decimal("9.99"), account="7")
    assert read(RecordType.BILL, body).content.lines == (expected,)
    elsewhere = read(RecordType.BILL, body, CANADA).content
    assert elsewhere.lines == (dataclasses.replace(expected, tax_code="NON"),)
    assert elsewhere.currency == "CAD"


def test_a_payment():
    body = {
        "CustomerRef": {"value": "58"},
        "TxnDate": "2026-11-20",
        "PaymentRefNum": "CHK 1",
        "TotalAmt": Decimal(20),
        "UnappliedAmt": Decimal("4.5"),
        "PaymentMethodRef": {"value": "2"},
        "DepositToAccountRef": {"value": "35"},
        "PrivateNote": MARKER,
        "Line": [
            {"Amount": Decimal("15.5"), "LinkedTxn": [{"TxnId": "130", "TxnType": "Invoice"}]},
            {"Amount": Decimal(1), "LinkedTxn": [{"TxnId": "131", "TxnType": "CreditMemo"}]},
        ],
    }
    remote = read(RecordType.PAYMENT, body)
    assert remote.content == Payment(
        number="CHK 1",
        party="58",
        date=DAY,
        amount=Decimal(20),
        currency="USD",
        method="2",
        deposit_account="35",
        applications=(Application("130", Decimal("15.5")),),
    )
    assert (remote.total, remote.balance, remote.marker) == (20, None, MARKER)


def test_money_is_read_exactly():
    body = jsontext.load(b'{"Id": "1", "TxnDate": "2026-11-20", "TotalAmt": 0.1, "Balance": 1e2}')
    remote = parse(RecordType.INVOICE, body, US)
    assert (remote.total, remote.balance) == (Decimal("0.1"), 100)


@pytest.mark.parametrize(
    ("note", "text", "marker"),
    [
        ("", "", ""),
        (MARKER, "", MARKER),
        (f"Thank you\n{MARKER}", "Thank you", MARKER),
        (f"Thank\r\nyou\r\n{MARKER}\r\n", "Thank\nyou", MARKER),
        (f"{MARKER}\nCalled twice", "Called twice", MARKER),
        (f"A\n{MARKER}\nB", "A\n\nB", MARKER),
        (f"{MARKER} is settled", "is settled", MARKER),
        (f"see {MARKER}", f"see {MARKER}", ""),
    ],
)
def test_a_marker_is_found_wherever_a_person_moved_it(note: str, text: str, marker: str):
    assert without_marker(note) == (text, marker)


@pytest.mark.parametrize("memo", ["", "Thank you", "two\nlines", "syncapp is fine"])
def test_a_memo_comes_back_without_its_marker(memo: str):
    assert without_marker(with_marker(memo, MARKER)) == (memo, MARKER)
