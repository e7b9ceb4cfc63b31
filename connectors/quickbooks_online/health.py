"""The check-up: who the company is, and which of its settings will bite."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from connectors.interface import Caution, Health, Request, Steps
from connectors.quickbooks_online.batch import MINOR_VERSION
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.errors import checked
from connectors.quickbooks_online.fields import at
from connectors.quickbooks_online.jsontext import Json
from connectors.quickbooks_online.query import time_of


def check(config: Config) -> Steps[Health]:
    response = yield _read(f"companyinfo/{config.realm_id}", config)
    body = checked(response)
    now, info = time_of(body, response), body.get("CompanyInfo", {})
    prefs = checked((yield _read("preferences", config))).get("Preferences", {})
    country = str(info.get("Country") or "US")
    currency = at(prefs, "CurrencyPrefs", "HomeCurrency", "value") or config.home_currency
    closing = _closing_date(prefs)
    return Health(
        company_name=str(info.get("CompanyName") or ""),
        country=country,
        currency=str(currency),
        closing_date=closing,
        cautions=[
            *_of_consent(config, now),
            *_of_plan(info),
            *_of_sales(prefs),
            *_of_currency(prefs, str(currency), config),
            *_of_items(prefs, config),
            *_of_taxes(prefs),
            *([_closed(closing)] if closing else []),
        ],
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


def _of_consent(config: Config, now: datetime.datetime | None) -> Iterator[Caution]:
    """Intuit ends every consent after five years; nothing but a new one helps."""
    ends = config.consent_ends
    if ends and now and ends - now.date() < CONSENT_WARNING:
        yield Caution(
            "consent_ends",
            f"Intuit ends this connection on {ends.isoformat()}, whatever happens until then.",
            "Reconnect on the Connections page before that day.",
        )


def _of_plan(info: Json) -> Iterator[Caution]:
    names = {each.get("Name"): str(each.get("Value")) for each in info.get("NameValue") or []}
    if "simple start" in names.get("OfferingSku", "").lower():
        yield NO_BILLS


def _of_sales(prefs: Json) -> Iterator[Caution]:
    if not _is_on(prefs, "SalesFormsPrefs", "CustomTxnNumbers"):
        yield NO_CUSTOM_NUMBERS
    if any(_is_on(prefs, "SalesFormsPrefs", name) for name in AUTO_APPLYING):
        yield AUTO_APPLY


def _of_currency(prefs: Json, home: str, config: Config) -> Iterator[Caution]:
    has_several = _is_on(prefs, "CurrencyPrefs", "MultiCurrencyEnabled")
    if has_several:
        yield SEVERAL_CURRENCIES
    elif config.own_currency not in {"", home}:
        yield Caution(
            "home_currency_differs",
            f"QuickBooks keeps its books in {home} only; the company here in "
            f"{config.own_currency}. Documents in {config.own_currency} will be refused.",
            "Turn on Multicurrency in QuickBooks (Account and settings, Advanced; it cannot be "
            "turned off again), or connect other books.",
        )


def _of_items(prefs: Json, config: Config) -> Iterator[Caution]:
    tracks = at(prefs, "ProductAndServicesPrefs", "QuantityOnHand")
    if config.values_inventory and tracks is False:
        yield NO_INVENTORY


def _of_taxes(prefs: Json) -> Iterator[Caution]:
    if at(prefs, "TaxPrefs", "UsingSalesTax") is False:
        yield NO_TAX
    elif _is_on(prefs, "TaxPrefs", "PartnerTaxEnabled"):
        yield AUTOMATED_TAX


# Credits to invoices, and payments to the oldest invoices.
AUTO_APPLYING = ("AutoApplyCredit", "AutoApplyPayments")
# How long before its end a consent is worth a word.
CONSENT_WARNING = datetime.timedelta(days=180)
NO_BILLS = Caution(
    "simple_start",
    "The plan Simple Start has neither bills nor inventory: bills and vendor credits are refused.",
    "Upgrade the plan in QuickBooks, or keep purchases out of the synchronization.",
)
NO_INVENTORY = Caution(
    "inventory_off",
    "Inventory is to be valued in QuickBooks, but its inventory is turned off.",
    "Turn on Track inventory quantity on hand: Account and settings, Sales, Products and services.",
)
NO_TAX = Caution(
    "sales_tax_off",
    "Sales tax is turned off in QuickBooks: documents with tax are refused or arrive without it.",
    "Set up taxes in QuickBooks if your documents bear any, then check again.",
)
AUTOMATED_TAX = Caution(
    "automated_sales_tax_on",
    "QuickBooks computes sales tax itself, by address; its tax may differ from yours. What is "
    "compared here is the amount before tax.",
    "Compare the tax of the first invoices with the customer before you rely on it.",
)
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
