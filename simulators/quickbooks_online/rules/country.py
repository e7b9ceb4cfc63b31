"""Where the company is: US sales tax, or the tax codes of everybody else."""

from __future__ import annotations

from simulators.quickbooks_online.rows import Rows

COUNTRY_SETTING = "country"
# The word of the vendor's messages.
TAX_NAMES = {"GB": "VAT", "CA": "GST/HST"}
HOME_CURRENCIES = {"US": "USD", "GB": "GBP", "CA": "CAD"}


def country(rows: Rows) -> str:
    return rows.setting(COUNTRY_SETTING) or "US"


def is_us(rows: Rows) -> bool:
    return country(rows) == "US"
