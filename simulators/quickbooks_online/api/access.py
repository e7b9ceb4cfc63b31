"""Who may ask: the bearer token, and the company it was issued for."""

from __future__ import annotations

from simulators.quickbooks_online import tokens
from simulators.quickbooks_online.clock import written
from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.messages import Reply, Request, json_reply
from simulators.quickbooks_online.refusal import gateway_fault


def check_access(company: Company, request: Request, realm: str) -> Reply | None:
    """A 401 (3200) or 403 (3100) of the gateway, or nothing if the caller may pass."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    with company.store.reading() as rows:
        is_known = tokens.is_valid_access_token(rows, token.strip())
    if scheme.lower() != "bearer" or not is_known:
        detail = "Token expired" if token else "Missing bearer token"
        return _refused(company, 401, "3200", "AuthenticationFailed", detail)
    if realm != company.realm_id:
        name = "ApplicationAuthorizationFailed"
        detail = f"The token was not issued for the company {realm}"
        return _refused(company, 403, "3100", name, detail)
    return None


def _refused(company: Company, status: int, code: str, name: str, detail: str) -> Reply:
    body = gateway_fault(status, code, name, detail)
    return json_reply({**body, "time": written(company.clock.now())}, status)
