"""Webhooks: signed, in the order of the changes, sent again until they are taken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.server
import json
import queue
import threading
from collections.abc import Iterator

import pytest

from tests.simulators.quickbooks_online.driver import Books, key, payment

TOKEN = "verifier"


class Ear(http.server.ThreadingHTTPServer):
    """Keeps what comes; answers with `statuses` first, then 200."""

    def __init__(self) -> None:
        self.heard: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()
        self.statuses: list[int] = []
        super().__init__(("127.0.0.1", 0), Listener)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/webhooks"

    def next(self):
        headers, body = self.heard.get(timeout=10)
        expected = hmac.new(TOKEN.encode(), body, hashlib.sha256).digest()
        assert headers["intuit-signature"] == base64.b64encode(expected).decode()
        return json.loads(body)


class Listener(http.server.BaseHTTPRequestHandler):
    server: Ear

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.heard.put((headers, body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def ear() -> Iterator[Ear]:
    listening = Ear()
    thread = threading.Thread(target=listening.serve_forever, args=(0.05,))
    thread.start()
    yield listening
    listening.shutdown()
    thread.join()
    listening.server_close()


@pytest.fixture
def announced(start, ear: Ear) -> Books:
    options = ("--webhook-url", ear.address, "--webhook-token", TOKEN)
    return Books(start("--auto-approve", *options))


def heard(ear: Ear, count: int) -> list[tuple[str, str]]:
    found: list[dict[str, str]] = []
    while len(found) < count:
        found += ear.next()
    assert {each["specversion"] for each in found} == {"1.0"}
    return [(each["type"], each["intuitentityid"]) for each in found]


def test_each_change_is_a_cloud_event(announced, ear):
    customer, item = announced.customer(), announced.item()
    invoice = announced.invoice(customer, item)
    announced.make("Payment", payment(customer, 20, (invoice["Id"], 20)))
    assert heard(ear, 5) == [
        ("qbo.customer.created.v1", customer),
        ("qbo.item.created.v1", item),
        ("qbo.invoice.created.v1", invoice["Id"]),
        ("qbo.invoice.updated.v1", invoice["Id"]),
        ("qbo.payment.created.v1", str(int(invoice["Id"]) + 1)),
    ]
    other = announced.invoice(customer, item)
    announced.make("Invoice", key(other), "?operation=void")
    announced.make("Invoice", {**key(other), "SyncToken": "1"}, "?operation=delete")
    words = ("created", "voided", "deleted")
    assert [each for each, _ in heard(ear, 3)] == [f"qbo.invoice.{each}.v1" for each in words]


def test_what_was_refused_is_not_announced(announced, ear):
    announced.customer("Acme")
    assert announced.post("customer", {"DisplayName": "Acme"}).codes == ["6240"]
    last = announced.customer("Other")
    assert heard(ear, 2)[-1] == ("qbo.customer.created.v1", last)


def test_what_is_not_taken_comes_again(announced, ear):
    ear.statuses = [500]
    announced.customer()
    first, second = ear.next(), ear.next()
    assert first == second


def test_the_old_shape_is_still_spoken(start, ear):
    options = ("--webhook-url", ear.address, "--webhook-token", TOKEN)
    books = Books(start("--auto-approve", *options, "--webhook-format", "legacy"))
    customer = books.customer()
    (notification,) = ear.next()["eventNotifications"]
    assert notification["realmId"] == books.realm
    (entity,) = notification["dataChangeEvent"]["entities"]
    assert (entity["name"], entity["id"], entity["operation"]) == ("Customer", customer, "Create")
