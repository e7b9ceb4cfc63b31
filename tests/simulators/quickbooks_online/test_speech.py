"""How requests may be put: cases, types and formats that the clients of others use."""

from __future__ import annotations

import gzip
import json
from urllib.parse import urlencode

import pytest

from tests.simulators.quickbooks_online.driver import key, payment, sale


@pytest.mark.parametrize("content_type", ["application/text", "text/plain", "application/json"])
def test_a_query_may_be_posted(books, content_type):
    customer = books.customer("Rose's & Co")
    statement = b"select * from CUSTOMER where displayname = 'Rose\\'s & Co'"
    answer = books.call("POST", "query", statement, **{"Content-Type": content_type})
    assert [each["Id"] for each in answer.body["QueryResponse"]["Customer"]] == [customer]


def test_the_parts_of_an_address_have_no_case(books):
    made = books.post("CreditMemo", sale(books.customer(), books.item())).body["CreditMemo"]
    assert books.call("GET", f"CREDITMEMO/{made['Id']}").status == 200
    assert books.call("GET", "Query?" + urlencode({"Query": "select * from Term"})).status == 200


def test_booleans_and_numbers_may_be_texts(books):
    customer = books.make("Customer", {"DisplayName": "A", "Active": "true", "CompanyName": "B"})
    change = {"Id": int(customer["Id"]), "SyncToken": 0, "sparse": "true", "Notes": "n"}
    changed = books.make("Customer", change)
    assert (changed["CompanyName"], changed["Active"]) == ("B", True)
    assert books.make("Item", {**item_body(), "UnitPrice": "12.50"})["UnitPrice"] == 12.5


def item_body():
    return {"Name": "W", "Type": "Service", "IncomeAccountRef": {"value": 79}}


def test_two_zeros_for_quantity_and_price_say_nothing(books):
    body = sale(books.customer(), books.item(), 20)
    body["Line"][0]["SalesItemLineDetail"] |= {"Qty": 0, "UnitPrice": 0}
    detail = books.make("Invoice", body)["Line"][0]["SalesItemLineDetail"]
    assert {"Qty", "UnitPrice"}.isdisjoint(detail)


def test_a_property_that_only_the_schemas_know_is_kept(books):
    made = books.make("Customer", {"DisplayName": "A", "OtherAddr": {"Line1": "x"}})
    assert books.read("Customer", made["Id"])["OtherAddr"] == {"Line1": "x"}
    assert books.post("customer", {"DisplayName": "B", "Colour": "red"}).codes == ["2010"]


def test_a_payment_is_deleted_whatever_else_the_address_says(books):
    made = books.make("Payment", payment(books.customer(), 5))
    gone = books.make("Payment", key(made), "?operation=delete&include=allowduplicatedocnum")
    assert gone["status"] == "Deleted"


def test_columns_may_be_named(books):
    customer = books.customer("Acme", CompanyName="Acme Ltd")
    (found,) = books.found("SELECT DisplayName, MetaData.CreateTime FROM Customer")
    assert set(found) == {"domain", "sparse", "Id", "DisplayName", "MetaData"}
    assert (found["Id"], found["sparse"]) == (customer, True)
    assert "CompanyName" in books.found("SELECT *, Notes FROM Customer")[0]
    assert books.query("SELECT Colour FROM Customer").codes == ["4001"]


def test_kinds_that_are_not_simulated_are_empty(books):
    since = books.found("SELECT * FROM Term")[0]["MetaData"]["CreateTime"]
    assert books.found("SELECT * FROM Deposit") == []
    assert books.query("SELECT count(*) FROM Transfer").body["QueryResponse"] == {"totalCount": 0}
    assert books.changed(since, "JournalEntry", "Deposit") == {"QueryResponse": [{}]}
    assert books.call("GET", "deposit/1").codes == ["610"]
    assert books.post("deposit", {}).codes == ["500"]
    assert books.query("SELECT * FROM Widget").codes == ["4001"]


def test_xml_is_refused_in_so_many_words(books):
    asked = books.call("GET", "customer/1", Accept="application/xml")
    sent = books.call("POST", "customer", b"<Customer/>", **{"Content-Type": "application/xml"})
    assert (asked.status, sent.status) == (406, 415)
    assert "accept application/json" in asked.detail
    assert "send application/json" in sent.detail
    both = books.call("GET", "preferences", Accept="application/xml, application/json")
    assert both.status == 200


def test_other_methods_are_refused_in_so_many_words(books):
    for method in ("PUT", "PATCH", "DELETE"):
        answer = books.call(method, "customer/1", b"{}")
        assert (answer.status, answer.codes) == (405, ["500"])


def test_bodies_may_be_compressed_both_ways(books):
    packed = gzip.compress(json.dumps({"DisplayName": "Packed"}).encode())
    answer = books.call("POST", "customer", packed, **{"Content-Encoding": "gzip"})
    assert answer.body["Customer"]["DisplayName"] == "Packed"
    answer = books.call("GET", "preferences", **{"Accept-Encoding": "gzip"})
    assert answer.status == 200
    big = books.call(
        "GET", "query?query=select%20*%20from%20Account", **{"Accept-Encoding": "gzip"}
    )
    assert big.headers["Content-Encoding"] == "gzip"


def test_any_minor_version_is_served(books):
    for version in ("1", "40", "75", "76"):
        assert books.call("GET", f"preferences?minorversion={version}").status == 200


def test_the_tax_service_makes_codes(books):
    rate = {"TaxRateName": "City", "RateValue": "3.5", "TaxAgencyId": "1"}
    made = books.post("taxservice/taxcode", {"TaxCode": "C", "TaxRateDetails": [rate]}).body
    code = books.read("TaxCode", made["TaxCodeId"])
    (listed,) = code["SalesTaxRateList"]["TaxRateDetail"]
    assert books.read("TaxRate", listed["TaxRateRef"]["value"])["RateValue"] == 3.5
    again = [{"TaxRateId": made["TaxRateDetails"][0]["TaxRateId"]}]
    other = {"TaxCode": "D", "TaxRateDetails": again}
    assert books.post("taxservice/taxcode", other).status == 200
    assert books.post("taxservice/taxcode", other).codes == ["6240"]
    assert books.post("taxservice/taxcode", {"TaxCode": "E"}).codes == ["2020"]
