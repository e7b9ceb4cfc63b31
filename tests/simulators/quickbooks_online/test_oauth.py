"""Consent, tokens, refresh and revocation."""

from __future__ import annotations

import json
import time

import pytest

from tests.simulators.quickbooks_online.driver import (
    CALLBACK,
    Books,
    authorization_address,
    basic,
    exchange,
    redirected,
)

BEARER = "/oauth2/v1/tokens/bearer"


def refresh(simulator, token, headers=None):
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return simulator.form(BEARER, form, headers=headers or basic())


def test_consent_leads_back_with_code_state_and_company(simulator):
    given = redirected(simulator.get(authorization_address()))
    assert given["state"] == "some state"
    assert given["realmId"].isdigit()
    tokens = exchange(simulator, given["code"]).json()
    assert tokens["token_type"] == "bearer"
    assert tokens["expires_in"] == 3600
    assert tokens["x_refresh_token_expires_in"] == 100 * 24 * 3600


def test_a_person_can_approve_or_deny(start):
    simulator = start("--company-name", "Tea & Co")
    page = simulator.get(authorization_address()).data.decode()
    assert "Tea &amp; Co" in page
    asked = {"client_id": "app", "redirect_uri": CALLBACK, "state": "s"}
    denied = simulator.form("/connect/oauth2", {**asked, "decision": "deny"})
    assert redirected(denied) == {"error": "access_denied", "state": "s"}
    approved = simulator.form("/connect/oauth2", {**asked, "decision": "approve"})
    assert exchange(simulator, redirected(approved)["code"]).status == 200


@pytest.mark.parametrize("missing", ["client_id", "redirect_uri", "state"])
def test_an_address_that_cannot_lead_back_gets_a_page(simulator, missing):
    assert simulator.get(authorization_address(**{missing: ""})).status == 400


def test_an_unknown_scope_is_sent_back(simulator):
    answer = simulator.get(authorization_address(scope="openid"))
    assert redirected(answer)["error"] == "invalid_scope"


def test_a_code_works_once_and_for_its_address_only(simulator):
    code = redirected(simulator.get(authorization_address()))["code"]
    assert exchange(simulator, code).status == 200
    assert exchange(simulator, code).json() == {"error": "invalid_grant"}
    code = redirected(simulator.get(authorization_address()))["code"]
    assert exchange(simulator, code, redirect_uri="http://other.example").status == 400


def test_a_refresh_token_rotates_and_its_old_value_dies(simulator):
    old = Books(simulator)
    answer = refresh(simulator, old.refresh_token)
    assert answer.status == 200
    again = refresh(simulator, old.refresh_token)
    assert (again.status, again.json()) == (400, {"error": "invalid_grant"})
    assert refresh(simulator, answer.json()["refresh_token"]).status == 200


def test_a_young_refresh_token_is_kept_when_rotation_is_slow(start):
    simulator = start("--auto-approve", "--refresh-rotation-seconds", "86400")
    token = Books(simulator).refresh_token
    assert refresh(simulator, token).json()["refresh_token"] == token


def test_a_token_belongs_to_its_client(simulator):
    token = Books(simulator).refresh_token
    assert refresh(simulator, token, basic("another")).status == 400
    assert refresh(simulator, token, {"Authorization": "none"}).status == 401


def test_the_hard_expiry_is_told_to_who_asks(simulator):
    token = Books(simulator).refresh_token
    headers = {**basic(), "x-include-refresh-token-hard-expires-in": "true"}
    assert "x_refresh_token_hard_expires_in" in refresh(simulator, token, headers).json()


def test_an_expired_access_token_is_a_gateway_fault(start):
    simulator = start("--auto-approve", "--access-token-seconds", "1")
    books = Books(simulator)
    assert books.call("GET", "companyinfo/1").status == 200
    time.sleep(1.05)
    answer = books.call("GET", "companyinfo/1")
    assert answer.status == 401
    assert answer.body["fault"]["error"][0]["code"] == "3200"
    assert answer.headers["intuit_tid"]


def test_another_company_is_refused(books):
    books = Books(books.simulator)
    books.realm = "1"
    answer = books.call("GET", "companyinfo/1")
    assert answer.status == 403
    assert answer.body["fault"]["error"][0]["code"] == "3100"


def test_revoking_ends_access_and_refresh(simulator):
    books = Books(simulator)
    body = json.dumps({"token": books.refresh_token})
    headers = {**basic(), "Content-Type": "application/json"}
    assert simulator.post("/v2/oauth2/tokens/revoke", body=body, headers=headers).status == 200
    assert books.call("GET", "companyinfo/1").status == 401
    assert refresh(simulator, books.refresh_token).status == 400


def test_the_discovery_document_names_the_endpoints(simulator):
    found = simulator.get("/.well-known/openid_configuration").json()
    assert found["token_endpoint"] == simulator.address + BEARER
