"""The vendor's request limits, when they are turned on."""

from __future__ import annotations

import json
import time

from tests.simulators.quickbooks_online.driver import Books


def test_without_the_switch_nothing_is_throttled(books):
    assert {books.call("GET", "preferences").status for _ in range(40)} == {200}


def test_more_than_ten_requests_a_second_are_turned_away(start):
    books = Books(start("--auto-approve", "--rate-limits"))
    began = time.monotonic()
    answers = [books.call("GET", "preferences") for _ in range(11)]
    assert time.monotonic() - began < 1, "too slow to say anything"
    assert [each.status for each in answers] == [200] * 10 + [429]
    fault = json.loads(answers[-1].data)["fault"]
    assert fault["error"][0]["code"] == "3001"
    assert fault["error"][0]["message"].startswith("message=ThrottleExceeded; errorCode=003001")
    time.sleep(1)
    assert books.call("GET", "preferences").status == 200


def test_what_is_not_the_api_is_not_counted(start):
    simulator = start("--auto-approve", "--rate-limits")
    assert {simulator.get("/_simulator/company").status for _ in range(15)} == {200}
