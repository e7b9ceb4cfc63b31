"""Payments and what they are applied to."""

from __future__ import annotations

import pytest

from tests.simulators.quickbooks_online.driver import key, payment, sale


@pytest.fixture
def customer(books):
    return books.customer()


@pytest.fixture
def invoice(books, customer):
    return books.invoice(customer, books.item())


def test_a_payment_settles_an_invoice(books, customer, invoice):
    made = books.make("Payment", payment(customer, 25, (invoice["Id"], 20)))
    assert made["UnappliedAmt"] == 5
    assert made["DepositToAccountRef"]["name"] == "Undeposited Funds"
    paid = books.read("Invoice", invoice["Id"])
    assert paid["Balance"] == 0
    assert paid["LinkedTxn"] == [{"TxnId": made["Id"], "TxnType": "Payment"}]
    assert paid["SyncToken"] == "1"
    assert books.read("Customer", customer)["Balance"] == -5


def test_a_payment_needs_customer_and_amount(books, customer):
    assert books.post("payment", {"TotalAmt": 1}).codes == ["2020"]
    assert books.post("payment", {"CustomerRef": {"value": customer}}).codes == ["6000"]


def test_a_payment_applies_no_more_than_is_open(books, customer, invoice):
    over = payment(customer, 30, (invoice["Id"], 20.01))
    assert books.post("payment", over).codes == ["6000"]
    twice = payment(customer, 30, (invoice["Id"], 15), (invoice["Id"], 6))
    assert books.post("payment", twice).codes == ["6000"]


def test_a_payment_applies_no_more_than_it_is(books, customer, invoice):
    assert books.post("payment", payment(customer, 10, (invoice["Id"], 11))).codes == ["6000"]


def test_a_payment_settles_its_customers_invoices_only(books, invoice):
    other = books.customer("Other")
    assert books.post("payment", payment(other, 20, (invoice["Id"], 20))).codes == ["620"]


def test_a_payment_of_an_unknown_invoice_is_refused(books, customer):
    assert books.post("payment", payment(customer, 20, ("99999", 20))).codes == ["2500"]


def test_a_credit_memo_can_settle_an_invoice(books, customer, invoice):
    item = invoice["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"]
    memo = books.make("CreditMemo", sale(customer, item, 8))
    body = payment(customer, 0, (invoice["Id"], 8))
    linked = [{"TxnId": memo["Id"], "TxnType": "CreditMemo"}]
    body["Line"].append({"Amount": 8, "LinkedTxn": linked})
    assert books.make("Payment", body)["UnappliedAmt"] == 0
    assert books.read("Invoice", invoice["Id"])["Balance"] == 12
    assert books.read("CreditMemo", memo["Id"])["RemainingCredit"] == 0
    assert books.read("Customer", customer)["Balance"] == 12


def test_lines_are_replaced_as_a_whole(books, customer, invoice):
    made = books.make("Payment", payment(customer, 20, (invoice["Id"], 20)))
    kept = books.make("Payment", {**key(made), "PrivateNote": "kept"})
    assert len(kept["Line"]) == 1
    lines = payment(customer, 20, (invoice["Id"], 5))["Line"]
    less = books.make("Payment", {**key(kept), "Line": lines})
    assert less["UnappliedAmt"] == 15
    assert books.read("Invoice", invoice["Id"])["Balance"] == 15
    books.make("Payment", {**key(less), "Line": []})
    assert books.read("Invoice", invoice["Id"])["Balance"] == 20


def test_a_voided_payment_loses_lines_and_amount(books, customer, invoice):
    made = books.make("Payment", payment(customer, 20, (invoice["Id"], 20)))
    assert books.post("payment?operation=void", key(made)).codes == ["500"]
    void = books.make("Payment", key(made), "?operation=update&include=void")
    assert (void["TotalAmt"], void["UnappliedAmt"], void["Line"]) == (0, 0, [])
    assert void["PrivateNote"] == "Voided"
    open_again = books.read("Invoice", invoice["Id"])
    assert (open_again["Balance"], open_again["LinkedTxn"]) == (20, [])
    assert books.read("Customer", customer)["Balance"] == 20


def test_a_deleted_payment_frees_its_invoice(books, customer, invoice):
    made = books.make("Payment", payment(customer, 20, (invoice["Id"], 20)))
    assert books.post("payment?operation=delete", key(made)).status == 200
    assert books.read("Invoice", invoice["Id"])["Balance"] == 20
    assert books.read("Customer", customer)["Balance"] == 20


def test_an_invoice_cannot_shrink_below_what_is_paid(books, customer, invoice):
    books.make("Payment", payment(customer, 20, (invoice["Id"], 20)))
    paid = books.read("Invoice", invoice["Id"])
    lines = [{**paid["Line"][0], "Amount": 10}]
    body = {**key(paid), "Line": [{name: lines[0][name] for name in ("Id", "DetailType")}]}
    detail = {"ItemRef": paid["Line"][0]["SalesItemLineDetail"]["ItemRef"]}
    body["Line"][0] |= {"Amount": 10, "SalesItemLineDetail": detail}
    assert books.post("invoice", body).codes == ["6000"]
