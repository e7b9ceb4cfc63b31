"""Invoices, credit memos, bills and vendor credits."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.simulators.quickbooks_online.driver import bill, key, payment, sale


@pytest.fixture
def customer(books):
    address = {"Line1": "1 Road", "City": "Town"}
    return books.customer("Acme", BillAddr=address, ShipAddr=address)


@pytest.fixture
def item(books):
    return books.item()


def line(item, amount, **detail):
    detail = {"ItemRef": {"value": item}, **detail}
    return {"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": detail}


def test_an_invoice_comes_back_with_what_the_vendor_computes(books, customer, item):
    body = sale(customer, item, DocNumber="SO-1", SalesTermRef={"value": "3"}, TxnDate="2026-11-20")
    made = books.make("Invoice", body)
    assert made["TotalAmt"] == made["Balance"] == 20
    assert made["DueDate"] == "2026-12-20"
    assert made["CustomerRef"] == {"value": customer, "name": "Acme"}
    assert made["BillAddr"]["Line1"] == made["ShipAddr"]["Line1"] == "1 Road"
    assert made["LinkedTxn"] == []
    first, subtotal = made["Line"]
    assert (first["Id"], first["LineNum"]) == ("1", 1)
    assert first["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "NON"}
    assert (subtotal["DetailType"], subtotal["Amount"]) == ("SubTotalLineDetail", 20)


def test_numbers_are_written_as_they_were_sent(books, customer, item):
    detail = b'"ItemRef": {"value": "%s"}, "Qty": 3, "UnitPrice": 0.1000001' % item.encode()
    body = (
        b'{"CustomerRef": {"value": "%s"}, "Line": [{"DetailType": "SalesItemLineDetail",'
        % (customer.encode())
        + b'"Amount": 0.30, "SalesItemLineDetail": {%s}}]}' % detail
    )
    answer = books.post("invoice", body)
    assert answer.status == 200
    assert b'"UnitPrice":0.1000001' in answer.data
    assert b'"TotalAmt":0.30,' in answer.data


@pytest.mark.parametrize("name", ["CustomerRef", "Line"])
def test_an_invoice_needs(books, customer, item, name):
    body = {**sale(customer, item), name: None}
    assert books.post("invoice", body).codes == ["2020"]


def test_an_invoice_needs_a_line_with_an_item(books, customer, item):
    note = {"DetailType": "DescriptionOnly", "Description": "Thanks"}
    assert books.post("invoice", {**sale(customer, item), "Line": [note]}).codes == ["2250"]
    empty = {"DetailType": "SalesItemLineDetail", "Amount": 1, "SalesItemLineDetail": {"Qty": 1}}
    assert books.post("invoice", {**sale(customer, item), "Line": [empty]}).codes == ["6440"]


def test_amount_is_quantity_times_price_to_the_cent(books, customer, item):
    good = line(item, 10.01, Qty=3, UnitPrice=3.335)
    bad = line(item, 10.00, Qty=3, UnitPrice=3.335)
    assert books.make("Invoice", {**sale(customer, item), "Line": [good]})["TotalAmt"] > 10
    answer = books.post("invoice", {**sale(customer, item), "Line": [bad]})
    assert answer.codes == ["6070"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("DocNumber", "x" * 22, "2050"),
        ("PrivateNote", "x" * 4001, "2050"),
        ("TxnDate", "20/11/2026", "2060"),
        ("TxnDate", "2026-02-30", "2070"),
        ("BillEmail", {"Address": "nobody"}, "2210"),
        ("CurrencyRef", {"value": "EUR"}, "2220"),
        ("CustomerRef", {"value": "99999"}, "2500"),
        ("SalesTermRef", {"value": "77"}, "2500"),
        ("EmailStatus", "Sent", "2170"),
        ("ApplyTaxAfterDiscount", "yes", "2230"),
        ("CustomerReff", {"value": "1"}, "2010"),
    ],
)
def test_an_invoice_refuses(books, customer, item, field, value, code):
    answer = books.post("invoice", sale(customer, item, **{field: value}))
    assert (answer.status, answer.codes) == (400, [code])
    assert answer.body["Fault"]["type"] == "ValidationFault"


def test_several_errors_come_at_once(books, customer, item):
    body = sale(customer, item, DocNumber="x" * 22, TxnDate="soon")
    assert sorted(books.post("invoice", body).codes) == ["2050", "2060"]


def test_a_missing_reference_is_named(books, item):
    answer = books.post("invoice", sale("99999", item))
    assert answer.detail == "Invalid Reference Id : Names element id 99999 not found"


def test_a_vendor_is_no_customer(books, item):
    assert books.post("invoice", sale(books.vendor(), item)).codes == ["2500"]


def test_an_inactive_reference_is_object_not_found(books, customer, item):
    stored = books.read("Item", item)
    books.make("Item", {**key(stored), "Active": False})
    answer = books.post("invoice", sale(customer, item))
    assert answer.codes == ["610"]
    assert "made inactive" in answer.detail


def test_us_lines_know_only_tax_and_non(books, customer, item):
    body = {**sale(customer, item), "Line": [line(item, 5, TaxCodeRef={"value": "2"})]}
    assert books.post("invoice", body).codes == ["6100"]


def test_a_tax_code_taxes_the_taxable_lines(books, customer, item):
    lines = [line(item, 100, TaxCodeRef={"value": "TAX"}), line(item, 50)]
    body = {
        **sale(customer, item),
        "Line": lines,
        "TxnTaxDetail": {"TxnTaxCodeRef": {"value": "3"}},
    }
    made = books.make("Invoice", body)
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("9.10")
    assert made["TotalAmt"] == Decimal("159.10")
    body["TxnTaxDetail"]["TotalTax"] = 9.11
    assert books.make("Invoice", body)["TotalAmt"] == Decimal("159.11")


def test_a_discount_lowers_the_total(books, customer, item):
    discount = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10},
    }
    body = {**sale(customer, item), "Line": [line(item, 45), discount]}
    assert books.make("Invoice", body)["TotalAmt"] == Decimal("40.50")
    body["Line"][1]["DiscountLineDetail"] = {"PercentBased": False}
    assert books.post("invoice", body).codes == ["6090"]


def test_a_negative_total_is_refused(books, customer, item):
    assert books.post("invoice", sale(customer, item, -1)).codes == ["6000"]


@pytest.mark.parametrize("entity", ["Invoice", "CreditMemo"])
def test_a_document_number_is_unique(books, customer, item, entity):
    first = books.make(entity, sale(customer, item, DocNumber="SO-1"))
    answer = books.post(entity.lower(), sale(customer, item, DocNumber="so-1"))
    assert answer.codes == ["6140"]
    assert answer.detail.endswith(f"with TxnId={first['Id']}")
    path = entity.lower() + "?include=allowduplicatedocnum"
    assert books.post(path, sale(customer, item, DocNumber="SO-1")).status == 200


def test_an_invoice_and_a_credit_memo_may_share_a_number(books, customer, item):
    books.make("Invoice", sale(customer, item, DocNumber="1"))
    books.make("CreditMemo", sale(customer, item, DocNumber="1"))


def test_a_bill_number_is_its_vendors(books):
    bolt, nut = books.vendor("Bolt"), books.vendor("Nut")
    books.make("Bill", bill(bolt, DocNumber="1"))
    books.make("Bill", bill(nut, DocNumber="1"))
    assert books.post("bill", bill(bolt, DocNumber="1")).codes == ["6140"]


def test_balances_follow_the_documents(books, customer, item):
    made = books.invoice(customer, item, 20)
    books.make("CreditMemo", sale(customer, item, 5))
    assert books.read("Customer", customer)["Balance"] == 15
    changed = {**key(made), "Line": [line(item, 30)]}
    books.make("Invoice", changed)
    assert books.read("Customer", customer)["Balance"] == 25
    vendor = books.vendor()
    books.make("Bill", bill(vendor))
    books.make("VendorCredit", bill(vendor, 1.99))
    assert books.read("Vendor", vendor)["Balance"] == 8


def test_a_bill_computes_its_total_and_needs_a_vendor(books, item):
    vendor = books.vendor()
    made = books.make("Bill", bill(vendor, 9.99, SalesTermRef={"value": "3"}, TxnDate="2026-11-01"))
    assert made["TotalAmt"] == made["Balance"] == Decimal("9.99")
    assert made["APAccountRef"]["value"] == "33"
    assert made["DueDate"] == "2026-12-01"
    assert books.post("bill", {**bill(vendor), "VendorRef": None}).codes == ["2020"]
    sparse = books.post("bill", {**key(made), "PrivateNote": "x"})
    assert sparse.codes == ["2020"]
    sold_only = books.item("Service", Type="Service", ExpenseAccountRef=None)
    detail = {"ItemRef": {"value": sold_only}, "Qty": 1, "UnitPrice": 5}
    line = {
        "DetailType": "ItemBasedExpenseLineDetail",
        "Amount": 5,
        "ItemBasedExpenseLineDetail": detail,
    }
    assert books.post("bill", {**bill(vendor), "Line": [line]}).codes == ["6000"]


def test_inventory_does_not_move_before_its_start(books, customer):
    gear = books.item(
        "Gear",
        Type="Inventory",
        TrackQtyOnHand=True,
        QtyOnHand=5,
        InvStartDate="2026-06-01",
        AssetAccountRef={"value": "81"},
    )
    assert books.post("invoice", sale(customer, gear, TxnDate="2026-05-31")).codes == ["6270"]
    assert books.post("invoice", sale(customer, gear, TxnDate="2026-06-01")).status == 200


def test_a_voided_invoice_stays_with_zero_amounts(books, customer, item):
    made = books.invoice(customer, item, PrivateNote="syncapp:i:1")
    void = books.make("Invoice", key(made), "?operation=void")
    assert void["TotalAmt"] == void["Balance"] == void["Line"][0]["Amount"] == 0
    assert void["PrivateNote"] == "Voided - syncapp:i:1"
    assert void["SyncToken"] == "1"
    assert books.read("Customer", customer)["Balance"] == 0


def test_a_deleted_document_is_gone(books, customer, item):
    made = books.invoice(customer, item, DocNumber="1")
    answer = books.post("invoice?operation=delete", key(made))
    assert answer.body["Invoice"] == {"Id": made["Id"], "status": "Deleted", "domain": "QBO"}
    assert books.call("GET", f"invoice/{made['Id']}").codes == ["610"]
    assert books.post("invoice", {**key(made), "PrivateNote": "x"}).codes == ["610"]
    assert books.read("Customer", customer)["Balance"] == 0
    books.make("Invoice", sale(customer, item, DocNumber="1"))


def test_a_paid_invoice_cannot_be_voided_or_deleted(books, customer, item):
    made = books.invoice(customer, item)
    books.make("Payment", payment(customer, 20, (made["Id"], 20)))
    made = books.read("Invoice", made["Id"])
    assert books.post("invoice?operation=void", key(made)).codes == ["6000"]
    assert books.post("invoice?operation=delete", key(made)).codes == ["6000"]


def test_a_credit_memo_cannot_be_voided(books, customer, item):
    made = books.make("CreditMemo", sale(customer, item))
    assert books.post("creditmemo?operation=void", key(made)).codes == ["500"]
