"""Lets requests in where there is no OAuth: logs in with a password, and keeps the session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from connectors.http import NoResponse, send
from connectors.interface import Outage, Reason, Request, Response
from connectors.models import Connection, ConnectionState
from connectors.tryton import rpc, session
from connectors.tryton.config import Config

# Short, because a log-in holds the connection's row meanwhile (as in connectors/oauth.py).
TIMEOUT = 20.0


@dataclass(frozen=True, slots=True)
class Access:
    """What a connection is opened with."""

    account_id: str
    credentials: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)


def open_tryton(*, url: str, database: str, user: str, password: str, company: str = "") -> Access:
    """Log in once, and see which company the user works for; `company` names one of several.
    Raises Outage, and session.BadAddress for an address that is none."""
    url = session.checked_address(url)
    rpc_path = _rpc_path(url)
    address = f"{url}/{database}/{rpc_path}"
    user_id, token = session.session_of(_send(session.login_request(address, user, password)))
    config = Config(url=url, database=database, company=0, rpc_path=rpc_path)
    company_id = _company(config, session.header(user, user_id, token), company)
    return Access(
        account_id=f"{url}/{database} {company_id}"[:100],
        credentials={"user": user, "password": password, "user_id": user_id, "token": token},
        settings={
            "url": url,
            "database": database,
            "company": company_id,
            "rpc_path": rpc_path,
            "user": user_id,
        },
    )


def authorize(connection: Connection) -> Mapping[str, str]:
    """The header that lets a request in; logs in when there is no session. Not inside a
    transaction: a new session is committed before it is used. Raises Outage."""
    credentials = connection.credentials
    if not credentials.get("token"):
        credentials = _logged_in(connection)
    return session.header(credentials["user"], credentials["user_id"], credentials["token"])


def forget(connection: Connection) -> None:
    """After a 401: the next call logs in, unless somebody else has done so meanwhile."""
    with transaction.atomic(durable=True):
        row = _locked(connection)
        if row.credentials.get("token") == connection.credentials.get("token"):
            row.set_credentials({**row.credentials, "token": ""})
            row.save(update_fields=["sealed_credentials"])
    _take_over(connection, row)


def _logged_in(connection: Connection) -> dict[str, Any]:
    """One log-in at a time. A rejected password is never tried again: after five of them Tryton
    turns away the right one too."""
    refusal = None
    with transaction.atomic(durable=True):
        row = _locked(connection)
        if not row.credentials.get("token"):
            try:
                row.set_credentials(_log_in(row))
            except Outage as outage:  # raised after the commit, which keeps the state
                refusal = outage
                if outage.reason is Reason.AUTH and row.is_open:
                    row.state = ConnectionState.RECONNECT
            row.save(update_fields=["sealed_credentials", "state"])
    _take_over(connection, row)
    if refusal:
        raise refusal
    return row.credentials


def _log_in(row: Connection) -> dict[str, Any]:
    credentials = row.credentials
    if not credentials.get("password"):
        raise Outage(Reason.AUTH, "The connection has no password.", is_decided=True)
    known = row.settings
    address = f"{known['url']}/{known['database']}/{known['rpc_path']}"
    request = session.login_request(address, credentials["user"], credentials["password"])
    user_id, token = session.session_of(_send(request))
    return {**credentials, "user_id": user_id, "token": token}


def _rpc_path(url: str) -> str:
    for path in session.RPC_PATHS:
        if session.version_of(_send(session.version_request(url, path))):
            return path
    raise Outage(Reason.TRANSIENT, f"No Tryton server answers at {url}.", is_decided=True)


def _company(config: Config, access: Mapping[str, str], name: str) -> int:
    request = rpc.call(
        config, "model.company.company.search_read", [], 0, None, [["id", "ASC"]], ["party.name"]
    )
    rows = rpc.result_of(send(request, authorization=access, timeout=TIMEOUT))
    names = {str(row["party."]["name"]): int(row["id"]) for row in rows}
    if name in names:
        return names[name]
    if len(names) == 1 and not name:
        return next(iter(names.values()))
    known = ", ".join(f"“{one}”" for one in sorted(names)) or "none"
    raise Outage(
        Reason.VALIDATION, f"Name the company in Tryton. There are: {known}.", is_decided=True
    )


def _send(request: Request) -> Response:
    try:
        return send(request, authorization={}, timeout=TIMEOUT)
    except NoResponse as failure:
        raise Outage(Reason.TRANSIENT, failure.why, is_decided=True) from failure


def _locked(connection: Connection) -> Connection:
    return Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)


def _take_over(connection: Connection, row: Connection) -> None:
    connection.sealed_credentials = row.sealed_credentials
    connection.state = row.state
