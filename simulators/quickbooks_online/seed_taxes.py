"""The tax agencies, rates and codes of a new company, by its country."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from simulators.quickbooks_online.schema import Json


@dataclass(frozen=True)
class Rate:
    id: str
    name: str
    percent: str


@dataclass(frozen=True)
class Code:
    """`sales` and `purchases` are ids of rates; None: the code is not for such forms."""

    id: str
    name: str
    sales: tuple[str, ...] | None
    purchases: tuple[str, ...] | None
    is_taxable: bool = True


@dataclass(frozen=True)
class Country:
    agency: str
    rates: tuple[Rate, ...]
    codes: tuple[Code, ...]


COUNTRIES = {
    "US": Country(
        "Board of Equalization",
        (
            Rate("3", "California", "8"),
            Rate("1", "AZ State tax", "7.1"),
            Rate("2", "Tucson City", "2"),
        ),
        (
            Code("TAX", "TAX", None, None),
            Code("NON", "NON", None, None, is_taxable=False),
            Code("2", "California", ("3",), ()),
            Code("3", "Tucson", ("1", "2"), ()),
        ),
    ),
    "GB": Country(
        "HM Revenue & Customs (VAT)",
        (
            Rate("3", "20.0% S (Sales)", "20"),
            Rate("4", "20.0% S (Purchases)", "20"),
            Rate("5", "5.0% R (Sales)", "5"),
            Rate("6", "5.0% R (Purchases)", "5"),
            Rate("7", "0.0% Z (Sales)", "0"),
            Rate("8", "0.0% Z (Purchases)", "0"),
        ),
        (
            Code("2", "20.0% S", ("3",), ("4",)),
            Code("3", "5.0% R", ("5",), ("6",)),
            Code("4", "0.0% Z", ("7",), ("8",)),
            Code("5", "No VAT", (), (), is_taxable=False),
        ),
    ),
    "CA": Country(
        "Canada Revenue Agency",
        (
            Rate("3", "HST (ON)", "13"),
            Rate("4", "HST (ON) ITC", "13"),
            Rate("5", "GST", "5"),
            Rate("6", "GST ITC", "5"),
            Rate("7", "PST (BC)", "7"),
        ),
        (
            Code("2", "HST ON", ("3",), ("4",)),
            Code("3", "GST", ("5",), ("6",)),
            Code("4", "GST/PST BC", ("5", "7"), ("6",)),
            Code("5", "Exempt", (), (), is_taxable=False),
        ),
    ),
}


def taxes_of(country: str) -> dict[str, dict[str, Json]]:
    """{entity: {id: body}}."""
    known = COUNTRIES[country]
    agency = {
        "DisplayName": known.agency,
        "TaxTrackedOnSales": True,
        "TaxTrackedOnPurchases": country != "US",
    }
    return {
        "TaxAgency": {"1": agency},
        "TaxRate": {
            each.id: rate_body(each.name, Decimal(each.percent), "1") for each in known.rates
        },
        "TaxCode": {each.id: _code(each, known) for each in known.codes},
    }


def rate_body(name: str, percent: Decimal, agency: str) -> Json:
    return {
        "Name": name,
        "Description": name,
        "Active": True,
        "RateValue": percent,
        "AgencyRef": {"value": agency},
    }


def code_body(name: str, *, is_taxable: bool = True, is_group: bool = True) -> Json:
    return {
        "Name": name,
        "Description": name,
        "Active": True,
        "Taxable": is_taxable,
        "TaxGroup": is_group,
    }


def rate_list(rates: list[tuple[str, str]]) -> Json:
    """Ids and names of rates, as a code lists them."""
    return {
        "TaxRateDetail": [
            {
                "TaxRateRef": {"value": id_, "name": name},
                "TaxTypeApplicable": "TaxOnAmount",
                "TaxOrder": 0,
            }
            for id_, name in rates
        ]
    }


def _code(code: Code, country: Country) -> Json:
    names = {each.id: each.name for each in country.rates}
    body = code_body(code.name, is_taxable=code.is_taxable, is_group=code.sales is not None)
    for field, ids in (
        ("SalesTaxRateList", code.sales),
        ("PurchaseTaxRateList", code.purchases),
    ):
        if ids is not None:
            body[field] = rate_list([(each, names[each]) for each in ids])
    return body
