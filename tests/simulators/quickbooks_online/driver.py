"""Starts the simulator as its own process and talks to it as a connector would."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import urllib3

ROOT = Path(__file__).resolve().parents[3]
CALLBACK = "http://app.example/callback"
SCOPE = "com.intuit.quickbooks.accounting"
Json = dict[str, Any]


class Simulator:
    """One running process."""

    def __init__(self, data: Path, *options: str) -> None:
        command = [sys.executable, "-m", "simulators.quickbooks_online", "--data", str(data)]
        self.process = subprocess.Popen(
            [*command, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        assert self.address, "the simulator did not start"
        self.http = urllib3.PoolManager(retries=False)

    def get(self, path: str, **options: Any) -> urllib3.BaseHTTPResponse:
        return self.http.request("GET", self.address + path, redirect=False, **options)

    def post(self, path: str, **options: Any) -> urllib3.BaseHTTPResponse:
        return self.http.request("POST", self.address + path, redirect=False, **options)

    def form(self, path: str, fields: dict[str, str], **options: Any) -> urllib3.BaseHTTPResponse:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        headers |= options.pop("headers", {})
        return self.post(path, body=urlencode(fields), headers=headers, **options)

    def faults(self, *faults: Json) -> None:
        answer = self.post("/_simulator/faults", body=json.dumps(faults))
        assert answer.status == 200, answer.data

    def log(self) -> list[Json]:
        return json.loads(self.get("/_simulator/log").data)

    def kill(self) -> None:
        """As kill -9 does: no chance to finish anything."""
        self.process.kill()
        self._wait()

    def stop(self) -> int:
        self.process.terminate()
        return self._wait()

    def _wait(self) -> int:
        code = self.process.wait(timeout=10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.http.clear()
        return code


def basic(client: str = "app", secret: str = "secret") -> dict[str, str]:
    pair = base64.b64encode(f"{client}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def authorization_address(**changes: str) -> str:
    asked = {
        "client_id": "app",
        "response_type": "code",
        "scope": SCOPE,
        "redirect_uri": CALLBACK,
        "state": "some state",
    }
    return "/connect/oauth2?" + urlencode({**asked, **changes})


def redirected(response: urllib3.BaseHTTPResponse) -> dict[str, str]:
    assert response.status == 303
    query = parse_qs(urlsplit(response.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def exchange(simulator: Simulator, code: str, **changes: str) -> urllib3.BaseHTTPResponse:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    path = "/oauth2/v1/tokens/bearer"
    return simulator.form(path, {**form, **changes}, headers=basic())


@dataclass
class Answer:
    """Status, headers and the parsed body of a response."""

    status: int
    headers: Any
    data: bytes

    @property
    def body(self) -> Json:
        return json.loads(self.data, parse_float=Decimal)

    @property
    def codes(self) -> list[str]:
        return [error["code"] for error in self.body["Fault"]["Error"]]

    @property
    def detail(self) -> str:
        return self.body["Fault"]["Error"][0]["Detail"]


class Books:
    """The Accounting API with a token, as an application sees it."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        given = redirected(simulator.get(authorization_address()))
        tokens = exchange(simulator, given["code"]).json()
        self.realm = given["realmId"]
        self.token = tokens["access_token"]
        self.refresh_token = tokens["refresh_token"]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        data = body if isinstance(body, bytes) or body is None else as_json(body)
        response = self.simulator.http.request(
            method,
            f"{self.simulator.address}/v3/company/{self.realm}/{path}",
            body=data,
            headers={"Authorization": f"Bearer {self.token}", **headers},
        )
        return Answer(response.status, response.headers, response.data)

    def post(self, path: str, body: Any) -> Answer:
        return self.call("POST", path, body)

    def make(self, entity: str, body: Json, options: str = "") -> Json:
        """Create or update, and give back the object; fails the test on a fault."""
        answer = self.post(entity.lower() + options, body)
        assert answer.status == 200, answer.data
        return answer.body[entity]

    def read(self, entity: str, id_: str) -> Json:
        return self.call("GET", f"{entity.lower()}/{id_}").body[entity]

    def query(self, statement: str) -> Answer:
        return self.call("GET", "query?" + urlencode({"query": statement}))

    def found(self, statement: str) -> list[Json]:
        answer = self.query(statement)
        assert answer.status == 200, answer.data
        response = answer.body["QueryResponse"]
        return next((each for each in response.values() if isinstance(each, list)), [])

    def changed(self, since: str, *entities: str) -> Json:
        path = "cdc?" + urlencode({"entities": ",".join(entities), "changedSince": since})
        answer = self.call("GET", path)
        assert answer.status == 200, answer.data
        return answer.body["CDCResponse"][0]

    def customer(self, name: str = "Acme", **fields: Any) -> str:
        return self.make("Customer", {"DisplayName": name, **fields})["Id"]

    def vendor(self, name: str = "Bolt Supply", **fields: Any) -> str:
        return self.make("Vendor", {"DisplayName": name, **fields})["Id"]

    def item(self, name: str = "Widget", **fields: Any) -> str:
        body = {
            "Name": name,
            "Type": "NonInventory",
            "IncomeAccountRef": {"value": "79"},
            "ExpenseAccountRef": {"value": "80"},
        }
        return self.make("Item", {**body, **fields})["Id"]

    def invoice(self, customer: str, item: str, amount: float = 20, **fields: Any) -> Json:
        return self.make("Invoice", sale(customer, item, amount, **fields))


def as_json(body: Any) -> bytes:
    """A Decimal, as an answer has it, goes back as a text; the API takes both."""
    return json.dumps(body, default=str).encode()


def sale(customer: str, item: str, amount: float = 20, **fields: Any) -> Json:
    """A sales form of one line."""
    detail = {"ItemRef": {"value": item}}
    line = {"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": detail}
    return {"CustomerRef": {"value": customer}, "Line": [line], **fields}


def payment(customer: str, amount: float, *applied: tuple[str, float], **fields: Any) -> Json:
    """A payment; `applied` are invoice ids with amounts."""
    lines = [
        {"Amount": part, "LinkedTxn": [{"TxnId": id_, "TxnType": "Invoice"}]}
        for id_, part in applied
    ]
    return {"CustomerRef": {"value": customer}, "TotalAmt": amount, "Line": lines, **fields}


def bill(vendor: str, amount: float = 9.99, **fields: Any) -> Json:
    """A bill or vendor credit of one account line."""
    line = {
        "DetailType": "AccountBasedExpenseLineDetail",
        "Amount": amount,
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "7"}},
    }
    return {"VendorRef": {"value": vendor}, "Line": [line], **fields}


def key(body: Json) -> Json:
    """What every update names."""
    return {"Id": body["Id"], "SyncToken": body["SyncToken"], "sparse": True}
