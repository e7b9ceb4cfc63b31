"""What a connector must know of one Tryton company before its first request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Config:
    """Ids are Tryton's. `defaults`: role -> id, for income_account, expense_account and
    deposit_account. What follows them comes from the check-up (`health.py`)."""

    url: str
    database: str
    company: int
    # 7.x answers at /<database>/, 8.0 and later at /<database>/rpc/.
    rpc_path: str = "rpc/"
    defaults: Mapping[str, str] = field(default_factory=dict)
    # Answer "yes" when Tryton asks whether an invoice may bear a date in the future.
    allow_future_dates: bool = False
    # The user who is logged in: questions are answered in the name of a user.
    user: int = 0
    home_currency: str = "USD"
    # Code of each currency -> id.
    currencies: Mapping[str, int] = field(default_factory=dict)
    # Folded name or code of each country -> id; id -> the name to show.
    countries: Mapping[str, int] = field(default_factory=dict)
    country_names: Mapping[str, str] = field(default_factory=dict)
    # The party that is the company itself: neither a customer nor a vendor.
    company_party: int | None = None
    receivable: int | None = None
    payable: int | None = None
    sale_journal: int | None = None
    purchase_journal: int | None = None
    cash_journal: int | None = None
    # The unit "Unit", and how many decimals a quantity in it may have.
    unit: int = 1
    unit_digits: int = 0
    # Account categories of products: {"id", "revenue", "expense"}.
    categories: Sequence[Mapping[str, Any]] = ()

    @property
    def address(self) -> str:
        return f"{self.url.rstrip('/')}/{self.database}/{self.rpc_path}"
