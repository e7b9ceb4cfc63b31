"""What the simulator answers, held to Intuit's schemas and to a few rules of our own.

With the schemas there, every answer that any test of this folder gets is judged (conftest.py).
"""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any

import pytest

from simulators.quickbooks_online.entities import ENTITIES
from tests.simulators.quickbooks_online import xsd
from tests.simulators.quickbooks_online.conftest import JudgedBooks
from tests.simulators.quickbooks_online.driver import Books, bill, key, payment, sale

needs_schemas = pytest.mark.skipif(
    not xsd.is_there(), reason="Intuit's schemas are not beside the repository"
)
TEXTS = ("Id", "SyncToken", "DocNumber", "TxnType", "TxnId", "PrivateNote", "Name", "DisplayName")
DATES = ("TxnDate", "DueDate", "InvStartDate", "CompanyStartDate")
NUMBERS = ("Amount", "Balance", "TotalAmt", "TotalTax", "Qty", "UnitPrice", "RateValue")


@pytest.fixture
def full(books: Books) -> Books:
    """At least one object of every kind, and everything that a document can have."""
    names = {
        "PrimaryEmailAddr": {"Address": "a@b.example"},
        "PrimaryPhone": {"FreeFormNumber": "1"},
        "BillAddr": {"Line1": "1 Main St", "City": "Tucson", "Country": "USA"},
    }
    customer, vendor = books.customer(**names, Notes="n"), books.vendor(**names)
    item, term = books.item(Sku="S"), {"value": "3"}
    books.make("Employee", {"GivenName": "Ada", "FamilyName": "Byron", "Gender": "Female"})
    taxed = sale(customer, item, SalesTermRef=term, TxnTaxDetail={"TxnTaxCodeRef": {"value": "3"}})
    taxed["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] = {"value": "TAX"}
    taxed["Line"] += [
        {"DetailType": "DescriptionOnly", "Description": "only words"},
        {"DetailType": "DiscountLineDetail", "Amount": 2, "DiscountLineDetail": {}},
    ]
    invoice = books.make("Invoice", taxed)
    books.make("CreditMemo", sale(customer, item))
    books.make("SalesReceipt", sale(customer, item, PaymentRefNum="7"))
    books.make("Payment", payment(customer, 30, (invoice["Id"], 10)))
    owed = books.make("Bill", bill(vendor, 20, DocNumber="B-1"))
    books.make("VendorCredit", bill(vendor, 5))
    line = {"Amount": 20, "LinkedTxn": [{"TxnId": owed["Id"], "TxnType": "Bill"}]}
    paid = {
        "VendorRef": {"value": vendor},
        "PayType": "Check",
        "CheckPayment": {"BankAccountRef": {"value": "35"}},
        "TotalAmt": 20,
        "Line": [line],
    }
    books.make("BillPayment", paid)
    books.make("Estimate", sale(customer, item, ExpirationDate="2026-12-31"))
    books.make("PurchaseOrder", bill(vendor, 5, APAccountRef={"value": "33"}))
    spent = {**bill(vendor, 5), "PaymentType": "Cash", "AccountRef": {"value": "35"}}
    spent["EntityRef"] = {**spent.pop("VendorRef"), "type": "Vendor"}
    books.make("Purchase", spent)
    books.make("Class", {"Name": "North"})
    books.make("Department", {"Name": "Shop"})
    return books


@needs_schemas
def test_every_kind_of_object_validates(full):
    for entity in ENTITIES:
        rows = full.found(f"SELECT * FROM {entity}")
        assert rows or entity == "CompanyCurrency", entity
        for row in rows[:5]:
            if entity not in ("CompanyInfo", "Preferences"):
                assert full.read(entity, row["Id"])["Id"] == row["Id"]


@needs_schemas
def test_every_kind_of_answer_validates(full):
    customer = full.found("SELECT * FROM Customer")[0]
    assert full.query("SELECT count(*) FROM Item").status == 200
    assert full.query("SELECT Id, DisplayName FROM Customer").status == 200
    assert full.query("SELECT * FROM Nothing").status == 400
    assert full.changed(customer["MetaData"]["CreateTime"], "Customer", "Invoice")
    gone = full.found("SELECT * FROM CreditMemo")[0]
    full.make("CreditMemo", key(gone), "?operation=delete")
    full.changed(customer["MetaData"]["CreateTime"], "CreditMemo")
    items = [
        {"bId": "1", "operation": "create", "Customer": {"DisplayName": "New"}},
        {"bId": "2", "operation": "create", "Customer": {"DisplayName": "New"}},
        {"bId": "3", "Query": "SELECT * FROM Term"},
        {
            "bId": "4",
            "CDCQuery": {"Entities": "Customer", "ChangedSince": gone["MetaData"]["CreateTime"]},
        },
    ]
    found = full.post("batch", {"BatchItemRequest": items}).body["BatchItemResponse"]
    assert [next(iter(each)) for each in found] == [
        "Customer",
        "Fault",
        "QueryResponse",
        "CDCResponse",
    ]


@needs_schemas
def test_the_schemas_would_find_fault():
    """Otherwise all the rest would say nothing."""
    assert not xsd.complaints({"Customer": {"DisplayName": "A", "Active": True}})
    for wrong in (
        {"Customer": {"Colour": "red"}},
        {"Customer": {"Active": "perhaps"}},
        {"Invoice": {"TxnDate": "someday"}},
        {"Invoice": {"Line": [{"DetailType": "Nonsense"}]}},
        {"QueryResponse": {"Nothing": [{}]}},
    ):
        assert xsd.complaints(wrong), wrong


@needs_schemas
def test_what_the_schemas_know_is_a_property_here_too():
    """An SDK sends whatever the schemas have; the books keep it, even if they never look."""
    for name, entity in ENTITIES.items():
        if entity.is_writable:
            known = {each.local_name for each in xsd.children_of(name)}
            assert known <= set(entity.fields), name


@needs_schemas
def test_a_company_abroad_with_several_currencies_validates(start):
    books = JudgedBooks(start("--auto-approve", "--country", "CA", "--currencies", "EUR,USD"))
    customer = books.customer(CurrencyRef={"value": "EUR"})
    taxed = sale(customer, books.item(), CurrencyRef={"value": "EUR"})
    taxed["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] = {"value": "4"}
    books.make("Invoice", {**taxed, "GlobalTaxCalculation": "TaxExcluded"})
    for entity in ENTITIES:
        assert books.query(f"SELECT * FROM {entity}").status == 200


def test_every_object_keeps_the_common_rules(full):
    for name, entity in ENTITIES.items():
        for row in full.found(f"SELECT * FROM {name}"):
            assert set(row) <= {*entity.fields, "Balance", "BalanceWithJobs"}, name
            assert (row["domain"], row["sparse"]) == ("QBO", False)
            assert {"CreateTime", "LastUpdatedTime"} == set(row["MetaData"])
            for moment in row["MetaData"].values():
                assert datetime.datetime.fromisoformat(moment).tzinfo
            _judge(row)


def _judge(value: Any) -> None:
    """Ids and texts are texts, amounts are numbers, dates are dates, references point."""
    for name, each in value.items():
        if name in TEXTS:
            assert isinstance(each, str), name
        if name in NUMBERS:
            assert isinstance(each, int | Decimal), name
        if name in DATES:
            assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", each), name
        if name.endswith("Ref"):
            assert isinstance(each["value"], str), name
        for part in each if isinstance(each, list) else [each]:
            if isinstance(part, dict):
                _judge(part)
