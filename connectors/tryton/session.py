"""Logging in to Tryton: the requests, and what their answers mean. Moves no bytes."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from connectors.interface import Outage, Reason, Request, Response
from connectors.tryton import values
from connectors.tryton.rpc import HEADERS

# Where 8.0 and later answer, and where 7.x does.
RPC_PATHS: Sequence[str] = ("rpc/", "")


class BadAddress(ValueError):
    """The text says what an address looks like."""


def checked_address(url: str) -> str:
    """Scheme, host and port; nothing else may come along. Raises BadAddress."""
    parts = urlsplit(url.strip())
    is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not is_plain:
        raise BadAddress("The address must look like https://tryton.example.com:8000")
    return url.strip().rstrip("/")


def version_request(url: str, rpc_path: str) -> Request:
    """Before any log-in. 7.x answers 401 at /rpc/: it takes "rpc" for a database."""
    return _request(f"{url}/{rpc_path}", "common.server.version", [], "Version")


def version_of(response: Response) -> str:
    """ "8.0"; "" when this is not where Tryton answers."""
    if response.status != 200:
        return ""
    try:
        found = values.load(response.body)
    except ValueError:
        return ""
    return str(found.get("result") or "") if isinstance(found, dict) else ""


def login_request(address: str, user: str, password: str) -> Request:
    return _request(address, "common.db.login", [user, {"password": password}], "Log in")


def session_of(response: Response) -> tuple[int, str]:
    """User id and token (7.x gives two parts, later ones three). Raises Outage."""
    if response.status == 401:
        raise Outage(
            Reason.AUTH,
            "Tryton does not accept the user name and password. Connect again with the right ones.",
            code="rejected_password",
            is_decided=True,
        )
    if response.status == 429:
        raise Outage(
            Reason.RATE_LIMIT,
            "Tryton refuses log-ins for a while, because too many failed.",
            code="429",
            retry_after=300,
            is_decided=True,
        )
    try:
        found = values.load(response.body).get("result")
        return int(found[0]), str(found[1])
    except (ValueError, TypeError, AttributeError, IndexError):
        raise Outage(
            Reason.TRANSIENT,
            f"Tryton could not log us in (HTTP {response.status}).",
            code=str(response.status),
            is_decided=True,
        ) from None


def header(user: str, user_id: int, token: str) -> Mapping[str, str]:
    pair = f"{user}:{user_id}:{token}".encode()
    return {"Authorization": f"Session {base64.b64encode(pair).decode()}"}


def _request(url: str, method: str, params: list[object], summary: str) -> Request:
    body = values.dump({"id": 1, "method": method, "params": params})
    return Request("POST", url, HEADERS, body, summary=summary)
