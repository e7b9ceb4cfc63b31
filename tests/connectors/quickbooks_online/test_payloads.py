"""What is sent, field by field."""

from __future__ import annotations

import dataclasses
import datetime
import json
from decimal import Decimal
from typing import Any

import pytest

from connectors.documents import (
    Application,
    Document,
    Item,
    Line,
    Party,
    Payment,
    RecordType,
    Trade,
)
from connectors.interface import LinkState, Operation, Push
from connectors.quickbooks_online import jsontext
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.connector import QuickBooksOnline

DAY = datetime.date(2026, 11, 20)
MARKER = "syncapp:abcdefgh:invoice:7"
DEFAULTS = {"income_account": "79", "expense_account": "80", "deposit_account": "35"}
US = Config("https://there.example", "123", defaults=DEFAULTS)
CANADA = dataclasses.replace(US, country="CA", home_currency="CAD")

ACME = Party(
    name=" Acme ",
    contact_name="Ana María López",
    email="ana@example.com",
    phone="123",
    address_line1="1 Main St",
    city="Berlin",
    region="BE",
    postal_code="12209",
    country="Germany",
    currency="USD",
    tax_number="DE-1",
    payment_term="3",
)
WIDGET = Item(
    name="Widget",
    sku="W-1",
    description="Blue",
    kind="inventory",
    unit_price=Decimal("12.500000"),
    unit_cost=Decimal("7"),
)
LINES = (
    Line("1", "Blue widgets", Decimal(2), Decimal("10.5"), Decimal(21), item="11"),
    Line("2", "", Decimal(1), Decimal("0.5"), Decimal("0.5"), item="12", tax_code="TAX"),
)
SALE = Trade(
    number="SO-1",
    party="58",
    date=DAY,
    due_date=datetime.date(2026, 12, 20),
    currency="USD",
    payment_term="3",
    memo="Thank you",
    lines=LINES,
)
PAYMENT = Payment(
    number="CHK 1",
    party="58",
    date=DAY,
    amount=Decimal("20.0000"),
    currency="USD",
    method="2",
    memo="Part",
    applications=(Application("130", Decimal("15.5")),),
)


def sent(
    record_type: RecordType,
    content: Document | None,
    config: Config = US,
    operation: Operation = Operation.CREATE,
    changed: tuple[str, ...] = (),
    theirs: Document | None = None,
) -> dict[str, Any]:
    """The item of the batch, numbers as texts."""
    link = None if operation is Operation.CREATE else LinkState("130", "4", theirs=theirs)
    push = Push("7", record_type, operation, MARKER, "it", content, link, frozenset(changed))
    (request,) = QuickBooksOnline(config).push([push], iter(["k" * 20]))
    body = json.loads(request.body, parse_float=str, parse_int=str)
    (item,) = body["BatchItemRequest"]
    assert item.pop("bId") == "7"
    return item


def created(record_type: RecordType, content: Document, config: Config = US) -> dict[str, Any]:
    item = sent(record_type, content, config)
    assert item.pop("operation") == "create"
    (body,) = item.values()
    return body


def updated(
    record_type: RecordType, content: Document, *changed: str, config: Config = US, **options: Any
) -> dict[str, Any]:
    item = sent(record_type, content, config, Operation.UPDATE, changed, **options)
    assert item.pop("operation") == "update"
    (body,) = item.values()
    head = {"Id": "130", "SyncToken": "4", "sparse": True}
    assert {name: body.pop(name) for name in head} == head
    return body


def test_a_batch_is_one_request_under_its_key():
    pushes = [
        Push(str(number), RecordType.CUSTOMER, Operation.CREATE, "", "", ACME)
        for number in range(31)
    ]
    first, second = QuickBooksOnline(US).push(pushes, iter(["a" * 20, "b" * 20]))
    assert first.method == "POST"
    assert first.url == (
        f"https://there.example/v3/company/123/batch?minorversion=75&requestid={'a' * 20}"
    )
    assert first.headers == {"Accept": "application/json", "Content-Type": "application/json"}
    assert first.key == "a" * 20
    assert first.pushes == tuple(str(number) for number in range(30))
    assert first.summary == "30 customers"
    assert (second.key, second.pushes, second.summary) == ("b" * 20, ("30",), "1 customer")


def test_a_customer():
    assert created(RecordType.CUSTOMER, ACME) == {
        "DisplayName": "Acme",
        "GivenName": "Ana María",
        "FamilyName": "López",
        "PrimaryEmailAddr": {"Address": "ana@example.com"},
        "PrimaryPhone": {"FreeFormNumber": "123"},
        "BillAddr": {
            "Line1": "1 Main St",
            "City": "Berlin",
            "CountrySubDivisionCode": "BE",
            "PostalCode": "12209",
            "Country": "Germany",
        },
        "PrimaryTaxIdentifier": "DE-1",
        "SalesTermRef": {"value": "3"},
        "Notes": MARKER,
    }


def test_a_vendor_has_other_names_for_terms_and_tax_number():
    body = created(RecordType.VENDOR, ACME)
    assert body["TermRef"] == {"value": "3"}
    assert body["TaxIdentifier"] == "DE-1"
    assert body["Notes"] == MARKER


def test_what_is_empty_is_not_sent():
    assert created(RecordType.CUSTOMER, Party(name="Acme")) == {
        "DisplayName": "Acme",
        "Notes": MARKER,
    }


def test_a_currency_is_sent_only_to_a_company_with_several():
    several = dataclasses.replace(US, multi_currency=True)
    euro = dataclasses.replace(ACME, currency="EUR")
    assert created(RecordType.CUSTOMER, euro, several)["CurrencyRef"] == {"value": "EUR"}
    assert created(RecordType.INVOICE, SALE, several)["CurrencyRef"] == {"value": "USD"}
    assert "CurrencyRef" not in created(RecordType.CUSTOMER, ACME)
    assert "CurrencyRef" not in updated(RecordType.CUSTOMER, euro, config=several)


def test_inventory_is_sent_as_non_inventory():
    assert created(RecordType.ITEM, WIDGET) == {
        "Name": "Widget",
        "Sku": "W-1",
        "Description": "Blue",
        "Type": "NonInventory",
        "UnitPrice": "12.5",
        "PurchaseCost": "7",
        "IncomeAccountRef": {"value": "79"},
        "ExpenseAccountRef": {"value": "80"},
    }


def test_inventory_that_is_valued_there_brings_its_own_fields():
    valued = dataclasses.replace(
        US,
        values_inventory=True,
        inventory_start=DAY,
        defaults={**DEFAULTS, "asset_account": "81"},
    )
    body = created(RecordType.ITEM, WIDGET, valued)
    assert body["Type"] == "Inventory"
    assert body["TrackQtyOnHand"] is True
    assert (body["QtyOnHand"], body["InvStartDate"]) == ("0", "2026-11-20")
    assert body["AssetAccountRef"] == {"value": "81"}


def test_an_item_keeps_its_own_accounts():
    own = dataclasses.replace(WIDGET, kind="service", income_account="1", expense_account="2")
    body = created(RecordType.ITEM, own)
    assert body["Type"] == "Service"
    assert body["IncomeAccountRef"] == {"value": "1"}
    assert body["ExpenseAccountRef"] == {"value": "2"}


def test_an_invoice():
    assert created(RecordType.INVOICE, SALE) == {
        "DocNumber": "SO-1",
        "CustomerRef": {"value": "58"},
        "TxnDate": "2026-11-20",
        "DueDate": "2026-12-20",
        "SalesTermRef": {"value": "3"},
        "PrivateNote": f"Thank you\n{MARKER}",
        "Line": [
            {
                "LineNum": "1",
                "DetailType": "SalesItemLineDetail",
                "Amount": "21",
                "Description": "Blue widgets",
                "SalesItemLineDetail": {
                    "ItemRef": {"value": "11"},
                    "Qty": "2",
                    "UnitPrice": "10.5",
                    "TaxCodeRef": {"value": "NON"},
                },
            },
            {
                "LineNum": "2",
                "DetailType": "SalesItemLineDetail",
                "Amount": "0.5",
                "SalesItemLineDetail": {
                    "ItemRef": {"value": "12"},
                    "Qty": "1",
                    "UnitPrice": "0.5",
                    "TaxCodeRef": {"value": "TAX"},
                },
            },
        ],
    }


def test_a_credit_memo_is_never_due():
    body = created(RecordType.CREDIT_MEMO, SALE)
    assert "DueDate" not in body
    assert "SalesTermRef" not in body
    assert body["CustomerRef"] == {"value": "58"}


def test_a_number_is_not_sent_where_quickbooks_numbers():
    theirs = dataclasses.replace(US, custom_numbers=False)
    assert "DocNumber" not in created(RecordType.INVOICE, SALE, theirs)
    assert "DocNumber" not in created(RecordType.CREDIT_MEMO, SALE, theirs)
    # A bill's number is its vendor's, and QuickBooks never makes one.
    assert created(RecordType.BILL, SALE, theirs)["DocNumber"] == "SO-1"


def test_a_bill_takes_items_and_accounts():
    by_account = Line("2", "Rent", amount=Decimal("9.99"), account="17")
    by_default = Line("3", "", amount=Decimal(1))
    bill = dataclasses.replace(SALE, lines=(LINES[0], by_account, by_default))
    body = created(RecordType.BILL, bill)
    assert body["VendorRef"] == {"value": "58"}
    assert "CustomerRef" not in body
    assert [line["DetailType"] for line in body["Line"]] == [
        "ItemBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail",
    ]
    assert body["Line"][0]["ItemBasedExpenseLineDetail"] == {
        "ItemRef": {"value": "11"},
        "Qty": "2",
        "UnitPrice": "10.5",
    }
    assert body["Line"][1]["AccountBasedExpenseLineDetail"] == {"AccountRef": {"value": "17"}}
    assert body["Line"][2]["AccountBasedExpenseLineDetail"] == {"AccountRef": {"value": "80"}}


def test_a_sales_line_without_item_and_amount_is_a_remark():
    remark = Line("1", "See the terms", quantity=Decimal(0))
    body = created(RecordType.INVOICE, dataclasses.replace(SALE, lines=(*LINES, remark)))
    assert body["Line"][2] == {
        "LineNum": "3",
        "DetailType": "DescriptionOnly",
        "Description": "See the terms",
    }


@pytest.mark.parametrize(
    ("quantity", "price", "amount", "are_sent"),
    [
        ("3", "6.90", "20.70", True),
        ("7", "0.333333", "2.33", True),  # 2.333331
        ("3", "0.335", "1.01", False),  # 1.005: half-even gives 1.00
        ("1", "0.005", "0.01", False),
        ("2", "10", "19.99", False),
    ],
)
def test_figures_are_sent_only_if_they_yield_our_amount(quantity, price, amount, are_sent):
    line = Line("1", "", Decimal(quantity), Decimal(price), Decimal(amount), item="11")
    body = created(RecordType.INVOICE, dataclasses.replace(SALE, lines=(line,)))
    detail = body["Line"][0]["SalesItemLineDetail"]
    assert Decimal(body["Line"][0]["Amount"]) == Decimal(amount)
    assert ("Qty" in detail, "UnitPrice" in detail) == (are_sent, are_sent)


def test_a_us_document_bears_its_tax_code_as_a_whole():
    taxed = dataclasses.replace(LINES[0], tax_code="2")
    body = created(RecordType.INVOICE, dataclasses.replace(SALE, lines=(taxed, LINES[1])))
    assert [line["SalesItemLineDetail"]["TaxCodeRef"]["value"] for line in body["Line"]] == [
        "TAX",
        "TAX",
    ]
    assert body["TxnTaxDetail"] == {"TxnTaxCodeRef": {"value": "2"}}


def test_outside_the_us_each_line_has_its_code_and_amounts_are_net():
    taxed = tuple(dataclasses.replace(line, tax_code="5") for line in LINES)
    for record_type in (RecordType.INVOICE, RecordType.CREDIT_MEMO, RecordType.BILL):
        body = created(record_type, dataclasses.replace(SALE, lines=taxed), CANADA)
        assert body["GlobalTaxCalculation"] == "TaxExcluded"
        assert "TxnTaxDetail" not in body
        details = [line[line["DetailType"]] for line in body["Line"]]
        assert [detail["TaxCodeRef"] for detail in details] == [{"value": "5"}] * 2


def test_outside_the_us_a_document_without_codes_says_so():
    untaxed = tuple(dataclasses.replace(line, tax_code=None) for line in LINES)
    body = created(RecordType.INVOICE, dataclasses.replace(SALE, lines=untaxed), CANADA)
    assert body["GlobalTaxCalculation"] == "NotApplicable"
    assert "TaxCodeRef" not in body["Line"][0]["SalesItemLineDetail"]


def test_inside_the_us_nothing_is_said_of_the_calculation():
    assert "GlobalTaxCalculation" not in created(RecordType.INVOICE, SALE)
    assert "GlobalTaxCalculation" not in updated(RecordType.INVOICE, SALE)


def test_a_payment():
    assert created(RecordType.PAYMENT, PAYMENT) == {
        "PaymentRefNum": "CHK 1",
        "CustomerRef": {"value": "58"},
        "TxnDate": "2026-11-20",
        "TotalAmt": "20",
        "PaymentMethodRef": {"value": "2"},
        "DepositToAccountRef": {"value": "35"},
        "PrivateNote": f"Part\n{MARKER}",
        "Line": [
            {"Amount": "15.5", "LinkedTxn": [{"TxnId": "130", "TxnType": "Invoice"}]},
        ],
    }


def test_an_update_sends_what_changed():
    assert updated(RecordType.CUSTOMER, ACME, "phone") == {
        "PrimaryPhone": {"FreeFormNumber": "123"}
    }
    assert updated(RecordType.INVOICE, SALE, "memo") == {"PrivateNote": f"Thank you\n{MARKER}"}


def test_an_update_of_one_address_field_sends_the_address():
    body = updated(RecordType.CUSTOMER, ACME, "city")
    assert list(body) == ["BillAddr"]
    assert body["BillAddr"]["Line1"] == "1 Main St"


def test_an_update_empties_what_is_empty():
    bare = Party(name="Acme")
    assert updated(RecordType.CUSTOMER, bare, "email", "contact_name", "payment_term") == {
        "PrimaryEmailAddr": {"Address": ""},
        "GivenName": "",
        "FamilyName": "",
        "SalesTermRef": None,
    }


def test_an_update_of_nothing_named_sends_everything():
    assert updated(RecordType.CUSTOMER, ACME).keys() == {
        "DisplayName",
        "GivenName",
        "FamilyName",
        "PrimaryEmailAddr",
        "PrimaryPhone",
        "BillAddr",
        "PrimaryTaxIdentifier",
        "SalesTermRef",
        "Active",
    }


def test_an_update_leaves_the_notes_of_a_customer_alone():
    assert "Notes" not in updated(RecordType.CUSTOMER, ACME)


def test_what_comes_back_to_life_gets_its_name_back():
    assert updated(RecordType.CUSTOMER, ACME, "is_active") == {
        "DisplayName": "Acme",
        "Active": True,
    }


def test_a_purchase_repeats_its_vendor_as_it_is_there():
    """QuickBooks wants one with every update (2020); ours may not be meant to change."""
    there = dataclasses.replace(SALE, party="41")
    body = updated(RecordType.BILL, SALE, "memo", theirs=there)
    assert body == {"VendorRef": {"value": "41"}, "PrivateNote": f"Thank you\n{MARKER}"}
    assert updated(RecordType.BILL, SALE, "party", theirs=there) == {"VendorRef": {"value": "58"}}
    assert updated(RecordType.VENDOR_CREDIT, SALE, "date")["VendorRef"] == {"value": "58"}


def test_applications_are_sent_all_or_not_at_all():
    assert "Line" not in updated(RecordType.PAYMENT, PAYMENT, "memo")
    for field in ("amount", "applications"):
        body = updated(RecordType.PAYMENT, PAYMENT, field)
        assert body.keys() == {"TotalAmt", "Line"}


@pytest.mark.parametrize("record_type", [RecordType.INVOICE, RecordType.PAYMENT])
def test_a_void_is_an_update_with_an_option(record_type: RecordType):
    item = sent(record_type, None, operation=Operation.VOID)
    name = "Invoice" if record_type is RecordType.INVOICE else "Payment"
    assert item == {
        "operation": "update",
        "optionsData": "void",
        name: {"Id": "130", "SyncToken": "4", "sparse": True},
    }


@pytest.mark.parametrize(
    "record_type", [RecordType.CREDIT_MEMO, RecordType.BILL, RecordType.VENDOR_CREDIT]
)
def test_what_cannot_be_voided_is_deleted(record_type: RecordType):
    item = sent(record_type, None, operation=Operation.VOID)
    assert item.pop("operation") == "delete"
    assert list(item.values()) == [{"Id": "130", "SyncToken": "4"}]


def test_documents_are_deleted():
    assert sent(RecordType.INVOICE, None, operation=Operation.DELETE) == {
        "operation": "delete",
        "Invoice": {"Id": "130", "SyncToken": "4"},
    }


@pytest.mark.parametrize("record_type", [RecordType.CUSTOMER, RecordType.VENDOR, RecordType.ITEM])
def test_names_are_deactivated(record_type: RecordType):
    item = sent(record_type, None, operation=Operation.DELETE)
    assert item.pop("operation") == "update"
    assert list(item.values()) == [
        {"Id": "130", "SyncToken": "4", "sparse": True, "Active": False},
    ]


def test_an_update_without_its_link_is_a_mistake():
    push = Push("7", RecordType.CUSTOMER, Operation.UPDATE, "", "Acme", ACME)
    with pytest.raises(ValueError, match="'Acme' needs its link"):
        QuickBooksOnline(US).push([push], iter(["k"]))


def test_numbers_are_exact():
    value = {"b": Decimal("0.10"), "a": [Decimal("1E+3"), 3, True, None, "ü\u2028"]}
    text = '{"a":[1000,3,true,null,"ü\u2028"],"b":0.1}'
    assert jsontext.dump(value) == text.encode()
    assert jsontext.load(b'{"a": 0.1, "b": 79228162514264337593543950335.7}') == {
        "a": Decimal("0.1"),
        "b": Decimal("79228162514264337593543950335.7"),
    }


def test_floats_are_refused():
    with pytest.raises(TypeError, match="Decimal"):
        jsontext.dump({"Amount": 0.1})
    with pytest.raises(ValueError, match="NaN"):
        jsontext.load(b'{"Amount": NaN}')
