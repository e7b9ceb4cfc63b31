"""Sparse and full updates, versions, closing date, currencies, transport."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.simulators.quickbooks_online.driver import Books, key, payment, sale

ADDRESS = {"Line1": "1 Road", "City": "Town"}


def test_a_sparse_update_changes_only_what_is_sent(books):
    made = books.make("Customer", {"DisplayName": "Acme", "Notes": "old", "BillAddr": ADDRESS})
    changed = books.make("Customer", {**key(made), "Notes": "new"})
    assert (changed["Notes"], changed["BillAddr"]) == ("new", ADDRESS)
    assert changed["SyncToken"] == "1"
    assert changed["MetaData"]["CreateTime"] == made["MetaData"]["CreateTime"]
    assert changed["MetaData"]["LastUpdatedTime"] > made["MetaData"]["LastUpdatedTime"]


def test_a_full_update_empties_what_is_not_sent(books):
    made = books.make("Customer", {"DisplayName": "Acme", "Notes": "old", "BillAddr": ADDRESS})
    full = {"Id": made["Id"], "SyncToken": "0", "DisplayName": "Acme"}
    changed = books.make("Customer", full)
    assert "Notes" not in changed
    assert "BillAddr" not in changed


def test_null_clears_a_field(books):
    made = books.make("Customer", {"DisplayName": "Acme", "Notes": "old"})
    assert "Notes" not in books.make("Customer", {**key(made), "Notes": None})


def test_a_stale_version_is_refused(books):
    made = books.make("Customer", {"DisplayName": "Acme"})
    books.make("Customer", {**key(made), "Notes": "theirs"})
    answer = books.post("customer", {**key(made), "Notes": "ours"})
    assert (answer.status, answer.codes) == (400, ["5010"])
    assert "were working on this at the same time" in answer.detail


@pytest.mark.parametrize(
    ("change", "code"),
    [({"SyncToken": None}, "2020"), ({"Id": "x1"}, "2030"), ({"Id": "99999"}, "610")],
)
def test_an_update_names_an_object_and_its_version(books, change, code):
    made = books.make("Customer", {"DisplayName": "Acme"})
    assert books.post("customer", {**key(made), **change}).codes == [code]


def test_lines_are_matched_by_id(books):
    customer, item = books.customer(), books.item()
    body = sale(customer, item)
    body["Line"] *= 2
    made = books.make("Invoice", body)
    second = {**body["Line"][0], "Id": "2", "Description": "kept"}
    new = {**body["Line"][0], "Id": "77"}
    changed = books.make("Invoice", {**key(made), "Line": [second, new]})
    ids = [line.get("Id") for line in changed["Line"] if "Id" in line]
    assert ids == ["2", "3"]
    assert changed["TotalAmt"] == 40


def test_the_closing_date_stops_documents_in_the_closed_period(books):
    customer, item = books.customer(), books.item()
    old = books.invoice(customer, item, TxnDate="2026-01-31")
    books.simulator.form("/preferences", {"BookCloseDate": "2026-01-31"})
    assert books.post("invoice", sale(customer, item, TxnDate="2026-01-31")).codes == ["6200"]
    assert books.post("invoice", {**key(old), "TxnDate": "2026-02-01"}).codes == ["6200"]
    assert books.post("invoice?operation=delete", key(old)).codes == ["6200"]
    assert books.post("invoice?operation=void", key(old)).codes == ["6200"]
    assert books.post("invoice", sale(customer, item, TxnDate="2026-02-01")).status == 200
    prefs = books.call("GET", "preferences").body["Preferences"]
    assert prefs["AccountingInfoPrefs"]["BookCloseDate"] == "2026-01-31"


def test_a_closing_date_with_a_password_is_another_fault(books):
    customer, item = books.customer(), books.item()
    form = {"BookCloseDate": "2026-01-31", "password": "on"}
    books.simulator.form("/preferences", form)
    assert books.post("invoice", sale(customer, item, TxnDate="2026-01-01")).codes == ["6210"]
    assert books.post("payment", payment(customer, 1, TxnDate="2026-01-01")).codes == ["6210"]


def test_without_custom_numbers_the_company_counts(books):
    customer, item = books.customer(), books.item()
    assert "DocNumber" not in books.invoice(customer, item)
    books.simulator.form("/preferences", {"CustomTxnNumbers.shown": ""})
    assert books.invoice(customer, item)["DocNumber"] == "1001"
    assert books.invoice(customer, item)["DocNumber"] == "1002"
    assert books.invoice(customer, item, DocNumber="1001")["DocNumber"] == "1001"


def test_several_currencies(start):
    books = Books(start("--auto-approve", "--currencies", "eur"))
    assert books.post("customer", {"DisplayName": "A"}).codes == ["2020"]
    dollar = books.customer("Home", CurrencyRef={"value": "USD"})
    euro, pound = {"value": "EUR"}, {"value": "GBP"}
    assert books.post("customer", {"DisplayName": "A", "CurrencyRef": pound}).codes == ["2220"]
    made = books.make("Customer", {"DisplayName": "A", "CurrencyRef": euro})
    assert made["CurrencyRef"]["name"] == "Euro"
    changed = {**key(made), "CurrencyRef": {"value": "USD"}}
    assert books.post("customer", changed).codes == ["6000"]
    item = books.item()
    books.invoice(made["Id"], item, CurrencyRef=euro)
    assert books.post("invoice", sale(dollar, item, CurrencyRef=euro)).codes == ["6000"]


def test_what_is_no_json_is_refused(books):
    assert books.post("customer", b"{").codes == ["2010"]
    assert books.post("customer", b"[]").codes == ["2010"]
    assert books.post("customer", b'{"DisplayName": "A", "CreditLimit": NaN}').codes == ["2010"]
    assert books.post("customer", b'{"DisplayName": "\\ud800"}').codes == ["2040"]
    broken = books.post("customer", b'{"DisplayName": "\xe9"}')
    assert (broken.status, broken.codes) == (500, ["10000"])


def test_an_unknown_address_is_an_unsupported_operation(books):
    assert books.call("GET", "widget/1").codes == ["500"]
    assert books.post("customer?operation=merge", {"Id": "1"}).codes == ["500"]
    assert books.call("GET", "customer/1/x").codes == ["500"]


def test_gzip_is_understood_both_ways(books):
    body = gzip.compress(json.dumps({"DisplayName": "Acme"}).encode())
    headers = {"Content-Encoding": "gzip", "Accept-Encoding": "gzip"}
    assert books.call("POST", "customer", body, **headers).status == 200
    answer = books.call("GET", "query?query=select%20*%20from%20Account", None, **headers)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.body["QueryResponse"]["Account"]) > 20


def test_every_response_has_its_own_tid_and_time(books):
    answers = [books.call("GET", "companyinfo/1?minorversion=75") for _ in range(2)]
    assert len({answer.headers["intuit_tid"] for answer in answers}) == 2
    assert answers[0].body["time"] < answers[1].body["time"]
