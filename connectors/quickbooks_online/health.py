"""The check-up: who the company is, and which of its settings will bite."""

from __future__ import annotations

import datetime

from connectors.interface import Caution, Health, Request, Steps
from connectors.quickbooks_online.batch import MINOR_VERSION
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.errors import checked
from connectors.quickbooks_online.fields import at
from connectors.quickbooks_online.jsontext import Json


def check(config: Config) -> Steps[Health]:
    info = checked((yield _read(f"companyinfo/{config.realm_id}", config))).get("CompanyInfo", {})
    prefs = checked((yield _read("preferences", config))).get("Preferences", {})
    country = str(info.get("Country") or "US")
    currency = at(prefs, "CurrencyPrefs", "HomeCurrency", "value") or config.home_currency
    closing = _closing_date(prefs)
    return Health(
        company_name=str(info.get("CompanyName") or ""),
        country=country,
        currency=str(currency),
        closing_date=closing,
        cautions=_cautions(prefs, closing),
        preferences={
            "country": country,
            "home_currency": str(currency),
            "custom_numbers": _is_on(prefs, "SalesFormsPrefs", "CustomTxnNumbers"),
            "multi_currency": _is_on(prefs, "CurrencyPrefs", "MultiCurrencyEnabled"),
            "closing_date": closing.isoformat() if closing else "",
        },
    )


def _read(path: str, config: Config) -> Request:
    return Request(
        method="GET",
        url=f"{config.company_url}/{path}?{MINOR_VERSION}",
        headers={"Accept": "application/json"},
        summary="Company settings",
    )


def _is_on(prefs: Json, *path: str) -> bool:
    return at(prefs, *path) is True


def _closing_date(prefs: Json) -> datetime.date | None:
    text = at(prefs, "AccountingInfoPrefs", "BookCloseDate")
    return datetime.date.fromisoformat(str(text)[:10]) if text else None


def _cautions(prefs: Json, closing: datetime.date | None) -> list[Caution]:
    found = []
    if not _is_on(prefs, "SalesFormsPrefs", "CustomTxnNumbers"):
        found.append(NO_CUSTOM_NUMBERS)
    if _is_on(prefs, "SalesFormsPrefs", "AutoApplyCredit") or _is_on(
        prefs, "SalesFormsPrefs", "AutoApplyPayments"
    ):
        found.append(AUTO_APPLY)
    if _is_on(prefs, "CurrencyPrefs", "MultiCurrencyEnabled"):
        found.append(SEVERAL_CURRENCIES)
    if closing:
        found.append(_closed(closing))
    return found


NO_CUSTOM_NUMBERS = Caution(
    "custom_numbers_off",
    "QuickBooks numbers invoices and credit memos itself; our numbers do not appear there.",
    "To keep ours, turn on Custom transaction numbers: Account and settings, Sales, "
    "Sales form content.",
)
AUTO_APPLY = Caution(
    "auto_apply_credits_on",
    "QuickBooks applies credits to invoices by itself; our payments may then find them paid.",
    "Turn off Automatically apply credits: Account and settings, Advanced, Automation.",
)
SEVERAL_CURRENCIES = Caution(
    "multi_currency_on",
    "The company uses several currencies. The currency of a customer or vendor cannot be "
    "changed once it exists there.",
    "Before the first Sync Job, see that each customer and vendor has the right currency.",
)


def _closed(closing: datetime.date) -> Caution:
    return Caution(
        "books_closed",
        f"The books are closed through {closing.isoformat()}: nothing dated until then is taken.",
        "Export documents from a later date only, or ask the accountant to reopen the period.",
    )
