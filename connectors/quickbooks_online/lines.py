"""Lines, taxes and references of documents on their way to QuickBooks."""

from __future__ import annotations

from decimal import Decimal

from connectors.documents import Application, Line, RecordType, Trade
from connectors.interface import Push
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.entities import SALES
from connectors.quickbooks_online.jsontext import Json

HALF_CENT = Decimal("0.005")


def reference(external_id: str | None) -> Json | None:
    return {"value": external_id} if external_id else None


def agrees(line: Line) -> bool:
    """Quantity × price is the amount to the cent, however QuickBooks rounds.

    A UnitPrice that is sent wins over the Amount, or is refused (6070). So price and quantity are
    sent only if they yield our amount beyond doubt: not if the product lies on half a cent, which
    half-up and half-even round differently.
    """
    return abs(line.quantity * line.unit_price - line.amount) < HALF_CENT


def line_tax_code(line: Line, config: Config) -> str | None:
    """Their tax code of a sales line. US forms know the pseudo codes TAX and NON only (6100)."""
    code = line.tax_code or config.defaults.get("untaxed_code")
    if not config.is_us:
        return code
    return "NON" if code in {None, "NON"} else "TAX"


def of_trade(record_type: RecordType, trade: Trade, config: Config) -> Json:
    """Lines carry no ids: QuickBooks replaces the set, and lines it knew disappear."""
    build = _sales_line if record_type in SALES else _purchase_line
    found = [
        {"LineNum": position, **build(line, config)}
        for position, line in enumerate(trade.lines, start=1)
    ]
    codes = sales_tax_codes(trade)
    if record_type in SALES and config.is_us and len(codes) == 1:
        return {"Line": found, "TxnTaxDetail": {"TxnTaxCodeRef": {"value": codes.pop()}}}
    return {"Line": found}


def sales_tax_codes(trade: Trade) -> set[str]:
    """The real codes of a US document; it can bear one."""
    return {line.tax_code for line in trade.lines if line.tax_code not in {None, "TAX", "NON"}}


def tax_calculation(push: Push, config: Config) -> Json:
    """Required of every company outside the US, unknown inside. Our amounts are net."""
    if config.is_us or not isinstance(push.content, Trade):
        return {}
    is_taxed = any(line_tax_code(line, config) for line in push.content.lines)
    return {"GlobalTaxCalculation": "TaxExcluded" if is_taxed else "NotApplicable"}


def _sales_line(line: Line, config: Config) -> Json:
    if line.item is None and not line.amount:
        return {"DetailType": "DescriptionOnly", "Description": line.description.strip()}
    detail = {"ItemRef": reference(line.item), **_figures(line), **_tax(line, config)}
    return _line(line, "SalesItemLineDetail", detail)


def _purchase_line(line: Line, config: Config) -> Json:
    tax = {} if config.is_us else _tax(line, config)  # US purchases bear no sales tax
    if line.item is not None:
        detail = {"ItemRef": reference(line.item), **_figures(line), **tax}
        return _line(line, "ItemBasedExpenseLineDetail", detail)
    account = line.account or config.defaults.get("expense_account")
    return _line(line, "AccountBasedExpenseLineDetail", {"AccountRef": reference(account), **tax})


def _line(line: Line, kind: str, detail: Json) -> Json:
    body: Json = {"DetailType": kind, "Amount": line.amount, kind: detail}
    if line.description.strip():
        body["Description"] = line.description.strip()
    return body


def _figures(line: Line) -> Json:
    return {"Qty": line.quantity, "UnitPrice": line.unit_price} if agrees(line) else {}


def _tax(line: Line, config: Config) -> Json:
    code = line_tax_code(line, config)
    return {"TaxCodeRef": {"value": code}} if code else {}


def application(each: Application) -> Json:
    return {
        "Amount": each.amount,
        "LinkedTxn": [{"TxnId": each.document, "TxnType": "Invoice"}],
    }
