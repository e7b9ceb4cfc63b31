"""The simulated company: its settings, its file and its clock."""

from __future__ import annotations

import secrets

from simulators.quickbooks_online.clock import Clock
from simulators.quickbooks_online.settings import Settings
from simulators.quickbooks_online.store import Store


class Company:
    """What every part of the server shares; the realm id stays with the file."""

    def __init__(self, settings: Settings, store: Store, realm_id: str) -> None:
        self.settings = settings
        self.store = store
        self.realm_id = realm_id
        # A test may change it when it resets the books.
        self.refuses_reused_request_ids = settings.refuse_reused_request_ids

    @property
    def clock(self) -> Clock:
        return self.store.clock

    @property
    def name(self) -> str:
        with self.store.reading() as rows:
            info = rows.find("CompanyInfo", "1")
        return str(info.body["CompanyName"]) if info else self.settings.company_name


def new_realm_id() -> str:
    """Sixteen digits, as the vendor's are."""
    return "9" + "".join(secrets.choice("0123456789") for _ in range(15))
