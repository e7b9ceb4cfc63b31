"""The query language."""

from __future__ import annotations

import pytest

from tests.simulators.quickbooks_online.driver import key, payment


@pytest.fixture
def three(books):
    """Three customers and their ids."""
    mails = {"Acme": "a@x.example", "Bo's Bar": "b@x.example", "Über Co": "c@y.example"}
    return {
        name: books.customer(name, PrimaryEmailAddr={"Address": mail})
        for name, mail in mails.items()
    }


def names(books, rest):
    return [each["DisplayName"] for each in books.found(f"SELECT * FROM Customer {rest}")]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("DisplayName = 'acme'", ["Acme"]),
        ("DisplayName = 'Bo\\'s Bar'", ["Bo's Bar"]),
        ("DisplayName IN ('Acme', 'über co', 'None')", ["Acme", "Über Co"]),
        ("DisplayName LIKE '%a%'", ["Acme", "Bo's Bar"]),
        ("DisplayName LIKE 'ÜB%'", ["Über Co"]),
        ("DisplayName LIKE 'A_me'", []),
        ("PrimaryEmailAddr = 'B@x.example'", ["Bo's Bar"]),
        ("Active = true AND DisplayName > 'b'", ["Bo's Bar", "Über Co"]),
        ("Balance > '0'", []),
        ("Job = false AND DisplayName < 'b'", ["Acme"]),
    ],
)
def test_where(books, three, where, found):
    assert names(books, f"WHERE {where}") == found


def test_by_id(books, three):
    assert names(books, f"WHERE Id = '{three['Acme']}'") == ["Acme"]
    ids = f"('{three['Acme']}', '{three['Über Co']}')"
    assert names(books, f"WHERE Id IN {ids}") == ["Acme", "Über Co"]
    assert books.query("SELECT * FROM Customer WHERE Id > '1'").codes == ["4001"]


def test_order_and_paging(books, three):
    assert names(books, "ORDERBY DisplayName DESC") == ["Über Co", "Bo's Bar", "Acme"]
    assert names(books, "ORDER BY Id DESC MAXRESULTS 1") == ["Über Co"]
    answer = books.query("select * from customer startposition 2 maxresults 1")
    response = answer.body["QueryResponse"]
    assert response["Customer"][0]["DisplayName"] == "Bo's Bar"
    assert (response["startPosition"], response["maxResults"]) == (2, 1)


def test_by_time(books, three):
    acme = books.read("Customer", three["Acme"])
    acme = books.make("Customer", {**key(acme), "Notes": "later"})
    moment = acme["MetaData"]["LastUpdatedTime"]
    order = "ORDERBY MetaData.LastUpdatedTime"
    assert names(books, f"WHERE MetaData.LastUpdatedTime >= '{moment}' {order}") == ["Acme"]
    assert names(books, f"WHERE MetaData.LastUpdatedTime < '{moment}' {order}")[0] == "Bo's Bar"
    assert len(names(books, "WHERE MetaData.CreateTime > '2020-01-01'")) == 3


def test_inactive_ones_are_hidden_unless_asked_for(books, three):
    acme = books.read("Customer", three["Acme"])
    books.make("Customer", {**key(acme), "Active": False})
    assert len(names(books, "")) == 2
    assert names(books, "WHERE Active = false") == ["Acme (deleted)"]
    assert len(names(books, "WHERE Active IN (true, false)")) == 3
    both = "WHERE Active IN (true, false) AND DisplayName LIKE 'Acme%'"
    assert names(books, both) == ["Acme (deleted)"]


def test_counting(books, three):
    answer = books.query("SELECT COUNT(*) FROM Customer WHERE DisplayName LIKE 'A%'")
    assert answer.body["QueryResponse"] == {"totalCount": 1}


def test_nothing_found_is_an_empty_response(books):
    assert books.query("SELECT * FROM Vendor").body["QueryResponse"] == {}


def test_documents_by_number_customer_and_date(books, three):
    customer, item = three["Acme"], books.item(Sku="W-1")
    invoice = books.invoice(customer, item, DocNumber="SO-1", TxnDate="2026-05-01")
    books.invoice(three["Über Co"], item, DocNumber="SO-2", TxnDate="2026-06-01")
    books.make("Payment", payment(customer, 20, (invoice["Id"], 20), PaymentRefNum="P-1"))

    def numbers(where):
        found = books.found(f"SELECT * FROM Invoice WHERE {where} ORDERBY DocNumber")
        return [each["DocNumber"] for each in found]

    assert numbers("DocNumber IN ('so-1', 'SO-2')") == ["SO-1", "SO-2"]
    assert numbers(f"CustomerRef = '{customer}'") == ["SO-1"]
    assert numbers("TxnDate >= '2026-05-02'") == ["SO-2"]
    assert numbers("Balance > '0'") == ["SO-2"]
    assert numbers("TotalAmt = '20.00'") == ["SO-1", "SO-2"]
    assert len(books.found("SELECT * FROM Payment WHERE PaymentRefNum = 'P-1'")) == 1
    assert len(books.found("SELECT * FROM Item WHERE Sku = 'w-1' AND Type = 'NonInventory'")) == 1


def test_a_statement_can_be_posted(books):
    text = b"SELECT * FROM Term WHERE Name = 'Net 30'"
    answer = books.call("POST", "query", text, **{"Content-Type": "application/text"})
    assert answer.body["QueryResponse"]["Term"][0]["DueDays"] == 30


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("", "4000"),
        ("SELECT max(Id) FROM Customer", "4000"),
        ("SELECT * FROM Customer WHERE", "4000"),
        ("SELECT * FROM Customer WHERE DisplayName = 'a' OR DisplayName = 'b'", "4000"),
        ("SELECT * FROM Customer WHERE DisplayName = 'it's'", "4000"),
        ('SELECT * FROM Customer WHERE DisplayName = "x"', "4000"),
        ("SELECT * FROM Customer GROUP BY Id", "4000"),
        ("SELECT * FROM Customer MAXRESULTS ten", "4000"),
        ("SELECT * FROM Widget", "4001"),
        ("SELECT * FROM Customer WHERE Colour = 'red'", "4001"),
        ("SELECT * FROM Customer WHERE Notes = 'x'", "4001"),
        ("SELECT * FROM Invoice WHERE PrivateNote LIKE 'x%'", "4001"),
        ("SELECT * FROM Customer STARTPOSITION 0", "4001"),
        ("SELECT * FROM Customer MAXRESULTS 1001", "4001"),
        ("SELECT * FROM Customer WHERE Balance > 'much'", "4001"),
        ("SELECT * FROM Customer WHERE MetaData.CreateTime > 'then'", "4001"),
    ],
)
def test_a_query_refuses(books, statement, code):
    answer = books.query(statement)
    assert (answer.status, answer.codes) == (400, [code])
