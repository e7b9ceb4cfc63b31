"""Customers and vendors: the rules of the vendor for names."""

from __future__ import annotations

import pytest

from tests.simulators.quickbooks_online.driver import key


def test_a_new_customer_comes_back_complete(books):
    made = books.make("Customer", {"DisplayName": "Acme", "Notes": "syncapp:c:1"})
    assert made["SyncToken"] == "0"
    assert made["Active"] is True
    assert made["domain"] == "QBO"
    assert made["sparse"] is False
    assert made["FullyQualifiedName"] == "Acme"
    assert made["MetaData"]["CreateTime"] == made["MetaData"]["LastUpdatedTime"]
    assert made["Balance"] == 0
    assert books.read("Customer", made["Id"]) == made


def test_the_display_name_is_made_of_name_parts(books):
    made = books.make("Customer", {"Title": "Dr", "GivenName": "Ada", "FamilyName": "Byron"})
    assert made["DisplayName"] == "Dr Ada Byron"


@pytest.mark.parametrize("entity", ["Customer", "Vendor"])
def test_a_name_is_needed(books, entity):
    assert books.post(entity.lower(), {"CompanyName": "Acme"}).codes == ["6080"]


@pytest.mark.parametrize("character", [":", "\t", "\n"])
def test_names_hold_no_colon_tab_or_newline(books, character):
    answer = books.post("customer", {"DisplayName": f"A{character}B"})
    assert answer.codes == ["2040"]


@pytest.mark.parametrize(
    ("field", "limit"), [("DisplayName", 500), ("Title", 16), ("GivenName", 100)]
)
def test_names_have_a_greatest_length(books, field, limit):
    body = {"DisplayName": "Acme", field: "x" * (limit + 1)}
    answer = books.post("customer", body)
    assert answer.codes == ["2050"]
    assert answer.detail.endswith(f"Min:0 Max:{limit} supported. Supplied length:{limit + 1}")
    assert books.post("customer", {**body, field: "x" * limit}).status == 200


def test_a_phone_and_an_email_are_checked(books):
    phone = {"FreeFormNumber": "1" * 31}
    mail = {"Address": "nobody"}
    answer = books.post(
        "customer", {"DisplayName": "A", "PrimaryPhone": phone, "PrimaryEmailAddr": mail}
    )
    assert sorted(answer.codes) == ["2050", "2210"]


@pytest.mark.parametrize("other", ["Customer", "Vendor"])
def test_a_display_name_is_unique_among_customers_and_vendors(books, other):
    books.customer("Acme")
    assert books.post(other.lower(), {"DisplayName": "aCME "}).codes == ["6240"]


def test_an_inactive_name_is_marked_and_frees_its_name(books):
    first = books.make("Customer", {"DisplayName": "Acme"})
    gone = books.make("Customer", {**key(first), "Active": False})
    assert gone["DisplayName"] == "Acme (deleted)"
    assert books.post("vendor", {"DisplayName": "acme (deleted)"}).codes == ["6240"]
    second = books.make("Customer", {"DisplayName": "Acme"})
    back = books.post("customer", {**key(gone), "Active": True})
    assert back.codes == ["6240"]
    books.make("Customer", {**key(second), "DisplayName": "Acme 2"})
    assert books.make("Customer", {**key(gone), "Active": True})["DisplayName"] == "Acme"


def test_two_of_one_name_can_both_be_inactive(books):
    names = []
    for _ in range(2):
        made = books.make("Vendor", {"DisplayName": "Bolt"})
        names.append(books.make("Vendor", {**key(made), "Active": False})["DisplayName"])
    assert len(set(names)) == 2


def test_a_customer_who_owes_cannot_go_inactive(books):
    customer = books.customer()
    books.invoice(customer, books.item())
    stored = books.read("Customer", customer)
    assert stored["Balance"] == 20
    assert books.post("customer", {**key(stored), "Active": False}).codes == ["6220"]


def test_sub_customers_nest_four_deep(books):
    parent = books.customer("Level 1")
    for level in range(2, 6):
        body = {"DisplayName": f"Level {level}", "Job": True, "ParentRef": {"value": parent}}
        made = books.make("Customer", body)
        parent = made["Id"]
    assert made["FullyQualifiedName"] == "Level 1:Level 2:Level 3:Level 4:Level 5"
    body = {"DisplayName": "Level 6", "Job": True, "ParentRef": {"value": parent}}
    assert books.post("customer", body).codes == ["6180"]


def test_a_job_needs_a_parent(books):
    assert books.post("customer", {"DisplayName": "Job", "Job": True}).codes == ["6150"]


def test_a_name_cannot_be_deleted(books):
    made = books.make("Customer", {"DisplayName": "Acme"})
    assert books.post("customer?operation=delete", key(made)).codes == ["500"]


def test_a_misspelt_property_is_refused(books):
    answer = books.post("customer", {"DisplayName": "Acme", "BillAddr": {"Strret": "x"}})
    assert answer.codes == ["2010"]
    assert "BillAddr.Strret" in answer.detail


def test_what_the_vendor_computes_is_ignored(books):
    made = books.make("Customer", {"DisplayName": "Acme", "Balance": 5, "MetaData": {}})
    assert made["Balance"] == 0
