"""JSON-RPC with a Tryton server, for preparing it and for looking into its books."""

from __future__ import annotations

import base64
import json
from typing import Any

import urllib3

from syncapp.tryton_server.install import TrytonError

ADMIN = "admin"


class Client:
    """A session of one user. Only what it is told goes into the context."""

    def __init__(self, address: str, database: str) -> None:
        self._http = urllib3.PoolManager(retries=False)
        self._headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip"}
        self._url = f"{address}/{database}/{self._path(address)}"
        self.context: dict[str, Any] = {"language": "en"}
        self.user_id = 0

    def _path(self, address: str) -> str:
        """7.x answers at the root, and takes "rpc" for a database."""
        body = b'{"id": 1, "method": "common.server.version", "params": []}'
        answer = self._http.request("POST", f"{address}/rpc/", body=body, headers=self._headers)
        return "rpc/" if answer.status == 200 else ""

    def log_in(self, password: str, user: str = ADMIN) -> None:
        self.user_id, token, *_rest = self("common.db.login", user, {"password": password}, None)
        pair = f"{user}:{self.user_id}:{token}".encode()
        self._headers["Authorization"] = f"Session {base64.b64encode(pair).decode()}"

    def __call__(self, method: str, *params: Any) -> Any:
        """The result; a None as the last parameter stands for "without a context"."""
        given = list(params[:-1]) if params and params[-1] is None else [*params, self.context]
        body = json.dumps({"id": 1, "method": method, "params": given}).encode()
        answer = self._http.request("POST", self._url, body=body, headers=self._headers)
        if answer.status != 200:
            raise TrytonError(f"{method}: HTTP {answer.status}")
        found = json.loads(answer.data)
        if "error" in found:
            # With all the field definitions of a domain, it can be 100 kB.
            raise TrytonError(f"{method}: {str(found['error'])[:500]}")
        return found["result"]

    def create(self, model: str, **values: Any) -> int:
        made: int = self(f"model.{model}.create", [values])[0]
        return made

    def write(self, model: str, ids: list[int], **values: Any) -> None:
        self(f"model.{model}.write", ids, values)

    def find(self, model: str, domain: list[Any], *fields: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self(
            f"model.{model}.search_read", domain, 0, None, [["id", "ASC"]], list(fields)
        )
        return rows

    def id_of(self, model: str, *domain: Any) -> int:
        rows = self.find(model, list(domain), "id")
        if not rows:
            raise TrytonError(f"Tryton has no {model} with {domain}")
        found: int = rows[0]["id"]
        return found

    def button(self, model: str, name: str, ids: list[int]) -> None:
        self(f"model.{model}.{name}", ids)

    def wizard(self, name: str, *steps: tuple[str, dict[str, Any]]) -> None:
        """Run a wizard: each step is a state with the data of the forms before it."""
        session = self(f"wizard.{name}.create")[0]
        for state, data in steps:
            self(f"wizard.{name}.execute", session, data, state)
        self(f"wizard.{name}.delete", session)


def decimal(value: object) -> dict[str, str]:
    return {"__class__": "Decimal", "decimal": str(value)}


def date(year: int, month: int, day: int) -> dict[str, Any]:
    return {"__class__": "date", "year": year, "month": month, "day": day}
