"""Tells an application what changed: signed, in order, again when it does not answer well."""

from __future__ import annotations

import base64
import hashlib
import hmac
import queue
import threading
import urllib.error
import urllib.request
import uuid
from collections.abc import Sequence

from simulators.quickbooks_online import jsontext
from simulators.quickbooks_online.clock import written
from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.rows import Changed
from simulators.quickbooks_online.schema import Json

# The vendor: 10 s, 20 s, 30 s, 5 min ... here nobody waits so long, and it gives up.
RETRY_SECONDS = (0.5, 2.0, 8.0)
# "Answer within 3 seconds."
TIMEOUT_SECONDS = 3.0
# Changes within so short a time go together, at most so many.
GATHER_SECONDS = 0.2
MOST_EVENTS = 100
WORDS = {"create": "created", "update": "updated", "void": "voided", "delete": "deleted"}
LEGACY_WORDS = {"create": "Create", "update": "Update", "void": "Void", "delete": "Delete"}
# What the vendor announces; the rest is found by looking.
SILENT = frozenset({"CompanyInfo", "Preferences", "TaxCode", "TaxRate", "TaxAgency"})


class Webhooks:
    """One sender with one queue: what comes later waits until the first is acknowledged."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._waiting: queue.Queue[tuple[Changed, int]] = queue.Queue()
        company.store.on_commit = self._note
        threading.Thread(target=self._work, name="webhooks", daemon=True).start()

    def _note(self, changes: Sequence[Changed]) -> None:
        for each in changes:
            if each[0] not in SILENT:
                self._waiting.put((each, self._company.clock.now()))

    def _work(self) -> None:
        pause = threading.Event()
        while True:
            events = [self._waiting.get()]
            pause.wait(GATHER_SECONDS)
            while len(events) < MOST_EVENTS and not self._waiting.empty():
                events.append(self._waiting.get())
            body = self._body(events)
            for delay in (0.0, *RETRY_SECONDS):
                pause.wait(delay)
                if self._is_taken(body):
                    break

    def _body(self, events: Sequence[tuple[Changed, int]]) -> bytes:
        shape = legacy if self._company.settings.webhook_format == "legacy" else cloud_events
        return jsontext.dumps(shape(self._company.realm_id, events)).encode()

    def _is_taken(self, body: bytes) -> bool:
        settings = self._company.settings
        request = urllib.request.Request(
            settings.webhook_url,
            data=body,
            headers={
                "Content-Type": "application/json",
                "intuit-signature": signature(body, settings.webhook_token),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError, ValueError):
            return False


def signature(body: bytes, token: str) -> str:
    digest = hmac.new(token.encode(), body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def cloud_events(realm: str, events: Sequence[tuple[Changed, int]]) -> list[Json]:
    """The format since 2026: an array, one element for each event."""
    return [
        {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": "intuit.simulator",
            "type": f"qbo.{type_.lower()}.{WORDS[operation]}.v1",
            "datacontenttype": "application/json",
            "time": written(at),
            "intuitentityid": id_,
            "intuitaccountid": realm,
            "data": {},
        }
        for (type_, id_, operation), at in events
    ]


def legacy(realm: str, events: Sequence[tuple[Changed, int]]) -> Json:
    """The format before: an object, with the events of each company together."""
    entities = [
        {
            "name": type_,
            "id": id_,
            "operation": LEGACY_WORDS[operation],
            "lastUpdated": written(at),
        }
        for (type_, id_, operation), at in events
    ]
    return {"eventNotifications": [{"realmId": realm, "dataChangeEvent": {"entities": entities}}]}
