"""Whose notification it is, and which companies it is about."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import json

import pytest

from connectors.documents import RecordType
from connectors.interface import Announcement
from connectors.quickbooks_online import webhooks

TOKEN = "verifier"


def signed(body: bytes, token: str = TOKEN) -> dict[str, str]:
    digest = hmac.new(token.encode(), body, hashlib.sha256).digest()
    return {"intuit-signature": base64.b64encode(digest).decode()}


def event(realm: str, kind: str = "qbo.customer.created.v1"):
    return {"specversion": "1.0", "id": "1", "type": kind, "intuitaccountid": realm, "data": {}}


def announced(body: object):
    data = json.dumps(body).encode()
    return webhooks.announcements(signed(data), data, TOKEN)


def heard(body: object) -> set[str]:
    return {each.account_id for each in announced(body)}


def test_cloud_events_of_several_companies_come_in_one_body():
    assert heard([event("1"), event("2", "qbo.invoice.voided.v1"), event("1")]) == {"1", "2"}


def test_the_shape_before_cloud_events_is_read_too():
    part = {"dataChangeEvent": {"entities": [{"name": "Customer", "operation": "Create"}]}}
    assert heard({"eventNotifications": [{"realmId": "7", **part}]}) == {"7"}
    assert heard({"eventNotifications": []}) == set()


def test_both_shapes_tell_which_object_changed_and_when():
    at = "2026-11-20T21:31:25.179Z"
    new = {**event("1", "qbo.invoice.updated.v1"), "intuitentityid": "44", "time": at}
    entity = {"name": "Invoice", "id": "44", "operation": "Update", "lastUpdated": at}
    old = {"eventNotifications": [{"realmId": "1", "dataChangeEvent": {"entities": [entity]}}]}
    moment = datetime.datetime(2026, 11, 20, 21, 31, 25, 179000, tzinfo=datetime.UTC)
    expected = [Announcement("1", RecordType.INVOICE, "44", moment)]
    assert announced([new]) == announced(old) == expected


@pytest.mark.parametrize("at", [None, "", "yesterday", 7])
def test_an_announcement_without_a_readable_time_counts_all_the_same(at: object):
    assert announced([{**event("1"), "time": at}])[0].at is None


def test_what_is_not_synchronized_does_not_matter():
    assert heard([event("1", "qbo.estimate.created.v1"), event("1", "qbo.budget.x.v1")]) == set()
    assert heard([event("1", "qbo.vendorcredit.deleted.v1")]) == {"1"}
    assert heard([event("1", "qbo.billpayment.created.v1")]) == {"1"}


@pytest.mark.parametrize("body", [b"", b"{", b"7", b"[7]", b'"x"', b"[" * 100_000, b"\xff\xfe"])
def test_what_cannot_be_read_is_taken_and_means_nothing(body):
    """Were it refused, Intuit would hold back everything that comes after it."""
    assert webhooks.announcements(signed(body), body, TOKEN) == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"intuit-signature": ""},
        {"intuit-signature": "not base64 ü"},
        signed(b"[]", "another token"),
        signed(b"[] "),
        {"intuit-signature": signed(b"[]")["intuit-signature"].lower()},
    ],
)
def test_another_signature_is_nobodys(headers):
    assert webhooks.announcements(headers, b"[]", TOKEN) is None


def test_without_a_verifier_token_nothing_is_believed():
    assert webhooks.announcements(signed(b"[]", ""), b"[]", "") is None
