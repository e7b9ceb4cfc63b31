"""What a person may see of a body."""

from __future__ import annotations

import json

import pytest

from jobs.masking import COVER, masked, masked_headers


@pytest.mark.parametrize(
    "name",
    [
        "access_token",
        "RefreshToken",
        "client_secret",
        "Password",
        "PrimaryPhone",
        "PrimaryEmailAddr",
        "TaxIdentifier",
        "BankAccountNum",
        "AcctNum",
        "IBAN",
    ],
)
def test_a_field_with_a_telling_name_is_covered_whatever_is_in_it(name: str) -> None:
    assert json.loads(masked(json.dumps({name: "value"}))) == {name: COVER}
    assert json.loads(masked(json.dumps({name: {"FreeFormNumber": "1"}}))) == {name: COVER}
    assert masked(f"{name}=value&b=1") == f"{name}={COVER}&b=1"
    assert masked(f"<A><{name}>value</{name}></A>") == f"<A><{name}>{COVER}</{name}></A>"


@pytest.mark.parametrize(
    "text",
    [
        "write to nancy.davolio@northwind.example",
        "call +49 30 901820",
        "call (206) 555-9857",
        "DE89 3704 0044 0532 0130 00",
        "4111 1111 1111 1111",
        "4111111111111111",
        "Authorization: Bearer eyJhbGciOi.x-y_z",
    ],
)
def test_what_looks_personal_is_covered_wherever_it_stands(text: str) -> None:
    covered = json.loads(masked(json.dumps({"Memo": text})))["Memo"]
    assert COVER in covered
    assert not any(part in covered for part in ("davolio", "9018", "9857", "3704", "1111", "eyJ"))


def test_what_support_needs_stays_readable() -> None:
    body = {
        "SyncToken": "3",
        "DocNumber": "INV-10248",
        "TxnDate": "2026-11-23",
        "MetaData": {"LastUpdatedTime": "2026-11-23T03:02:11-08:00"},
        "Id": "9341453908",
        "intuit_tid": "1-66f2a1b0-5d2f",
    }
    assert json.loads(masked(json.dumps(body))) == body


def test_numbers_are_shown_as_they_were_written() -> None:
    text = masked('{"TotalAmt": 440.00, "Qty": 3, "Paid": true, "Note": null, "Lines": []}')
    assert '"TotalAmt": 440.00' in text
    assert text.splitlines()[0] == "{"
    assert '"Lines": []' in text


def test_what_is_not_json_stays_text() -> None:
    assert masked("<html>down for maintenance</html>") == "<html>down for maintenance</html>"
    assert masked("") == ""


def test_headers_lose_their_secrets() -> None:
    assert masked_headers({"Authorization": "Bearer x", "Cookie": "a=1", "Accept": "json"}) == {
        "Authorization": COVER,
        "Cookie": COVER,
        "Accept": "json",
    }
