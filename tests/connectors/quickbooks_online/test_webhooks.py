"""Whose notification it is, and which companies it is about."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from connectors.quickbooks_online import webhooks

TOKEN = "verifier"


def signed(body: bytes, token: str = TOKEN) -> dict[str, str]:
    digest = hmac.new(token.encode(), body, hashlib.sha256).digest()
    return {"intuit-signature": base64.b64encode(digest).decode()}


def event(realm: str, kind: str = "qbo.customer.created.v1"):
    return {"specversion": "1.0", "id": "1", "type": kind, "intuitaccountid": realm, "data": {}}


def heard(body: object) -> frozenset[str] | None:
    data = json.dumps(body).encode()
    return webhooks.companies(signed(data), data, TOKEN)


def test_cloud_events_of_several_companies_come_in_one_body():
    assert heard([event("1"), event("2", "qbo.invoice.voided.v1"), event("1")]) == {"1", "2"}


def test_the_shape_before_cloud_events_is_read_too():
    part = {"dataChangeEvent": {"entities": [{"name": "Customer", "operation": "Create"}]}}
    assert heard({"eventNotifications": [{"realmId": "7", **part}]}) == {"7"}
    assert heard({"eventNotifications": []}) == frozenset()


def test_what_is_not_synchronized_does_not_matter():
    assert heard([event("1", "qbo.estimate.created.v1"), event("1", "qbo.budget.x.v1")]) == set()
    assert heard([event("1", "qbo.vendorcredit.deleted.v1")]) == {"1"}
    assert heard([event("1", "qbo.billpayment.created.v1")]) == {"1"}


@pytest.mark.parametrize("body", [b"", b"{", b"7", b"[7]", b'"x"', b"[" * 100_000, b"\xff\xfe"])
def test_what_cannot_be_read_is_taken_and_means_nothing(body):
    """Were it refused, Intuit would hold back everything that comes after it."""
    assert webhooks.companies(signed(body), body, TOKEN) == frozenset()


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
    assert webhooks.companies(headers, b"[]", TOKEN) is None


def test_without_a_verifier_token_nothing_is_believed():
    assert webhooks.companies(signed(b"[]", ""), b"[]", "") is None
