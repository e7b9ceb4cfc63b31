"""Pulling and finding beyond what the contract asks: pages, the feed's limits, odd answers."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.documents import Item, Party, RecordType
from connectors.interface import Cursor, Operation, Outage, Page, Reason, Request, Response
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.connector import QuickBooksOnline
from tests.connectors.contract import Subject, create, follow_up, line
from tests.connectors.quickbooks_online.test_payloads import US

CUSTOMER, INVOICE, TAX_CODE = RecordType.CUSTOMER, RecordType.INVOICE, RecordType.TAX_CODE
NOW = "2026-11-20T10:00:00-08:00"
EARLIER = "2026-11-20T09:58:00-08:00"  # by the overlap


def customers(*ids: int) -> list[dict[str, Any]]:
    return [{"Id": str(id_), "SyncToken": "0", "DisplayName": f"C {id_}"} for id_ in ids]


def found(rows: Sequence[dict[str, Any]], time: str = NOW) -> Response:
    response = {"Customer": rows} if rows else {}
    return Response(200, {}, json.dumps({"QueryResponse": response, "time": time}).encode())


def changes(rows: Sequence[dict[str, Any]], time: str = NOW) -> Response:
    part = [{"Customer": rows}] if rows else [{}]
    body = {"CDCResponse": [{"QueryResponse": part}], "time": time}
    return Response(200, {}, json.dumps(body).encode())


def pull(cursor: dict[str, Any], *responses: Response) -> tuple[Page, list[Request]]:
    """The page that these responses make, and what was asked."""
    steps = QuickBooksOnline(US).pull(CUSTOMER, Cursor(cursor))
    asked = [next(steps)]
    for response in responses[:-1]:
        asked.append(steps.send(response))
    with pytest.raises(StopIteration) as end:
        steps.send(responses[-1])
    return end.value.value, asked


def test_a_scan_asks_for_a_thousand_in_the_order_of_ids_inactive_ones_too():
    page, (asked,) = pull({}, found(customers(1, 2)))
    assert asked.body == (
        b"SELECT * FROM Customer WHERE Active IN (true, false) "
        b"ORDERBY Id STARTPOSITION 1 MAXRESULTS 1000"
    )
    assert asked.url == "https://there.example/v3/company/123/query?minorversion=75"
    assert asked.headers["Content-Type"] == "application/text"
    assert [remote.external_id for remote in page.records] == ["1", "2"]
    assert page.is_last
    assert page.is_complete_scan
    assert page.cursor == Cursor({"since": EARLIER})


def test_an_empty_company_is_scanned_completely():
    page, _ = pull({}, found([]))
    assert (page.records, page.is_last, page.is_complete_scan) == ([], True, True)


def test_a_full_page_goes_on_where_it_ended_and_keeps_the_first_time():
    page, _ = pull({}, found(customers(*range(1, 1001))))
    assert not page.is_last
    assert len(page.records) == 1000
    assert page.cursor == Cursor({"scan": 1000, "last": "1000", "since": EARLIER})
    second, (asked,) = pull(
        page.cursor.position, found(customers(1000, 1001), time="2026-11-20T10:05:00-08:00")
    )
    assert b"STARTPOSITION 1000 " in asked.body
    assert [remote.external_id for remote in second.records] == ["1001"]
    assert (second.is_last, second.is_complete_scan) == (True, True)
    assert second.cursor == Cursor({"since": EARLIER})


@pytest.mark.parametrize("rows", [customers(1001, 1002), []])
def test_a_scan_that_lost_its_place_starts_over(rows: list[dict[str, Any]]):
    """Something before it was deleted meanwhile: another object moved into the gap unseen."""
    position = {"scan": 1000, "last": "1000", "since": EARLIER}
    page, _ = pull(position, found(rows))
    assert page == Page((), (), Cursor({}), is_last=False)


def test_the_feed_is_asked_for_one_type_since_the_cursor():
    rows = [*customers(1), {"Id": "2", "status": "Deleted", "domain": "QBO"}]
    page, (asked,) = pull({"since": EARLIER}, changes(rows))
    url = urlsplit(asked.url)
    assert url.path == "/v3/company/123/cdc"
    assert parse_qs(url.query) == {
        "entities": ["Customer"],
        "changedSince": [EARLIER],
        "minorversion": ["75"],
    }
    assert [remote.external_id for remote in page.records] == ["1"]
    assert page.deleted == ["2"]
    assert page.is_last
    assert not page.is_complete_scan
    assert page.cursor == Cursor({"since": EARLIER})


def test_no_change_moves_the_cursor():
    page, _ = pull({"since": EARLIER}, changes([], time="2026-11-20T11:00:00-08:00"))
    assert (page.records, page.deleted) == ([], [])
    assert page.cursor == Cursor({"since": "2026-11-20T10:58:00-08:00"})


def test_a_feed_that_gives_as_much_as_it_can_is_not_believed():
    page, _ = pull({"since": EARLIER}, changes(customers(*range(1000))))
    assert page == Page((), (), Cursor({}), is_last=False)
    page, _ = pull({"since": EARLIER}, changes(customers(*range(999))))
    assert (len(page.records), page.is_last) == (999, True)


@pytest.mark.parametrize(
    ("since", "is_scan"),
    [("2026-10-20T10:00:00-08:00", True), ("2026-10-23T10:00:00-08:00", False)],
)
def test_a_feed_that_reaches_too_far_back_is_not_believed(since: str, is_scan: bool):
    """By the provider's clock, in the answer or, where it refuses, in its header."""
    page, _ = pull({"since": since}, changes(customers(1)))
    assert (page.cursor == Cursor({})) is is_scan


def test_a_refusal_of_an_old_cursor_starts_over():
    fault = {"Fault": {"Error": [{"code": "2070", "Detail": "30 days"}]}}
    headers = {"date": "Fri, 20 Nov 2026 18:00:00 GMT"}
    response = Response(400, headers, json.dumps(fault).encode())
    page, _ = pull({"since": "2026-10-01T00:00:00+00:00"}, response)
    assert page == Page((), (), Cursor({}), is_last=False)
    with pytest.raises(Outage):
        pull({"since": EARLIER}, response)


@pytest.mark.parametrize(
    "body",
    [
        {"CDCResponse": [{"Fault": {"Error": [{"code": "10000", "Detail": "Sorry"}]}}]},
        {"Fault": {"Error": [{"code": "10000", "Detail": "Sorry"}]}},
    ],
)
def test_a_fault_in_the_place_of_objects_is_an_outage(body: dict[str, Any]):
    steps = QuickBooksOnline(US).pull(CUSTOMER, Cursor({"since": EARLIER}))
    next(steps)
    with pytest.raises(Outage, match="Sorry") as caught:
        steps.send(Response(200, {}, json.dumps(body).encode()))
    assert caught.value.reason is Reason.TRANSIENT


def test_the_time_is_the_headers_where_the_body_has_none():
    body = json.dumps({"QueryResponse": {}}).encode()
    response = Response(200, {"date": "Fri, 20 Nov 2026 18:00:00 GMT"}, body)
    page, _ = pull({}, response)
    assert page.cursor == Cursor({"since": "2026-11-20T17:58:00+00:00"})


def test_without_any_time_the_next_pull_scans_again():
    page, _ = pull({}, Response(200, {}, b'{"QueryResponse": {}}'))
    assert page.cursor == Cursor({})


def test_tax_codes_have_the_sum_of_their_rates(subject: Subject):
    pages = subject.pages(TAX_CODE, Cursor())
    rates = {remote.label: remote.content.rate for page in pages for remote in page.records}
    assert rates["TAX"] is rates["NON"] is None
    assert str(rates["California"]) == "8"
    assert str(rates["Tucson"]) == "9.1"


def test_tax_codes_are_read_whole_each_time(subject: Subject):
    first = subject.pages(TAX_CODE, Cursor())[-1]
    again = subject.pages(TAX_CODE, first.cursor)[-1]
    assert again.is_complete_scan
    assert again.records == first.records


def test_names_are_found_whatever_is_in_them(subject: Subject):
    names = ["O'Neil \\ Sons", "100% 'sure'", "Müller & Söhne", "a_b", "(deleted)"]
    pushes = [create(CUSTOMER, Party(name=name), id=str(n)) for n, name in enumerate(names)]
    subject.push(*pushes)
    answers = subject.run(subject.connector.find(pushes))
    assert [[r.content.name for r in answers[push.id]] for push in pushes] == [[n] for n in names]


def test_names_are_found_in_any_case_and_inactive(subject: Subject):

    there = subject.add(CUSTOMER, Party(name="Acme"), marker=" ")
    subject.accepted(follow_up(there, Operation.DELETE))
    (remote,) = subject.run(subject.connector.find([create(CUSTOMER, Party(name="ACME"))]))["0"]
    assert remote.external_id == there.external_id
    assert not remote.content.is_active


def test_an_item_is_found_by_its_sku(subject: Subject):
    there = subject.add(RecordType.ITEM, Item(name="Widget", sku="W-1"))
    renamed = create(RecordType.ITEM, Item(name="Gadget", sku="W-1"))
    (remote,) = subject.run(subject.connector.find([renamed]))["0"]
    assert remote.external_id == there.external_id


def test_a_document_that_quickbooks_numbered_is_found_by_its_marker(
    subject: Subject, with_config: Callable[..., Subject]
):
    theirs = with_config(custom_numbers=False)
    push = create(INVOICE, theirs.document(INVOICE), marker="syncapp:test:invoice:5")
    there = theirs.accepted(push)
    assert list(theirs.run(theirs.connector.find([push]))["0"]) == [there.remote]


def test_one_batch_is_found_with_one_question_per_type(subject: Subject):
    contents = [subject.document(INVOICE) for _ in range(5)]
    pushes = [
        create(INVOICE, each, f"syncapp:test:a:{n}", str(n)) for n, each in enumerate(contents)
    ]
    subject.push(*pushes)
    asked: list[Request] = []

    def send(request: Request) -> Response:
        asked.append(request)
        return subject.send(request)

    watched = dataclasses.replace(subject, send=send)
    answers = watched.run(subject.connector.find(pushes))
    assert [len(hits) for hits in answers.values()] == [1] * 5
    assert len(asked) == 1


def test_a_different_total_is_somebody_elses_document(subject: Subject):
    content = subject.document(INVOICE)
    subject.accepted(create(INVOICE, content))
    other = dataclasses.replace(content, lines=(line("1", content.lines[0].item, "1", "1"),))
    assert not subject.run(subject.connector.find([create(INVOICE, other, "syncapp:t:a:1")]))["0"]


def test_the_check_up_tells_what_will_bite():
    prefs = {
        "SalesFormsPrefs": {"CustomTxnNumbers": False, "AutoApplyCredit": True},
        "CurrencyPrefs": {"MultiCurrencyEnabled": True, "HomeCurrency": {"value": "CAD"}},
        "AccountingInfoPrefs": {"BookCloseDate": "2026-03-31"},
    }
    steps = QuickBooksOnline(US).check()
    next(steps)
    steps.send(Response(200, {}, b'{"CompanyInfo": {"CompanyName": "Maple", "Country": "CA"}}'))
    with pytest.raises(StopIteration) as end:
        steps.send(Response(200, {}, json.dumps({"Preferences": prefs}).encode()))
    health = end.value.value
    assert (health.company_name, health.country, health.currency) == ("Maple", "CA", "CAD")
    assert [caution.code for caution in health.cautions] == [
        "custom_numbers_off",
        "auto_apply_credits_on",
        "multi_currency_on",
        "books_closed",
    ]
    assert all(caution.message and caution.advice for caution in health.cautions)
    assert health.preferences == {
        "country": "CA",
        "home_currency": "CAD",
        "custom_numbers": False,
        "multi_currency": True,
        "closing_date": "2026-03-31",
    }


def checked_up(config: Config, info: dict, prefs: dict, time: str = "2026-11-20T10:00:00Z"):
    """The codes of the cautions for a company with these settings."""
    steps = QuickBooksOnline(config).check()
    next(steps)
    body = {"CompanyInfo": {"CompanyName": "A", **info}, "time": time}
    steps.send(Response(200, {}, json.dumps(body).encode()))
    numbered = {"SalesFormsPrefs": {"CustomTxnNumbers": True}, **prefs}
    with pytest.raises(StopIteration) as end:
        steps.send(Response(200, {}, json.dumps({"Preferences": numbered}).encode()))
    return [caution.code for caution in end.value.value.cautions]


@pytest.mark.parametrize(
    ("changes", "info", "prefs", "code"),
    [
        (
            {},
            {"NameValue": [{"Name": "OfferingSku", "Value": "QuickBooks Online Simple Start"}]},
            {},
            "simple_start",
        ),
        ({}, {}, {"TaxPrefs": {"UsingSalesTax": False}}, "sales_tax_off"),
        (
            {},
            {},
            {"TaxPrefs": {"UsingSalesTax": True, "PartnerTaxEnabled": True}},
            "automated_sales_tax_on",
        ),
        (
            {"own_currency": "EUR"},
            {},
            {"CurrencyPrefs": {"HomeCurrency": {"value": "USD"}}},
            "home_currency_differs",
        ),
        (
            {"values_inventory": True},
            {},
            {"ProductAndServicesPrefs": {"QuantityOnHand": False}},
            "inventory_off",
        ),
        ({"consent_ends": datetime.date(2027, 2, 1)}, {}, {}, "consent_ends"),
    ],
)
def test_the_check_up_tells_what_bites_some(changes, info, prefs, code):
    assert checked_up(dataclasses.replace(US, **changes), info, prefs) == [code]


def test_the_check_up_is_silent_about_what_does_not_bite():
    far = dataclasses.replace(US, consent_ends=datetime.date(2031, 11, 1), own_currency="USD")
    assert checked_up(far, {}, {"ProductAndServicesPrefs": {"QuantityOnHand": False}}) == []


def test_a_harmless_company_has_no_cautions(subject: Subject):
    health = subject.run(subject.connector.check())
    assert health.cautions == []
    assert health.closing_date is None
