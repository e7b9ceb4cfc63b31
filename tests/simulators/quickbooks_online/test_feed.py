"""GET /cdc: changes and deletions since a moment."""

from __future__ import annotations

import pytest

from tests.simulators.quickbooks_online.driver import key, payment


def now(books):
    return books.call("GET", "companyinfo/1").body["time"]


def changes(books, since, *entities):
    return {
        name: objects
        for each in books.changed(since, *entities)["QueryResponse"]
        for name, objects in each.items()
        if isinstance(objects, list)
    }


def test_no_change_is_one_empty_object(books):
    assert books.changed(now(books), "Customer", "Invoice") == {"QueryResponse": [{}]}


def test_changes_come_whole_and_by_time(books):
    books.customer("Before")
    since = now(books)
    first = books.make("Customer", {"DisplayName": "First"})
    books.customer("Second")
    first = books.make("Customer", {**key(first), "Notes": "later"})
    found = changes(books, since, "Customer", "Vendor")
    assert [each["DisplayName"] for each in found["Customer"]] == ["Second", "First"]
    assert found["Customer"][1] == first
    assert "Vendor" not in found


def test_inactive_ones_come_whole_and_deleted_ones_last_as_stubs(books):
    customer, item = books.customer(), books.item()
    gone = books.invoice(customer, item)
    since = now(books)
    books.post("invoice?operation=delete", key(gone))
    kept = books.invoice(customer, item)
    books.make("Item", {**key(books.read("Item", item)), "Active": False})
    found = changes(books, since, "Invoice", "Item")
    assert [each["Id"] for each in found["Invoice"]] == [kept["Id"], gone["Id"]]
    stub = found["Invoice"][1]
    assert stub["status"] == "Deleted"
    assert set(stub) == {"Id", "status", "domain", "MetaData"}
    assert found["Item"][0]["Active"] is False


def test_a_paid_invoice_is_a_change(books):
    customer = books.customer()
    invoice = books.invoice(customer, books.item())
    since = now(books)
    books.make("Payment", payment(customer, 5, (invoice["Id"], 5)))
    found = changes(books, since, "Invoice")
    assert found["Invoice"][0]["Balance"] == 15


def test_a_response_holds_at_most_a_thousand(books):
    since = now(books)
    bodies = [{"operation": "create", "Vendor": {"DisplayName": f"V {n}"}} for n in range(1020)]
    for start in range(0, 1020, 30):
        items = [{"bId": str(n), **body} for n, body in enumerate(bodies[start : start + 30])]
        assert books.post("batch", {"BatchItemRequest": items}).status == 200
    books.customer("Acme")
    assert len(changes(books, since, "Vendor", "Customer")["Vendor"]) == 1000
    assert "Customer" not in changes(books, since, "Vendor", "Customer")
    found = changes(books, since, "Customer", "Vendor")
    assert (len(found["Customer"]), len(found["Vendor"])) == (1, 999)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("entities=Customer", "2020"),
        ("changedSince=2026-11-01T00:00:00Z", "2020"),
        ("entities=Customer&changedSince=yesterday", "2060"),
        ("entities=Customer&changedSince=2020-01-01T00:00:00Z", "2070"),
        ("entities=TaxCode&changedSince=2026-11-01T00:00:00Z", "2000"),
        ("entities=TaxRate&changedSince=2026-11-01T00:00:00Z", "2000"),
        ("entities=Widget&changedSince=2026-11-01T00:00:00Z", "2000"),
    ],
)
def test_the_feed_refuses(books, query, code):
    assert books.call("GET", f"cdc?{query}").codes == [code]
