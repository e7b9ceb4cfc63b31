"""requestid: the first response again, and nothing written twice."""

from __future__ import annotations

import pytest

from tests.simulators.quickbooks_online.driver import Books, bill

ACME = {"DisplayName": "Acme"}


def test_a_repeated_request_gets_the_same_bytes_and_changes_nothing(books):
    first = books.post("customer?requestid=one", ACME)
    again = books.post("customer?requestid=one", ACME)
    assert again.data == first.data
    assert again.status == 200
    assert len(books.found("SELECT * FROM Customer")) == 1
    assert len(books.simulator.log()) == 1


def test_a_fault_is_repeated_too(books):
    first = books.post("bill?requestid=one", bill("99999"))
    books.vendor()
    again = books.post("bill?requestid=one", bill("99999"))
    assert (again.status, again.data) == (400, first.data)


def test_another_body_under_a_known_id_gets_the_first_response(books):
    first = books.post("customer?requestid=one", ACME)
    assert books.post("customer?requestid=one", {"DisplayName": "Other"}).data == first.data


def test_or_a_fault_600_when_the_simulator_is_told_so(start):
    books = Books(start("--auto-approve", "--refuse-reused-request-ids"))
    first = books.post("customer?requestid=one", ACME)
    assert books.post("customer?requestid=one", {"DisplayName": "Other"}).codes == ["600"]
    assert books.post("customer?requestid=one", ACME).data == first.data


@pytest.mark.parametrize("kind", ["stop", "kill"])
def test_the_memory_outlives_the_process(start, kind):
    simulator = start("--auto-approve")
    books = Books(simulator)
    first = books.post("customer?requestid=one", ACME)
    getattr(simulator, kind)()
    books.simulator = start("--auto-approve")
    assert books.post("customer?requestid=one", ACME).data == first.data
    assert len(books.found("SELECT * FROM Customer")) == 1


def test_a_request_id_has_at_most_fifty_characters(books):
    assert books.post(f"customer?requestid={'x' * 51}", ACME).codes == ["2130"]
    assert books.post(f"customer?requestid={'x' * 50}", ACME).status == 200


def test_a_batch_is_repeated_as_a_whole(books):
    item = {"bId": "0", "operation": "create", "Customer": ACME}
    faulty = {"bId": "1", "operation": "create", "Bill": bill("99999")}
    body = {"BatchItemRequest": [item, faulty]}
    first = books.post("batch?requestid=b", body)
    assert books.post("batch?requestid=b", body).data == first.data
    assert len(books.simulator.log()) == 1


def test_a_batch_with_a_request_id_has_tighter_limits(books):
    item = {"bId": "x" * 11, "operation": "create", "Customer": ACME}
    body = {"BatchItemRequest": [item]}
    assert books.post("batch?requestid=one", body).codes == ["2130"]
    assert books.post(f"batch?requestid={'x' * 37}", body).codes == ["2130"]
    assert books.post("batch", body).status == 200
