"""Closed books: nothing on or before the closing date can be written."""

from __future__ import annotations

from simulators.quickbooks_online.refusal import refuse
from simulators.quickbooks_online.rows import Rows

# Set on the page: the closing date can then be passed with a password only, and the
# API has no way to give one (fault 6210 instead of 6200).
PASSWORD_SETTING = "closing_needs_password"


def closing_date(rows: Rows) -> str:
    """The BookCloseDate of the preferences, or nothing."""
    return str(rows.preferences.get("AccountingInfoPrefs", {}).get("BookCloseDate", ""))


def refuse_closed_period(rows: Rows, *dates: str) -> None:
    closed = closing_date(rows)
    if not closed or not any(date and date <= closed for date in dates):
        return
    if rows.setting(PASSWORD_SETTING):
        raise refuse(
            "6210",
            f"The account period is closed through {closed} and needs a password, "
            "which cannot be given through the API",
            "TxnDate",
        )
    raise refuse(
        "6200",
        "The account period has closed and the account books cannot be updated "
        f"through the QBO Services API. Closing date: {closed}",
        "TxnDate",
    )
