"""What an answer means: refusals of one record, outages of all."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from connectors.documents import Party, RecordType, Trade
from connectors.interface import (
    Accepted,
    Again,
    LinkState,
    Operation,
    Outage,
    Outcome,
    Push,
    Reason,
    Rejected,
    Request,
    Response,
    Unknown,
)
from connectors.quickbooks_online.batch import ALONE, LOOK
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.connector import QuickBooksOnline
from tests.connectors.quickbooks_online.test_payloads import DAY, US

CONNECTOR = QuickBooksOnline(US)
INVOICE = Trade(number="1", party="58", date=DAY)
DUPLICATE_NUMBER = (
    "Duplicate Document Number Error : You must specify a different number. This number has "
    "already been used. DocNumber=SO-1 is assigned to TxnType=Invoice with TxnId=146"
)


def request(*pushes: Push) -> Request:
    return CONNECTOR.push(pushes, iter(["k" * 20]))[0]


def customer(id: str = "0") -> Push:
    return Push(id, RecordType.CUSTOMER, Operation.CREATE, "", "Acme", Party(name="Acme"))


def invoice(operation: Operation = Operation.CREATE, id: str = "0") -> Push:
    link = None if operation is Operation.CREATE else LinkState("130", "0")
    return Push(id, RecordType.INVOICE, operation, "", "1", INVOICE, link)


def error(code: str, detail: str = "Why", element: str = "") -> dict[str, Any]:
    return {"Message": "What", "Detail": detail, "code": code, "element": element}


def fault(*errors: dict[str, Any]) -> dict[str, Any]:
    return {"Fault": {"Error": list(errors), "type": "ValidationFault"}}


def answer(status: int, body: object, **headers: str) -> Response:
    return Response(status, headers, json.dumps(body).encode())


def read(pushes: list[Push], *answers: dict[str, Any]) -> dict[str, Outcome]:
    response = answer(200, {"BatchItemResponse": list(answers), "time": "2026-11-20"})
    return dict(CONNECTOR.read(request(*pushes), response))


def refusal(push: Push, *errors: dict[str, Any]) -> Rejected:
    # Another record is accepted, so that a common reason does not become an outage.
    good = customer("99")
    accepted = {"bId": "99", "Customer": {"Id": "1", "SyncToken": "0", "DisplayName": "Acme"}}
    outcome = read([push, good], {"bId": push.id, **fault(*errors)}, accepted)[push.id]
    assert isinstance(outcome, Rejected)
    return outcome


def outage(response: Response) -> Outage:
    with pytest.raises(Outage) as caught:
        CONNECTOR.read(request(customer("0"), customer("1")), response)
    return caught.value


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("3200", Reason.AUTH),
        ("120", Reason.AUTH),
        ("3100", Reason.AUTH),
        ("6190", Reason.AUTH),
        ("003001", Reason.RATE_LIMIT),
        ("5010", Reason.STALE_VERSION),
        ("6240", Reason.DUPLICATE),
        ("6140", Reason.DUPLICATE),
        ("630", Reason.DUPLICATE),
        ("2500", Reason.MISSING_REFERENCE),
        ("6250", Reason.MISSING_REFERENCE),
        ("610", Reason.MISSING_REFERENCE),
        ("6200", Reason.CLOSED_PERIOD),
        ("6210", Reason.CLOSED_PERIOD),
        ("2020", Reason.MAPPING),
        ("6560", Reason.MAPPING),
        ("6100", Reason.MAPPING),
        ("6160", Reason.MAPPING),
        ("6230", Reason.MAPPING),
        ("6470", Reason.MAPPING),
        ("6430", Reason.MAPPING),
        ("2010", Reason.INTERNAL),
        ("2130", Reason.INTERNAL),
        ("4000", Reason.INTERNAL),
        ("500", Reason.INTERNAL),
        ("2040", Reason.VALIDATION),
        ("2050", Reason.VALIDATION),
        ("2210", Reason.VALIDATION),
        ("2220", Reason.VALIDATION),
        ("2300", Reason.VALIDATION),
        ("620", Reason.VALIDATION),
        ("6000", Reason.VALIDATION),
        ("6070", Reason.VALIDATION),
        ("6270", Reason.VALIDATION),
        ("6480", Reason.VALIDATION),
        ("6540", Reason.VALIDATION),
        ("5020", Reason.VALIDATION),
        ("9999", Reason.VALIDATION),
    ],
)
def test_each_code_has_its_reason_and_keeps_its_text(code: str, reason: Reason):
    found = refusal(customer(), error(code, "In their words"))
    assert (found.reason, found.code, found.message) == (
        reason,
        code.lstrip("0"),
        "In their words",
    )


def test_a_tax_rate_that_is_missing_is_a_mapping():
    text = "Business Validation Error: Make sure all your transactions have a GST/HST rate"
    assert refusal(customer(), error("6000", text)).reason is Reason.MAPPING


def test_a_taken_number_names_who_has_it():
    assert refusal(invoice(), error("6140", DUPLICATE_NUMBER)).external_id == "146"


@pytest.mark.parametrize("kind", ["Bill", "Credit Memo"])
def test_a_number_taken_by_another_type_names_nobody_to_link(kind: str):
    text = DUPLICATE_NUMBER.replace("Invoice", kind)
    assert refusal(invoice(), error("6140", text)).external_id == ""


@pytest.mark.parametrize(
    ("detail", "external_id"),
    [
        ("The name supplied already exists. : Id=58", "58"),
        ("The name supplied already exists. : Another customer is already using it.", ""),
    ],
)
def test_a_taken_name_names_who_has_it_if_they_say_so(detail: str, external_id: str):
    found = refusal(customer(), error("6240", detail, "DisplayName"))
    assert (found.external_id, found.field) == (external_id, "name")


def test_a_missing_reference_is_named():
    detail = "Invalid Reference Id : Names element id 58 not found"
    found = refusal(invoice(), error("2500", detail, "Line.SalesItemLineDetail.ItemRef"))
    assert (found.field, found.external_id) == ("item", "58")


@pytest.mark.parametrize(
    ("operation", "element", "reason"),
    [
        (Operation.CREATE, "", Reason.MISSING_REFERENCE),
        (Operation.UPDATE, "CustomerRef", Reason.MISSING_REFERENCE),
        (Operation.VOID, "", Reason.GONE),
        (Operation.DELETE, "", Reason.GONE),
    ],
)
def test_not_found_is_said_of_references_and_of_the_object(operation, element, reason):
    found = refusal(invoice(operation), error("610", "made inactive", element))
    assert found.reason is reason


def test_an_update_that_is_not_told_what_is_missing_asks_first():
    """Inactive customer or deleted invoice: QuickBooks says the same of both."""
    push = invoice(Operation.UPDATE)
    refused = {"bId": "0", **fault(error("610", "made inactive"))}
    (outcome,) = read([push], refused).values()
    assert isinstance(outcome, Again)
    again = replace(push, note=outcome.note)
    items = json.loads(request(again).body)["BatchItemRequest"]
    assert items[1] == {"bId": "q0", "Query": "SELECT * FROM Invoice WHERE Id = '130'"}

    def told(response: dict[str, Any]) -> Reason:
        (outcome,) = read([again], refused, {"bId": "q0", **response}).values()
        assert isinstance(outcome, Rejected)
        return outcome.reason

    assert told({"QueryResponse": {"Invoice": [{"Id": "130"}]}}) is Reason.MISSING_REFERENCE
    assert told({"QueryResponse": {}}) is Reason.GONE
    # Nobody knows: then nothing may offer to create it again.
    assert told(fault(error("10000"))) is Reason.VALIDATION


def test_the_question_finds_inactive_names_too():
    link = LinkState("58", "0")
    content = Party(name="Acme", payment_term="3")
    push = Push("0", RecordType.CUSTOMER, Operation.UPDATE, "", "Acme", content, link, note=LOOK)
    question = json.loads(request(push).body)["BatchItemRequest"][1]["Query"]
    assert question == "SELECT * FROM Customer WHERE Id = '58' AND Active IN (true, false)"


def test_questions_count_as_items_of_a_batch():
    pushes = [replace(invoice(Operation.UPDATE, str(at)), note=LOOK) for at in range(20)]
    requests = CONNECTOR.push(pushes, iter(map(str, range(9))))
    sizes = [len(json.loads(each.body)["BatchItemRequest"]) for each in requests]
    assert sizes == [30, 10]
    assert [push for each in requests for push in each.pushes] == [push.id for push in pushes]


@pytest.mark.parametrize(
    ("element", "field"),
    [
        ("", ""),
        ("DocNumber", "number"),
        ("Line.Amount", "lines"),
        ("Line[2].SalesItemLineDetail.TaxCodeRef", "tax_code"),
        ("PrimaryEmailAddr.Address", "email"),
        ("BillAddr.PostalCode", "address_line1"),
        ("SomethingNew", "SomethingNew"),
    ],
)
def test_an_element_is_a_field_of_ours(element: str, field: str):
    assert refusal(customer(), error("2050", element=element)).field == field


def test_several_errors_are_told_and_the_first_decides():
    found = refusal(customer(), error("2050", "Too long"), error("6240", "Taken"))
    assert (found.code, found.reason) == ("2050", Reason.VALIDATION)
    assert found.message == "Too long\nTaken"


def test_the_message_serves_where_there_is_no_detail():
    assert refusal(customer(), {"Message": "What", "code": "6000"}).message == "What"


def test_keys_may_be_in_lower_case():
    body = {"fault": {"error": [{"message": "m", "detail": "d", "code": "5010"}]}}
    outcome = read([customer()], {"bId": "0", **body})["0"]
    assert outcome == Rejected(Reason.STALE_VERSION, "5010", "d")


def test_what_the_answer_leaves_out_stays_open():
    there = {"Id": "1", "SyncToken": "0", "DisplayName": "Acme"}
    outcomes = read([customer("0"), customer("1")], {"bId": "1", "Customer": there})
    assert list(outcomes) == ["1"]
    assert isinstance(outcomes["1"], Accepted)


def test_what_was_not_asked_is_passed_over():
    assert read([customer()], {"bId": "77", **fault(error("2050"))}) == {}


def test_a_deletion_is_accepted_without_an_object():
    gone = {"bId": "0", "Invoice": {"Id": "130", "status": "Deleted", "domain": "QBO"}}
    assert read([invoice(Operation.DELETE)], gone) == {"0": Accepted("130", "")}


@pytest.mark.parametrize(
    "item",
    [
        {"bId": "0"},
        {"bId": "0", "Customer": None},
        {"bId": "0", "Invoice": {"Id": "1"}},
        {"bId": "0", **fault(error("10000"))},
        {"bId": "0", **fault(error("600"))},
    ],
)
def test_an_item_that_says_nothing_certain_is_unknown(item: dict[str, Any]):
    assert isinstance(read([customer()], item)["0"], Unknown)


def test_an_object_that_cannot_be_read_is_unknown():
    there = {"Id": "1", "SyncToken": "0", "TxnDate": "soon"}
    assert isinstance(read([invoice()], {"bId": "0", "Invoice": there})["0"], Unknown)


def test_nobody_let_in_is_one_outage():
    items = [{"bId": number, **fault(error("6190", "Subscription ended"))} for number in "01"]
    found = outage(answer(200, {"BatchItemResponse": items}))
    assert (found.reason, found.code) == (Reason.AUTH, "6190")
    assert found.message == "Subscription ended"
    assert found.is_decided


@pytest.mark.parametrize(
    ("response", "reason", "is_decided"),
    [
        (answer(401, {"fault": {"error": [{"code": "3200"}]}}), Reason.AUTH, True),
        (answer(401, "nothing"), Reason.AUTH, True),
        (answer(403, {"fault": {"error": [{"code": "003100"}]}}), Reason.AUTH, True),
        (answer(400, fault(error("3200"))), Reason.AUTH, True),
        (answer(200, fault(error("3200"))), Reason.AUTH, True),
        (answer(429, {}), Reason.RATE_LIMIT, True),
        (answer(403, {"Fault": {"Error": [{"code": "003001"}]}}), Reason.RATE_LIMIT, True),
        (answer(500, fault(error("10000"))), Reason.TRANSIENT, False),
        (answer(400, fault(error("10000"))), Reason.TRANSIENT, False),
        (answer(400, fault(error("600"))), Reason.TRANSIENT, False),
        (answer(503, {}), Reason.TRANSIENT, False),
        (answer(404, {}), Reason.TRANSIENT, False),
        (answer(302, {}), Reason.TRANSIENT, False),
        (answer(200, []), Reason.TRANSIENT, False),
        (answer(200, {}), Reason.TRANSIENT, False),
        (Response(200, {}, b'{"BatchItemResponse": [{"bId": "0", '), Reason.TRANSIENT, False),
        (Response(502, {}, b"<html>Bad gateway"), Reason.TRANSIENT, False),
    ],
)
def test_outages(response: Response, reason: Reason, is_decided: bool):
    found = outage(response)
    assert (found.reason, found.is_decided) == (reason, is_decided)
    assert found.message


@pytest.mark.parametrize(("header", "seconds"), [("", 60), ("5", 60), ("120", 120), ("soon", 60)])
def test_a_rate_limit_waits_a_minute_at_least(header: str, seconds: float):
    assert outage(Response(429, {"retry-after": header}, b"")).retry_after == seconds


def test_a_batch_that_is_refused_as_a_whole_wrote_nothing():
    pushes = [customer("0"), customer("1")]
    response = answer(400, fault(error("2010", "failed to parse")))
    outcomes = CONNECTOR.read(request(*pushes), response)
    assert outcomes == dict.fromkeys("01", Again(ALONE))


def test_after_that_each_goes_alone():
    pushes = [replace(customer(str(at)), note=ALONE if at in (1, 2) else "") for at in range(4)]
    requests = CONNECTOR.push(pushes, iter(map(str, range(9))))
    assert [each.pushes for each in requests] == [("0",), ("1",), ("2",), ("3",)]
    assert len({each.key for each in requests}) == 4


def test_a_record_that_is_alone_in_its_batch_is_to_blame():
    response = answer(400, fault(error("2050", "Too long", "DisplayName")))
    outcomes = CONNECTOR.read(request(customer()), response)
    assert outcomes == {"0": Rejected(Reason.VALIDATION, "2050", "Too long", field="name")}


def test_another_process_can_read_what_this_one_sent():
    """Nothing but the two values is needed."""
    one = request(customer())
    fresh = QuickBooksOnline(Config("https://elsewhere.example", "9"))
    there = {"Id": "1", "SyncToken": "0", "DisplayName": "Acme"}
    response = answer(200, {"BatchItemResponse": [{"bId": "0", "Customer": there}]})
    assert fresh.read(one, response) == CONNECTOR.read(one, response)
