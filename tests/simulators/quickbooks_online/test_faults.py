"""Faults a test can order, and what it can look at."""

from __future__ import annotations

import json
import time

import pytest
import urllib3

ACME = {"DisplayName": "Acme"}


def customers(books):
    return [each["DisplayName"] for each in books.found("SELECT * FROM Customer")]


def test_a_throttled_request_changes_nothing(books):
    fault = {"fault": "status", "status": 429, "match": {"path": "/customer"}, "times": 2}
    books.simulator.faults(fault)
    for _ in range(2):
        answer = books.post("customer", ACME)
        assert answer.status == 429
        assert answer.body["fault"]["error"][0]["code"] == "3001"
    assert books.post("customer", ACME).status == 200


def test_an_error_after_the_commit_keeps_the_write(books):
    books.simulator.faults({"fault": "status", "status": 503, "when": "after"})
    assert books.post("customer?requestid=one", ACME).status == 503
    assert customers(books) == ["Acme"]
    assert books.post("customer?requestid=one", ACME).body["Customer"]["SyncToken"] == "0"
    assert len(books.simulator.log()) == 1


@pytest.mark.parametrize(("fault", "written"), [("cut_before", 0), ("cut_after", 1)])
def test_a_connection_can_be_cut(books, fault, written):
    books.simulator.faults({"fault": fault, "match": {"method": "POST"}})
    with pytest.raises(urllib3.exceptions.ProtocolError):
        books.post("customer", ACME)
    assert len(customers(books)) == written


def test_a_body_can_be_truncated(books):
    books.simulator.faults({"fault": "truncate"})
    with pytest.raises(urllib3.exceptions.ProtocolError):
        books.post("customer", ACME)
    assert customers(books) == ["Acme"]


def test_an_answer_can_be_late(books):
    books.simulator.faults({"fault": "latency", "seconds": 0.2, "when": "after"})
    started = time.monotonic()
    books.post("customer", ACME)
    assert time.monotonic() - started >= 0.2


def test_request_ids_can_be_forgotten(books):
    books.post("customer?requestid=one", ACME)
    books.simulator.faults({"fault": "forget_request_ids"})
    assert books.post("customer?requestid=one", ACME).codes == ["6240"]


def test_the_clock_can_be_wrong(books):
    books.simulator.faults({"fault": "clock", "seconds": 86400 * 365})
    first = books.make("Customer", ACME)
    assert first["MetaData"]["CreateTime"] > time.strftime("%Y-%m-%dT99")
    books.simulator.faults({"fault": "clock", "seconds": 0})
    second = books.make("Customer", {"DisplayName": "Bolt"})
    assert second["MetaData"]["CreateTime"] > first["MetaData"]["CreateTime"]


def test_a_fault_waits_for_its_request(books):
    match = {"method": "POST", "path": "/customer", "contains": "Bolt"}
    books.simulator.faults({"fault": "status", "match": match, "skip": 1})
    assert books.post("customer", ACME).status == 200
    assert books.post("customer", {"DisplayName": "Bolt"}).status == 200
    assert books.post("customer", {"DisplayName": "Bolt 2"}).status == 503
    assert books.simulator.get("/_simulator/faults").json() == []


def test_a_fault_for_ever_ends_when_the_faults_are_cleared(books):
    books.simulator.faults({"fault": "status", "times": 0})
    assert [books.call("GET", "companyinfo/1").status for _ in range(3)] == [503] * 3
    books.simulator.faults()
    assert books.call("GET", "companyinfo/1").status == 200


@pytest.mark.parametrize(
    "described",
    [{}, [{}], [{"fault": "flood"}], [{"fault": "latency", "colour": 1}], [{"fault": "status",
      "when": "later"}], [{"fault": "status", "match": "x"}], ["x"]],
)  # fmt: skip
def test_a_wrongly_described_fault_is_refused(simulator, described):
    answer = simulator.post("/_simulator/faults", body=json.dumps(described))
    assert answer.status == 400
    assert answer.json()["error"]


def test_the_whole_books_can_be_read(books):
    id_ = books.customer("Acme")
    found = books.simulator.get("/_simulator/books").json()
    assert [each["Id"] for each in found["Customer"]] == [id_]
    assert len(found["Account"]) > 20
    assert found["Invoice"] == []


def test_the_log_has_every_write_in_order(books):
    books.make("Customer", {"DisplayName": "Acme", "Notes": "x\nsyncapp:cus:k7"}, "?requestid=r1")
    books.item("Widget", Sku="syncapp:item:1")
    books.post("customer", {"DisplayName": "acme"})
    first, second = books.simulator.log()
    assert (
        first.items()
        >= {
            "request_id": "r1",
            "operation": "create",
            "type": "Customer",
            "marker": "syncapp:cus:k7",
            "origin": "api",
        }.items()
    )
    assert second["marker"] == "syncapp:item:1"
    assert first["time"] < second["time"]


def test_reset_empties_the_books_but_keeps_the_connection(books):
    books.customer("Acme")
    assert books.simulator.post("/_simulator/reset").status == 200
    assert customers(books) == []
    assert books.simulator.log() == []
    assert books.customer("Acme") == "58"
