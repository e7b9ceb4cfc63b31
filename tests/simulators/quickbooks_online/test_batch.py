"""POST /batch."""

from __future__ import annotations

from tests.simulators.quickbooks_online.driver import key, payment, sale


def batch(books, *items, options=""):
    body = {"BatchItemRequest": [{"bId": str(n), **item} for n, item in enumerate(items)]}
    answer = books.post("batch" + options, body)
    assert answer.status == 200, answer.data
    return {item["bId"]: item for item in answer.body["BatchItemResponse"]}


def create(entity, body):
    return {"operation": "create", entity: body}


def test_items_are_independent(books):
    found = batch(
        books,
        create("Customer", {"DisplayName": "Acme"}),
        create("Customer", {"DisplayName": "ACME"}),
        create("Vendor", {"DisplayName": "Bolt"}),
    )
    assert found["0"]["Customer"]["DisplayName"] == "Acme"
    assert found["1"]["Fault"]["Error"][0]["code"] == "6240"
    assert found["2"]["Vendor"]["SyncToken"] == "0"


def test_a_batch_updates_deletes_voids_and_queries(books):
    customer, item = books.customer(), books.item()
    first, second = (books.invoice(customer, item) for _ in range(2))
    paid = books.make("Payment", payment(customer, 20, (second["Id"], 20)))
    found = batch(
        books,
        {"operation": "delete", "Invoice": key(first)},
        {"operation": "update", "optionsData": "void", "Payment": key(paid)},
        {"Query": "SELECT * FROM Term MAXRESULTS 2"},
        {
            "operation": "update",
            "Customer": {**key({"Id": customer, "SyncToken": "0"}), "Notes": "n"},
        },
    )
    assert found["0"]["Invoice"]["status"] == "Deleted"
    assert found["1"]["Payment"]["TotalAmt"] == 0
    assert len(found["2"]["QueryResponse"]["Term"]) == 2
    assert found["3"]["Customer"]["Notes"] == "n"


def test_a_batch_has_at_most_thirty_items(books):
    item = {"bId": "1", "Query": "SELECT * FROM Term"}
    assert books.post("batch", {"BatchItemRequest": [item] * 31}).codes == ["1040"]
    assert books.post("batch", {"BatchItemRequest": [item] * 30}).status == 200
    assert books.post("batch", {"BatchItemRequest": []}).codes == ["2020"]
    assert books.post("batch", {"BatchItemRequest": [{"Query": "x"}]}).codes == ["2020"]


def test_faults_of_an_item_stay_in_its_place(books):
    found = batch(
        books,
        create("Widget", {}),
        {"operation": "merge", "Customer": {"DisplayName": "A"}},
        {"Query": "SELECT max(Id) FROM Term"},
        create("Customer", {"Id": "1", "DisplayName": "A"}),
        {"operation": "update", "Customer": {"DisplayName": "A"}},
    )
    codes = [found[str(n)]["Fault"]["Error"][0]["code"] for n in range(5)]
    assert codes == ["2000", "500", "4000", "2010", "2020"]


def test_thirty_invoices_at_once(books):
    customer, item = books.customer(), books.item()
    bodies = [
        create("Invoice", sale(customer, item, 1, DocNumber=f"S-{n}", PrivateNote=f"syncapp:i:{n}"))
        for n in range(30)
    ]
    found = batch(books, *bodies, options="?requestid=all")
    assert len({item["Invoice"]["Id"] for item in found.values()}) == 30
    assert books.read("Customer", customer)["Balance"] == 30
    log = books.simulator.log()[2:]
    assert [entry["marker"] for entry in log] == [f"syncapp:i:{n}" for n in range(30)]
    assert {entry["request_id"] for entry in log} == {"all"}


def test_a_duplicate_number_is_allowed_by_the_items_options(books):
    customer, item = books.customer(), books.item()
    books.invoice(customer, item, DocNumber="1")
    body = create("Invoice", sale(customer, item, DocNumber="1"))
    found = batch(books, body, {**body, "optionsData": "allowduplicatedocnum"})
    assert found["0"]["Fault"]["Error"][0]["code"] == "6140"
    assert found["1"]["Invoice"]["DocNumber"] == "1"
