"""What a connector must know of one QuickBooks company before its first request."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Config:
    """`defaults`: role -> *their* id, for income_account, expense_account, asset_account,
    deposit_account, taxable_code and untaxed_code."""

    api_url: str
    realm_id: str
    home_currency: str = "USD"
    country: str = "US"
    # The preference "Custom transaction numbers": off means that QuickBooks numbers sales forms.
    custom_numbers: bool = True
    multi_currency: bool = False
    defaults: Mapping[str, str] = field(default_factory=dict)
    # Inventory is valued in accounting: `inventory` items are sent as such.
    values_inventory: bool = False
    # The currency of our own company, and the day on which the consent ends for good.
    own_currency: str = ""
    consent_ends: datetime.date | None = None
    # How much faster than Intuit's published rates a stand-in server may be asked.
    rate_factor: float = 1.0
    # Stock is counted from here; a document dated earlier is refused (6270).
    inventory_start: datetime.date = datetime.date(2000, 1, 1)

    @property
    def is_us(self) -> bool:
        return self.country.upper() in {"", "US", "USA"}

    @property
    def company_url(self) -> str:
        return f"{self.api_url.rstrip('/')}/v3/company/{self.realm_id}"
