"""OAuth 2 as the vendor does it: consent, tokens, revocation, discovery."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlencode, urlsplit

from simulators.quickbooks_online import jsontext, tokens
from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.messages import (
    Reply,
    Request,
    json_reply,
    page_reply,
    redirect,
)
from simulators.quickbooks_online.pages.consent import consent_page, refusal_page
from simulators.quickbooks_online.tokens import Pair

SCOPE = "com.intuit.quickbooks.accounting"


def authorize(company: Company, request: Request) -> Reply:
    """GET /connect/oauth2: ask the user, or with --auto-approve do as if he had agreed."""
    asked = dict(request.query)
    problem = _problem(asked)
    if problem:
        return page_reply(refusal_page(problem), 400)
    if asked.get("response_type") != "code":
        return _back(asked, error="unsupported_response_type")
    if SCOPE not in asked.get("scope", "").split():
        return _back(asked, error="invalid_scope")
    if company.settings.auto_approve:
        return _approved(company, asked)
    return page_reply(consent_page(company.name, asked))


def decide(company: Company, request: Request) -> Reply:
    """POST /connect/oauth2: the answer to the consent page."""
    form = request.form()
    problem = _problem(form)
    if problem:
        return page_reply(refusal_page(problem), 400)
    if form.get("decision") != "approve":
        return _back(form, error="access_denied")
    return _approved(company, form)


def _problem(asked: dict[str, str]) -> str:
    """What keeps us from sending the user back at all."""
    if not asked.get("client_id"):
        return "The address has no client_id."
    if urlsplit(asked.get("redirect_uri", "")).scheme not in ("http", "https"):
        return "The address has no usable redirect_uri."
    if not asked.get("state"):
        return "The address has no state, which the vendor requires."
    return ""


def _approved(company: Company, asked: dict[str, str]) -> Reply:
    with company.store.writing() as rows:
        code = tokens.issue_code(rows, asked["client_id"], asked["redirect_uri"])
    return _back(asked, code=code, realmId=company.realm_id)


def _back(asked: dict[str, str], **answer: str) -> Reply:
    address = asked["redirect_uri"]
    joint = "&" if urlsplit(address).query else "?"
    return redirect(address + joint + urlencode({**answer, "state": asked["state"]}))


def token(company: Company, request: Request) -> Reply:
    """POST /oauth2/v1/tokens/bearer: the two grants of the authorization-code flow."""
    client = _client(request)
    if not client:
        return _error("invalid_client", 401)
    form = request.form()
    with company.store.writing() as rows:
        if form.get("grant_type") == "authorization_code":
            pair = tokens.redeem_code(
                rows,
                company.settings,
                form.get("code", ""),
                client,
                form.get("redirect_uri", ""),
            )
        elif form.get("grant_type") == "refresh_token":
            given = form.get("refresh_token", "")
            pair = tokens.redeem_refresh(rows, company.settings, given, client)
        else:
            return _error("unsupported_grant_type")
    return _tokens(request, pair) if pair else _error("invalid_grant")


def _tokens(request: Request, pair: Pair) -> Reply:
    answer: dict[str, object] = {
        "token_type": "bearer",
        "access_token": pair.access,
        "expires_in": pair.access_seconds,
        "refresh_token": pair.refresh,
        "x_refresh_token_expires_in": pair.refresh_seconds,
    }
    if request.headers.get("x-include-refresh-token-hard-expires-in") == "true":
        answer["x_refresh_token_hard_expires_in"] = tokens.HARD_SECONDS
    return json_reply(answer)


def revoke(company: Company, request: Request) -> Reply:
    """POST /v2/oauth2/tokens/revoke with {"token": ...}, as JSON or as a form."""
    client = _client(request)
    if not client:
        return _error("invalid_client", 401)
    with company.store.writing() as rows:
        is_revoked = tokens.revoke(rows, _token_in(request), client)
    return Reply(200) if is_revoked else _error("invalid_request")


def _token_in(request: Request) -> str:
    if "json" not in request.headers.get("content-type", ""):
        return request.form().get("token", "")
    try:
        body = jsontext.loads(request.body)
    except ValueError:
        return ""
    return str(body.get("token", "")) if isinstance(body, dict) else ""


def _client(request: Request) -> str:
    """Client id and secret of Basic authentication; any will do, a token is theirs."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    client, _, secret = decoded.partition(":")
    return client if client and secret else ""


def _error(name: str, status: int = 400) -> Reply:
    return json_reply({"error": name}, status)


def user_info(company: Company, request: Request) -> Reply:
    """GET /v1/openid_connect/userinfo: the one person of these books."""
    token = request.headers.get("authorization", "").rpartition(" ")[2]
    with company.store.reading() as rows:
        is_known = tokens.is_valid_access_token(rows, token)
    if not is_known:
        return _error("invalid_token", 401)
    return json_reply({"sub": company.realm_id, "email": "books@company.example"})


def keys(company: Company, request: Request) -> Reply:
    """GET /op/v1/jwks: none, as no id tokens are issued."""
    return json_reply({"keys": []})


def discovery(company: Company, request: Request) -> Reply:
    """GET /.well-known/openid_configuration: where the endpoints are."""
    here = f"http://{request.headers.get('host', 'localhost')}"
    return json_reply(
        {
            "issuer": here,
            "authorization_endpoint": f"{here}/connect/oauth2",
            "token_endpoint": f"{here}/oauth2/v1/tokens/bearer",
            "revocation_endpoint": f"{here}/v2/oauth2/tokens/revoke",
            "userinfo_endpoint": f"{here}/v1/openid_connect/userinfo",
            "jwks_uri": f"{here}/op/v1/jwks",
            "scopes_supported": [SCOPE],
            "response_types_supported": ["code"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }
    )
