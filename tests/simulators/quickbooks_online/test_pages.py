"""The page on which a person looks at the books and edits them."""

from __future__ import annotations

import pytest

from tests.simulators.quickbooks_online.driver import Books, key


def text(simulator, path):
    answer = simulator.get(path)
    assert answer.status == 200
    return answer.data.decode()


def form_of(books, entity, id_, **changes):
    """What the form of an object sends, with `changes`."""
    stored = books.read(entity, id_)
    fields = {
        "do": "save",
        "SyncToken": stored["SyncToken"],
        "DisplayName": stored.get("DisplayName", ""),
        "Notes": stored.get("Notes", ""),
        "PrimaryEmailAddr.Address": stored.get("PrimaryEmailAddr", {}).get("Address", ""),
        "Active": "on",
        "Active.shown": "",
    }
    return {**fields, **changes}


@pytest.mark.parametrize("path", ["/", "/log", "/preferences", "/books/account", "/style.css"])
def test_pages_are_there(simulator, path):
    assert text(simulator, path)


def test_a_list_can_be_searched(books):
    acme = books.customer("Acme <b>", Notes="syncapp:c:1")
    books.customer("Bolt")
    page = text(books.simulator, "/books/customer?q=acme")
    assert "Acme &lt;b&gt;" in page
    assert "Bolt" not in page
    assert f"/books/customer/{acme}" in text(books.simulator, "/books/customer?q=syncapp:c:1")


def test_an_edit_is_an_ordinary_update(books):
    mail = {"Address": "a@x.example"}
    id_ = books.customer("Acme", Notes="syncapp:c:1", PrimaryEmailAddr=mail)
    since = books.read("Customer", id_)["MetaData"]["LastUpdatedTime"]
    fields = form_of(books, "Customer", id_, DisplayName="Acme Ltd")
    assert books.simulator.form(f"/books/customer/{id_}", fields).status == 303
    stored = books.read("Customer", id_)
    assert (stored["DisplayName"], stored["SyncToken"]) == ("Acme Ltd", "1")
    assert (stored["Notes"], stored["PrimaryEmailAddr"]) == ("syncapp:c:1", mail)
    assert stored["MetaData"]["LastUpdatedTime"] > since
    entry = books.simulator.log()[-1]
    assert (entry["operation"], entry["origin"], entry["marker"]) == (
        "update",
        "page",
        "syncapp:c:1",
    )
    changed = books.changed(since, "Customer")["QueryResponse"][0]["Customer"]
    assert changed == [stored]


def test_saving_an_unchanged_form_writes_nothing(books):
    id_ = books.customer("Acme", Notes="two\nlines")
    fields = form_of(books, "Customer", id_, Notes="two\r\nlines")
    books.simulator.form(f"/books/customer/{id_}", fields)
    assert books.read("Customer", id_)["SyncToken"] == "0"


def test_fields_that_a_form_lacks_stay(books):
    id_ = books.customer("Acme", Notes="syncapp:c:1")
    form = {"SyncToken": "0", "DisplayName": "Acme Ltd"}
    assert books.simulator.form(f"/books/customer/{id_}", form).status == 303
    stored = books.read("Customer", id_)
    assert (stored["DisplayName"], stored["Notes"]) == ("Acme Ltd", "syncapp:c:1")
    assert stored["Active"] is True


def test_a_closing_date_can_be_set_and_taken_back(books):
    for closed in ("2026-01-31", ""):
        books.simulator.form("/preferences", {"BookCloseDate": closed})
        prefs = books.call("GET", "preferences").body["Preferences"]
        assert prefs["AccountingInfoPrefs"].get("BookCloseDate", "") == closed
        assert prefs["SalesFormsPrefs"]["CustomTxnNumbers"] is True


def test_a_refused_edit_says_why(books):
    books.customer("Bolt")
    id_ = books.customer("Acme")
    fields = form_of(books, "Customer", id_, DisplayName="bolt")
    answer = books.simulator.form(f"/books/customer/{id_}", fields)
    assert answer.status == 400
    assert "6240" in answer.data.decode()
    stale = form_of(books, "Customer", id_, DisplayName="New", SyncToken="7")
    assert "5010" in books.simulator.form(f"/books/customer/{id_}", stale).data.decode()


def test_a_customer_can_be_deactivated(books):
    id_ = books.customer("Acme")
    fields = form_of(books, "Customer", id_)
    del fields["Active"]
    books.simulator.form(f"/books/customer/{id_}", fields)
    assert books.read("Customer", id_)["DisplayName"] == "Acme (deleted)"


def test_objects_can_be_made(books):
    simulator = books.simulator
    assert (
        simulator.form("/books/customer/new", {"DisplayName": "Acme", "Active": "on"}).status == 303
    )
    customer = books.found("SELECT * FROM Customer")[0]["Id"]
    item = books.item()
    fields = {"CustomerRef.value": customer, "DocNumber": "P-1"}
    line = {"line.item": item, "line.quantity": "3", "line.price": "1.5"}
    answer = simulator.form("/books/invoice/new", {**fields, **line})
    assert answer.status == 303, answer.data
    invoice = books.found("SELECT * FROM Invoice WHERE DocNumber = 'P-1'")[0]
    assert invoice["TotalAmt"] == invoice["Balance"]
    paid = {"CustomerRef.value": customer, "TotalAmt": "4.50", "line.invoice": invoice["Id"]}
    assert simulator.form("/books/payment/new", paid).status == 303
    assert books.read("Invoice", invoice["Id"])["Balance"] == 0
    vendor = books.vendor()
    bill = {"VendorRef.value": vendor, "line.account": "7", "line.amount": "5"}
    assert simulator.form("/books/bill/new", bill).status == 303
    refused = simulator.form("/books/invoice/new", {**fields, **line, "line.price": "much"})
    assert refused.status == 400
    assert "P-1" in refused.data.decode()


def test_documents_can_be_edited_voided_and_deleted(books):
    customer, item = books.customer(), books.item()
    first, second = (books.invoice(customer, item) for _ in range(2))
    path = f"/books/invoice/{first['Id']}"
    assert "Void" in text(books.simulator, path)
    books.simulator.form(path, {"do": "void", "SyncToken": "0"})
    assert books.read("Invoice", first["Id"])["TotalAmt"] == 0
    path = f"/books/invoice/{second['Id']}"
    books.simulator.form(path, {"do": "delete", "SyncToken": "0"})
    assert books.post("invoice", {**key(second), "PrivateNote": "x"}).codes == ["610"]
    assert "deleted" in text(books.simulator, path)


def test_applications_can_be_disconnected(start):
    simulator = start("--auto-approve")
    books = Books(simulator)
    assert simulator.form("/preferences/disconnect", {}).status == 303
    assert books.call("GET", "companyinfo/1").status == 401


def test_a_bad_closing_date_is_refused(simulator):
    assert simulator.form("/preferences", {"BookCloseDate": "soon"}).status == 400


def test_another_sites_page_cannot_post(simulator):
    headers = {"Sec-Fetch-Site": "cross-site"}
    for path in ("/books/customer/new", "/_simulator/reset"):
        assert simulator.form(path, {"DisplayName": "X"}, headers=headers).status == 403


@pytest.mark.parametrize("path", ["/nothing", "/books/widget", "/books/customer/1", "/books"])
def test_what_is_not_there_is_not_found(simulator, path):
    assert simulator.get(path).status == 404
