"""Lets requests in: OAuth 2 consent, tokens, and their refresh under the connection's row lock."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import transaction

from connectors.http import NoResponse, send
from connectors.interface import Outage, Reason, Request, Response
from connectors.models import Connection, ConnectionState

# An access token with less left than this (seconds) is refreshed before it is used.
LEAST_LEFT = 120
# Short, because a refresh holds the connection's row meanwhile (see _refreshed).
TIMEOUT = 10.0
# Intuit: "maximum 5 years", told only to those who ask. Others ignore the header.
ASK_FOR_HARD_EXPIRY = {"x-include-refresh-token-hard-expires-in": "true"}

# A refresh token dies 100 days after its last use (Intuit; Xero: 60): one that nobody used for so
# long (seconds) is used, to stay alive.
KEEP_ALIVE_AFTER = 20 * 24 * 3600.0

# {"access_token", "refresh_token", "expires_at", "refresh_expires_at", "hard_expires_at"}; the
# times in unix seconds. The last is the end of the consent, which no refresh moves.
Credentials = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OAuthApp:
    """Our application as one accounting system knows it; nothing of any connection."""

    authorize_url: str
    token_url: str
    revoke_url: str  # "" where tokens cannot be revoked
    client_id: str
    client_secret: str
    scope: str


def new_state() -> str:
    """Kept in the session before the consent and compared after it."""
    return secrets.token_urlsafe(32)


def authorize_url(*, app: OAuthApp, redirect_uri: str, state: str) -> str:
    """Where to send a person to approve the connection."""
    query = {
        "client_id": app.client_id,
        "response_type": "code",
        "scope": app.scope,
        "redirect_uri": redirect_uri,
        "state": state,
    }
    joint = "&" if "?" in app.authorize_url else "?"
    return f"{app.authorize_url}{joint}{urlencode(query)}"


def exchange_code(*, app: OAuthApp, code: str, redirect_uri: str, now: float) -> Credentials:
    """The credentials for a code, which works once. Raises Outage."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    return _credentials(_token(app, form), now)


def bearer(connection: Connection, *, app: OAuthApp, now: float) -> Mapping[str, str]:
    """The header that lets a request in; `now` in unix seconds. Not inside a transaction: a
    refreshed token is committed before it is used. Raises Outage."""
    credentials = connection.credentials
    if not _is_fresh(credentials, now):
        credentials = _refreshed(connection, app, now)
    return {"Authorization": f"Bearer {credentials['access_token']}"}


def keep_alive(connection: Connection, *, app: OAuthApp, now: float) -> bool:
    """Refresh what no job has used for long; False if there was no need. Raises Outage."""
    credentials = connection.credentials
    idle = now - float(credentials.get("expires_at", 0))
    if not credentials.get("refresh_token") or idle < KEEP_ALIVE_AFTER:
        return False
    _refreshed(connection, app, now)
    return True


def ends_at(credentials: Credentials) -> float | None:
    """When the consent ends for good, where the provider said so."""
    return float(credentials["hard_expires_at"]) if credentials.get("hard_expires_at") else None


def forget_access_token(connection: Connection) -> None:
    """After a 401: the next call refreshes, unless somebody else has done so meanwhile."""
    with transaction.atomic(durable=True):
        row = _locked(connection)
        credentials = row.credentials
        if credentials.get("access_token") == connection.credentials.get("access_token"):
            row.set_credentials({**credentials, "expires_at": 0})
            row.save(update_fields=["sealed_credentials"])
    _take_over(connection, row)


def revoke(connection: Connection, *, app: OAuthApp) -> bool:
    """End the consent over there and forget the tokens here; False if they did not confirm."""
    with transaction.atomic(durable=True):
        row = _locked(connection)
        token = row.credentials.get("refresh_token", "")
        row.set_credentials({})
        row.save(update_fields=["sealed_credentials"])
    _take_over(connection, row)
    if not token or not app.revoke_url:
        return False
    request = Request(
        method="POST",
        url=app.revoke_url,
        headers={"Accept": "application/json", "Content-Type": "application/json"},
        body=json.dumps({"token": token}).encode(),
    )
    try:
        return send(request, authorization=_basic(app), timeout=TIMEOUT).status == 200
    except NoResponse:
        return False


def _is_fresh(credentials: Credentials, now: float) -> bool:
    is_there = bool(credentials.get("access_token"))
    return is_there and float(credentials.get("expires_at", 0)) - now >= LEAST_LEFT


def _refreshed(connection: Connection, app: OAuthApp, now: float) -> Credentials:
    """Refresh, or find that another did.

    The one remote call of the product under a lock. A refresh token dies when it is used, and of
    two exchanges at once the provider may revoke both; so only one may be under way, and the new
    token must be saved before anybody else looks. The lock leaves foreign keys alone (no key):
    records go on being captured meanwhile. TIMEOUT bounds it.
    """
    refusal = None
    with transaction.atomic(durable=True):
        row = _locked(connection)
        if not _is_fresh(row.credentials, now):
            try:
                row.set_credentials(_refresh(row.credentials, app, now))
            except Outage as outage:  # raised after the commit, which keeps the state
                refusal = outage
                _note_refusal(row, outage)
            row.save(update_fields=["sealed_credentials", "state"])
    _take_over(connection, row)
    if refusal:
        raise refusal
    return row.credentials


def _locked(connection: Connection) -> Connection:
    return Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)


def _take_over(connection: Connection, row: Connection) -> None:
    """The caller's copy must not write or use what is gone."""
    connection.sealed_credentials = row.sealed_credentials
    connection.state = row.state


def _note_refusal(row: Connection, outage: Outage) -> None:
    if outage.code == "invalid_grant" and row.is_open:
        row.state = ConnectionState.RECONNECT


def _refresh(credentials: Credentials, app: OAuthApp, now: float) -> Credentials:
    token = credentials.get("refresh_token")
    if not token:
        raise Outage(
            Reason.AUTH, "The connection has no credentials.", code="invalid_grant", is_decided=True
        )
    form = {"grant_type": "refresh_token", "refresh_token": token}
    # A provider that does not rotate the token may leave it out.
    return {**credentials, **_credentials(_token(app, form), now)}


def _token(app: OAuthApp, form: Mapping[str, str]) -> Mapping[str, Any]:
    """Whatever goes wrong here, the request that needs the token was not sent: is_decided."""
    request = Request(
        method="POST",
        url=app.token_url,
        headers={
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            **ASK_FOR_HARD_EXPIRY,
        },
        body=urlencode(form).encode(),
    )
    try:
        response = send(request, authorization=_basic(app), timeout=TIMEOUT)
    except NoResponse as error:
        raise Outage(Reason.TRANSIENT, error.why, is_decided=True) from error
    answer = _answer(response)
    if response.status != 200 or not answer.get("access_token"):
        raise _outage(response.status, str(answer.get("error", "")))
    return answer


def _answer(response: Response) -> Mapping[str, Any]:
    try:
        answer = json.loads(response.body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _outage(status: int, error: str) -> Outage:
    """RFC 6749, 5.2: `invalid_grant` is the end of this consent, `invalid_client` our settings."""
    if error == "invalid_grant":
        message = "The accounting system no longer accepts the connection. Reconnect."
        return Outage(Reason.AUTH, message, code=error, is_decided=True)
    if error in {"invalid_client", "unauthorized_client"}:
        message = "The client id or secret of this installation is not accepted."
        return Outage(Reason.AUTH, message, code=error, is_decided=True)
    if status == 429:
        message = "The accounting system asks us to wait."
        return Outage(Reason.RATE_LIMIT, message, retry_after=60, is_decided=True)
    message = f"No token could be had (HTTP {status}{', ' if error else ''}{error})."
    return Outage(Reason.TRANSIENT, message, code=error or str(status), is_decided=True)


def _credentials(answer: Mapping[str, Any], now: float) -> Credentials:
    found: Credentials = {
        "access_token": answer["access_token"],
        "expires_at": int(now + float(answer.get("expires_in", 0))),
    }
    if answer.get("refresh_token"):
        found["refresh_token"] = answer["refresh_token"]
    for name, field in (
        ("x_refresh_token_expires_in", "refresh_expires_at"),
        ("x_refresh_token_hard_expires_in", "hard_expires_at"),
    ):
        if answer.get(name):
            found[field] = int(now + float(answer[name]))
    return found


def _basic(app: OAuthApp) -> Mapping[str, str]:
    pair = f"{app.client_id}:{app.client_secret}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
