"""Currencies: the home currency alone, or the configured ones when there are several."""

from __future__ import annotations

from simulators.quickbooks_online.drafts import Draft
from simulators.quickbooks_online.refusal import missing
from simulators.quickbooks_online.schema import Json

CURRENCIES_SETTING = "currencies"
NAMES = {
    "AUD": "Australian Dollar",
    "CAD": "Canadian Dollar",
    "CHF": "Swiss Franc",
    "EUR": "Euro",
    "GBP": "British Pound Sterling",
    "JPY": "Japanese Yen",
    "USD": "United States Dollar",
}


def currency_reference(code: str) -> Json:
    return {"value": code, "name": NAMES.get(code, code)}


def check_currency(draft: Draft) -> None:
    """Fault 2220 for an unknown one; with several, each party and document names its own."""
    if "CurrencyRef" not in draft.entity.fields:
        return
    prefs = draft.rows.preferences.get("CurrencyPrefs", {})
    home = str(prefs.get("HomeCurrency", {}).get("value", "USD"))
    is_multiple = bool(prefs.get("MultiCurrencyEnabled"))
    given = draft.reference("CurrencyRef")
    if not given:
        if is_multiple and draft.entity.name != "Account":
            draft.problems.append(missing("CurrencyRef"))
        given = home
    extra = draft.rows.setting(CURRENCIES_SETTING).split() if is_multiple else []
    if given not in (home, *extra):
        draft.note("2220", f"Invalid Currency Type : {given}", "CurrencyRef")
        return
    draft.body["CurrencyRef"] = currency_reference(given)
    _keep(draft, given)
    if is_multiple:
        _match_party(draft, given)


def _keep(draft: Draft, given: str) -> None:
    """The currency of a customer or vendor cannot be changed once it is set."""
    was = draft.before_body.get("CurrencyRef")
    if was and was["value"] != given and draft.entity.has_live_balance:
        draft.note("6000", "The currency cannot be changed once it is set", "CurrencyRef")


def _match_party(draft: Draft, given: str) -> None:
    party = draft.reference(draft.entity.party_field) if draft.entity.party else ""
    row = draft.rows.find(draft.entity.party, party) if party else None
    if row and row.body["CurrencyRef"]["value"] != given:
        draft.note("6000", "Use the same currency as the customer or vendor", "CurrencyRef")
