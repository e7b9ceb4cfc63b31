"""Currencies: the home currency alone, or the configured ones when there are several."""

from __future__ import annotations

from decimal import Decimal

from simulators.quickbooks_online.drafts import Draft
from simulators.quickbooks_online.money import exact, rounded
from simulators.quickbooks_online.refusal import missing
from simulators.quickbooks_online.rows import Rows
from simulators.quickbooks_online.schema import Entity, Json

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
# One of it in US dollars: the rate that is used when none is sent.
IN_DOLLARS = {
    "AUD": Decimal("0.65"),
    "CAD": Decimal("0.72"),
    "CHF": Decimal("1.25"),
    "EUR": Decimal("1.15"),
    "GBP": Decimal("1.30"),
    "JPY": Decimal("0.0065"),
    "USD": Decimal(1),
}


def currency_reference(code: str) -> Json:
    return {"value": code, "name": NAMES.get(code, code)}


def uses_several(rows: Rows) -> bool:
    return bool(rows.preferences.get("CurrencyPrefs", {}).get("MultiCurrencyEnabled"))


def known_currencies(rows: Rows) -> list[str]:
    """The home currency, then the others."""
    prefs = rows.preferences.get("CurrencyPrefs", {})
    home = str(prefs.get("HomeCurrency", {}).get("value", "USD"))
    return [home, *(rows.setting(CURRENCIES_SETTING).split() if uses_several(rows) else [])]


def rate_between(code: str, home: str) -> Decimal:
    rate = IN_DOLLARS.get(code, Decimal(1)) / IN_DOLLARS.get(home, Decimal(1))
    return round(rate, 7).normalize()


def check_currency(draft: Draft) -> None:
    """Fault 2220 for an unknown one; with several, each party and document names its own."""
    if "CurrencyRef" not in draft.entity.fields:
        return
    home, *extra = known_currencies(draft.rows)
    is_multiple = uses_several(draft.rows)
    given = draft.reference("CurrencyRef")
    if not given:
        if is_multiple and draft.entity.name != "Account":
            draft.problems.append(missing("CurrencyRef"))
        given = home
    if given not in (home, *extra):
        draft.note("2220", f"Invalid Currency Type : {given}", "CurrencyRef")
        return
    draft.body["CurrencyRef"] = currency_reference(given)
    _keep(draft, given)
    if is_multiple:
        _match_party(draft, given)
        _set_rate(draft, given, home)


def _set_rate(draft: Draft, given: str, home: str) -> None:
    """Units of the home currency for one of the document's; 1 where they are the same."""
    if "ExchangeRate" not in draft.entity.fields:
        return
    if given == home:
        draft.body["ExchangeRate"] = 1
    draft.default("ExchangeRate", rate_between(given, home))
    if exact(draft.body["ExchangeRate"]) <= 0:
        draft.note("6000", "The exchange rate must be greater than 0", "ExchangeRate")


def set_home_amounts(body: Json, entity: Entity) -> None:
    """A sales form in a company with several currencies says its amounts in both."""
    if entity.party != "Customer" or "ExchangeRate" not in body:
        return
    for name, home in (("TotalAmt", "HomeTotalAmt"), ("Balance", "HomeBalance")):
        body[home] = rounded(exact(body.get(name)) * exact(body["ExchangeRate"]))


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
