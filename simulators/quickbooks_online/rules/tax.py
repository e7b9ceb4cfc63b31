"""Sales tax of a US company with manual rates."""

from __future__ import annotations

from decimal import Decimal

from simulators.quickbooks_online.drafts import Draft
from simulators.quickbooks_online.money import ZERO, exact, rounded
from simulators.quickbooks_online.schema import Json


def set_tax(draft: Draft, taxable: Decimal) -> Decimal:
    """Complete TxnTaxDetail and return the tax.

    A TotalTax that is sent wins; otherwise the rates of TxnTaxCodeRef are applied.
    Without a taxable line there is no tax, whatever is sent.
    """
    detail: Json = dict(draft.body.get("TxnTaxDetail") or {})
    sent = draft.sent.get("TxnTaxDetail") or {}
    rates = _rates(draft, detail)
    if not taxable:
        tax = ZERO
    elif sent.get("TotalTax") is not None:
        tax = rounded(exact(sent["TotalTax"]))
    elif rates and ("Line" in draft.sent or sent):
        tax = sum((_part(taxable, each) for each in rates), ZERO)
    else:
        tax = rounded(exact(detail.get("TotalTax")))
    detail["TotalTax"] = tax
    if rates and taxable:
        detail["TaxLine"] = [_line(taxable, each) for each in rates]
    draft.body["TxnTaxDetail"] = detail
    return tax


def _rates(draft: Draft, detail: Json) -> list[Json]:
    """The rates behind the document's tax code."""
    code = (detail.get("TxnTaxCodeRef") or {}).get("value", "")
    row = draft.rows.find("TaxCode", code) if code else None
    if row is None:
        return []
    entries = row.body.get("SalesTaxRateList", {}).get("TaxRateDetail", [])
    found = (draft.rows.find("TaxRate", each["TaxRateRef"]["value"]) for each in entries)
    return [each.body for each in found if each]


def _part(taxable: Decimal, rate: Json) -> Decimal:
    return rounded(taxable * exact(rate["RateValue"]) / 100)


def _line(taxable: Decimal, rate: Json) -> Json:
    return {
        "Amount": _part(taxable, rate),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": rate["Id"]},
            "PercentBased": True,
            "TaxPercent": rate["RateValue"],
            "NetAmountTaxable": taxable,
        },
    }
