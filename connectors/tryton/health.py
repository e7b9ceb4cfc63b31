"""The check-up: the company's name, what the connector must know of it, what will bite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.interface import Caution, Health, Steps
from connectors.tryton import rights, rpc
from connectors.tryton.config import Config
from connectors.tryton.values import Json, rows_of, text

NO_CATEGORY = Caution(
    "no_account_category",
    "No product category is marked “Accounting”: products cannot be booked.",
    "In Tryton, create one under Products, Categories, with a revenue and an expense account.",
)
NO_CANCEL = Caution(
    "no_cancel",
    "Posted customer invoices cannot be cancelled: changed and voided ones are refused.",
    "In Tryton, tick “Cancel customer invoices” under Financial, Configuration, or issue credit "
    "memos instead.",
)
NO_COUNTRIES = Caution(
    "no_countries",
    "Tryton has no countries: the country of an address is left out.",
    "Run trytond_import_countries on the Tryton server.",
)
NO_PERIOD = Caution(
    "no_fiscal_year",
    "No period is open: nothing can be posted.",
    "In Tryton, create a fiscal year with its periods under Financial, Configuration.",
)
NO_JOURNAL = Caution(
    "no_journal",
    "A journal of type Revenue, Expense or Cash is missing: what belongs in it cannot be posted.",
    "In Tryton, create it under Financial, Configuration, Journals.",
)
NO_ACCOUNT = Caution(
    "no_party_account",
    "Tryton has no default receivable or payable account: parties without their own are refused.",
    "In Tryton, choose both under Financial, Configuration, Configuration.",
)
# What is asked: its name for people -> model, domain, fields.
LISTS: Mapping[str, tuple[Any, ...]] = {
    "Currencies": ("currency.currency", [], "code"),
    "Countries": ("country.country", [], "name", "code"),
    "Default accounts": (
        "account.configuration", [], "default_account_receivable", "default_account_payable",
    ),
    "Journals": ("account.journal", [], "type"),
    "Units": ("product.uom", [["factor", "=", 1.0]], "name", "digits"),
    "Account categories": (
        "product.category", [["accounting", "=", True]], "account_revenue", "account_expense",
    ),
    "Periods": ("account.period", [["type", "=", "standard"]], "state"),
}  # fmt: skip
Lists = Mapping[str, list[Json]]


def check(config: Config) -> Steps[Health]:
    company = (
        yield from rpc.rows(
            config, "company.company", [["id", "=", config.company]],
            "party.name", "currency.code", "cancel_invoice_out", summary="Company",
        )
    )[0]  # fmt: skip
    lists: dict[str, list[Json]] = {}
    for name, (model, domain, *fields) in LISTS.items():
        lists[name] = yield from rpc.rows(config, model, domain, *fields, summary=name)
    preferences = _preferences(company, lists)
    lacking = yield from rights.lacking(config)
    return Health(
        company_name=text(rows_of(company, "party")[0], "name"),
        currency=preferences["home_currency"],
        cautions=[
            *([rights.caution(lacking)] if lacking else []),
            *_cautions(company, lists, preferences),
        ],
        preferences=preferences,
    )


def _preferences(company: Json, lists: Lists) -> Json:
    """What `Config` is given from now on."""
    # The configuration is one record per database.
    parties = next(iter(lists["Default accounts"]), {})
    units, journals = lists["Units"], lists["Journals"]
    unit = next((one for one in units if text(one, "name") == "Unit"), units[0])
    return {
        "home_currency": text(rows_of(company, "currency")[0], "code"),
        "company_party": rows_of(company, "party")[0]["id"],
        "currencies": {text(row, "code"): row["id"] for row in lists["Currencies"]},
        **_country_maps(lists["Countries"]),
        "receivable": parties.get("default_account_receivable"),
        "payable": parties.get("default_account_payable"),
        "sale_journal": _first(journals, "revenue"),
        "purchase_journal": _first(journals, "expense"),
        "cash_journal": _first(journals, "cash"),
        "unit": unit["id"],
        "unit_digits": unit["digits"],
        "categories": [
            {"id": row["id"], "revenue": row["account_revenue"], "expense": row["account_expense"]}
            for row in lists["Account categories"]
        ],
    }


def _cautions(company: Json, lists: Lists, preferences: Json) -> list[Caution]:
    journals = ("sale_journal", "purchase_journal", "cash_journal")
    found = {
        NO_CATEGORY: not lists["Account categories"],
        NO_CANCEL: not company.get("cancel_invoice_out"),
        NO_COUNTRIES: not lists["Countries"],
        NO_PERIOD: not any(row["state"] == "open" for row in lists["Periods"]),
        NO_JOURNAL: not all(preferences[name] for name in journals),
        NO_ACCOUNT: not (preferences["receivable"] and preferences["payable"]),
    }
    return [caution for caution, bites in found.items() if bites]


def _country_maps(rows: list[Json]) -> dict[str, Any]:
    codes = {text(row, "code").casefold(): row["id"] for row in rows}
    names = {text(row, "name").casefold(): row["id"] for row in rows}
    return {
        "countries": {**codes, **names},
        "country_names": {str(row["id"]): text(row, "name") for row in rows},
    }


def _first(journals: list[Json], kind: str) -> int | None:
    return next((row["id"] for row in journals if row["type"] == kind), None)
