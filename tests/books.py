"""The simulated accounting system as a process of its own, for tests."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import urllib3
from django.conf import settings
from django.core.management import call_command

from companies.models import Company
from connectors.models import Connection

ROOT = Path(__file__).resolve().parent.parent


class Books:
    """What a test may ask of, and do to, the simulated books."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._http = urllib3.PoolManager()

    def all(self, entity: str) -> list[dict[str, Any]]:
        return self._json("GET", "/_simulator/books").get(entity, [])

    def log(self) -> list[dict[str, Any]]:
        return self._json("GET", "/_simulator/log")

    def creates_per_marker(self) -> Counter[str]:
        return Counter(
            row["marker"] for row in self.log() if row["operation"] == "create" and row["marker"]
        )

    def named(self, entity: str, name: str) -> dict[str, Any]:
        key = "DisplayName" if entity in {"Customer", "Vendor"} else "Name"
        return next(row for row in self.all(entity) if row.get(key) == name)

    def edit(self, entity: str, object_id: str, **fields: str) -> None:
        """Through the simulator's page, as a person would."""
        path = f"/books/{entity.lower()}/{object_id}"
        present = next(row for row in self.all(entity) if row["Id"] == object_id)
        response = self._http.request_encode_body(
            "POST",
            self.address + path,
            fields={"SyncToken": present["SyncToken"], "Active": "on", **fields},
            encode_multipart=False,
            redirect=False,
        )
        assert response.status in {302, 303}, response.data.decode()

    def post(self, path: str, body: dict[str, Any], connection: Connection) -> dict[str, Any]:
        """Writes through the API, as another program with access would."""
        response = self._http.request(
            "POST",
            f"{self.address}/v3/company/{connection.account_id}/{path}",
            body=json.dumps(body),
            headers={
                "Authorization": f"Bearer {connection.credentials['access_token']}",
                "Content-Type": "application/json",
            },
        )
        assert response.status == 200, response.data.decode()
        written: dict[str, Any] = json.loads(response.data)
        return written

    def set_faults(self, *faults: dict[str, Any]) -> None:
        """What goes wrong next; see simulators/quickbooks_online/faults.py."""
        body = json.dumps(faults).encode()
        response = self._http.request("POST", self.address + "/_simulator/faults", body=body)
        assert response.status < 300, response.data.decode()

    def reset(self) -> None:
        self.set_faults()
        self._http.request("POST", self.address + "/_simulator/reset")

    def _json(self, method: str, path: str) -> Any:
        response = self._http.request(method, self.address + path)
        return json.loads(response.data)


@contextlib.contextmanager
def running_books(data: Path, *arguments: str) -> Iterator[Books]:
    """Starts the process on a free port and waits until it answers."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "simulators.quickbooks_online",
            "--port",
            "0",
            "--data",
            str(data),
            "--auto-approve",
            *arguments,
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip().rpartition(" ")[2].rstrip("/")
        yield Books(address)
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout:
            process.stdout.close()


def point_at(books: Books) -> None:
    """Let the connector talk to these books instead of the vendor."""
    settings.QUICKBOOKS_ONLINE = {
        "api_url": books.address,
        "authorize_url": f"{books.address}/connect/oauth2",
        "token_url": f"{books.address}/oauth2/v1/tokens/bearer",
        "revoke_url": f"{books.address}/v2/oauth2/tokens/revoke",
        "client_id": "test-client",
        "client_secret": "test-secret",
        "rate_factor": 100.0,
    }


def connected(company: Company, **options: Any) -> Connection:
    """Connects through the command, as an operator would."""
    call_command("connect", "quickbooks_online", company=company.name, json=True, **options)
    return Connection.objects.open().get(company=company)


def until(condition: Any, *, seconds: float = 20) -> Any:
    """Waits for something true; fails with what it last was."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"still {value!r} after {seconds} s"
        time.sleep(0.1)
    return value
