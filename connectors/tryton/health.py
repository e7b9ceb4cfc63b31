"""The check-up: the company's name, what the connector must know of it, what will bite."""

from __future__ import annotations

from typing import Any

from connectors.interface import Caution, Health, Steps
from connectors.tryton import rpc
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


def check(config: Config) -> Steps[Health]:
    company = (
        yield from rpc.rows(
            config, "company.company", [["id", "=", config.company]],
            "party.name", "currency.code", "cancel_invoice_out", summary="Company",
        )
    )[0]  # fmt: skip
    currencies = yield from rpc.rows(config, "currency.currency", [], "code", "digits")
    countries = yield from rpc.rows(config, "country.country", [], "name", "code")
    accounts = yield from _accounts(config)
    journals = yield from rpc.rows(config, "account.journal", [], "type")
    units = yield from rpc.rows(
        config, "product.uom", [["factor", "=", 1.0]], "name", "digits", "category.name"
    )
    categories = yield from rpc.rows(
        config, "product.category", [["accounting", "=", True]],
        "account_revenue", "account_expense", summary="Account categories",
    )  # fmt: skip
    open_periods = yield from rpc.rows(
        config, "account.period", [["state", "=", "open"]], "start_date", limit=1
    )
    unit = next((one for one in units if text(one, "name") == "Unit"), units[0])
    currency = text(rows_of(company, "currency")[0], "code")
    preferences: Json = {
        "home_currency": currency,
        "company_party": rows_of(company, "party")[0]["id"],
        "currencies": {text(row, "code"): row["id"] for row in currencies},
        **_country_maps(countries),
        **accounts,
        "sale_journal": _first(journals, "revenue"),
        "purchase_journal": _first(journals, "expense"),
        "cash_journal": _first(journals, "cash"),
        "unit": unit["id"],
        "unit_digits": unit["digits"],
        "categories": [
            {"id": row["id"], "revenue": row["account_revenue"], "expense": row["account_expense"]}
            for row in categories
        ],
    }
    found = {
        NO_CATEGORY: not categories,
        NO_CANCEL: not company.get("cancel_invoice_out"),
        NO_COUNTRIES: not countries,
        NO_PERIOD: not open_periods,
    }
    return Health(
        company_name=text(rows_of(company, "party")[0], "name"),
        currency=currency,
        cautions=[caution for caution, bites in found.items() if bites],
        preferences=preferences,
    )


def _accounts(config: Config) -> Steps[Json]:
    """The default accounts of parties; the configuration is one record per database."""
    rows = yield from rpc.rows(
        config, "account.configuration", [],
        "default_account_receivable", "default_account_payable", summary="Default accounts",
    )  # fmt: skip
    row = rows[0] if rows else {}
    found: Json = {
        "receivable": row.get("default_account_receivable"),
        "payable": row.get("default_account_payable"),
    }
    return found


def _country_maps(rows: list[Json]) -> dict[str, Any]:
    codes = {text(row, "code").casefold(): row["id"] for row in rows}
    names = {text(row, "name").casefold(): row["id"] for row in rows}
    return {
        "countries": {**codes, **names},
        "country_names": {str(row["id"]): text(row, "name") for row in rows},
    }


def _first(journals: list[Json], kind: str) -> int | None:
    return next((row["id"] for row in journals if row["type"] == kind), None)
