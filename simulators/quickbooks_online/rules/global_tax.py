"""Tax outside the US: a real code on every line, and rates that the books apply."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from simulators.quickbooks_online.drafts import Draft
from simulators.quickbooks_online.money import ZERO, exact, rounded
from simulators.quickbooks_online.refusal import missing
from simulators.quickbooks_online.rows import ACTIVE
from simulators.quickbooks_online.rules.country import TAX_NAMES, country
from simulators.quickbooks_online.schema import Json

INCLUSIVE = "TaxInclusive"
NOT_APPLICABLE = "NotApplicable"


@dataclass
class Part:
    """What one tax rate is applied to, and what it yields."""

    rate: Json
    net: Decimal = ZERO
    # Rounded line by line where the amounts include the tax, else None until all is added up.
    tax: Decimal | None = None


@dataclass
class Totals:
    """The parts by rate id."""

    parts: dict[str, Part] = field(default_factory=dict)

    def add(self, rate: Json, net: Decimal, tax: Decimal | None) -> None:
        part = self.parts.setdefault(rate["Id"], Part(rate))
        part.net += net
        if tax is not None:
            part.tax = (part.tax or ZERO) + tax


def check_calculation(draft: Draft) -> None:
    """GlobalTaxCalculation is required of a company outside the US."""
    if not draft.body.get("GlobalTaxCalculation"):
        draft.problems.append(missing("GlobalTaxCalculation"))


def check_code(draft: Draft, detail: Json) -> None:
    """Every line names a tax code that exists, unless taxes do not apply at all."""
    code = (detail.get("TaxCodeRef") or {}).get("value", "")
    if not code:
        if draft.body.get("GlobalTaxCalculation") != NOT_APPLICABLE:
            name = TAX_NAMES[country(draft.rows)]
            draft.note(
                "6000",
                "Business Validation Error: Make sure all your transactions have a "
                f"{name} rate before you save.",
                "Line.TaxCodeRef",
            )
        return
    found = draft.rows.glance("TaxCode", code)
    if found is None or found.state != ACTIVE:
        detail_text = f"Invalid Reference Id : TaxCodes element id {code} not found"
        draft.note("2500", detail_text, "Line.TaxCodeRef")


def set_tax(draft: Draft, lines: list[Json], discount: Decimal) -> Decimal:
    """Complete TxnTaxDetail and return the tax. Lines whose amounts include it become net.

    A TxnTaxDetail that is sent with lines of its own overrides the amounts (the vendor: remove it
    from an update that changes a line's amount).
    """
    totals = Totals()
    share = _share(draft, lines, discount)
    for line in lines:
        _add(draft, totals, line, share)
    overridden = _overridden(draft)
    found = [_tax_line(part, overridden) for part in totals.parts.values()]
    tax = sum((exact(each["Amount"]) for each in found), ZERO)
    draft.body["TxnTaxDetail"] = {"TotalTax": tax, "TaxLine": found}
    return tax


def _share(draft: Draft, lines: list[Json], discount: Decimal) -> Decimal:
    """With ApplyTaxAfterDiscount each line bears its share of the discount."""
    subtotal = sum((exact(line.get("Amount")) for line in lines), ZERO)
    if not draft.body.get("ApplyTaxAfterDiscount") or not subtotal:
        return Decimal(1)
    return 1 - discount / subtotal


def _add(draft: Draft, totals: Totals, line: Json, share: Decimal) -> None:
    detail = line.get(str(line.get("DetailType"))) or {}
    rates = list(_rates(draft, detail))
    if not rates or line.get("Amount") is None:
        return
    net, percent = exact(line["Amount"]), sum((exact(each["RateValue"]) for each in rates), ZERO)
    if draft.body["GlobalTaxCalculation"] == INCLUSIVE:
        gross = exact(detail.get("TaxInclusiveAmt") or net)
        net = rounded(gross / (1 + percent / 100))
        line["Amount"], detail["TaxInclusiveAmt"] = net, gross
        _spread(totals, rates, net, gross - net)
        return
    for rate in rates:
        totals.add(rate, net * share, None)


def _spread(totals: Totals, rates: list[Json], net: Decimal, tax: Decimal) -> None:
    """The tax that is in one line, over its rates; the last one takes what rounding left."""
    left = tax
    for rate in rates[:-1]:
        part = rounded(net * exact(rate["RateValue"]) / 100)
        totals.add(rate, net, part)
        left -= part
    totals.add(rates[-1], net, left)


def _rates(draft: Draft, detail: Json) -> Iterator[Json]:
    if draft.body.get("GlobalTaxCalculation") == NOT_APPLICABLE:
        return
    code = (detail.get("TaxCodeRef") or {}).get("value", "")
    row = draft.rows.find("TaxCode", code) if code else None
    side = "Sales" if draft.entity.party == "Customer" else "Purchase"
    entries = row.body.get(f"{side}TaxRateList", {}).get("TaxRateDetail", []) if row else []
    for each in entries:
        rate = draft.rows.find("TaxRate", each["TaxRateRef"]["value"])
        if rate:
            yield rate.body


def _overridden(draft: Draft) -> dict[str, Decimal]:
    sent = (draft.sent.get("TxnTaxDetail") or {}).get("TaxLine") or []
    return {
        str(each["TaxLineDetail"]["TaxRateRef"]["value"]): exact(each.get("Amount"))
        for each in sent
        if (each.get("TaxLineDetail") or {}).get("TaxRateRef")
    }


def _tax_line(part: Part, overridden: dict[str, Decimal]) -> Json:
    net, percent = rounded(part.net), exact(part.rate["RateValue"])
    tax = rounded(net * percent / 100) if part.tax is None else part.tax
    return {
        "Amount": overridden.get(part.rate["Id"], tax),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": part.rate["Id"]},
            "PercentBased": True,
            "TaxPercent": percent,
            "NetAmountTaxable": net,
        },
    }
