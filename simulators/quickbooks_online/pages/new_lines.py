"""The one line of a document that is made on the page."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from simulators.quickbooks_online.money import rounded
from simulators.quickbooks_online.refusal import refuse
from simulators.quickbooks_online.schema import Entity, Json


def lines_of(entity: Entity, form: Mapping[str, str]) -> list[Json]:
    if entity.name == "Payment":
        return _payment(form)
    if entity.party == "Customer":
        return [_sale(form)]
    return [_purchase(form)]


def _payment(form: Mapping[str, str]) -> list[Json]:
    invoice = form.get("line.invoice", "").strip()
    if not invoice:
        return []
    linked = {"TxnId": invoice, "TxnType": "Invoice"}
    return [{"Amount": _number(form, "TotalAmt", ""), "LinkedTxn": [linked]}]


def _sale(form: Mapping[str, str]) -> Json:
    quantity = _number(form, "line.quantity", "1")
    price = _number(form, "line.price", "0")
    detail = {
        "ItemRef": {"value": form.get("line.item", "").strip()},
        "Qty": quantity,
        "UnitPrice": price,
    }
    return {
        "DetailType": "SalesItemLineDetail",
        "Amount": rounded(quantity * price),
        "SalesItemLineDetail": detail,
    }


def _purchase(form: Mapping[str, str]) -> Json:
    account = form.get("line.account", "").strip()
    return {
        "DetailType": "AccountBasedExpenseLineDetail",
        "Amount": _number(form, "line.amount", "0"),
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account}},
    }


def _number(form: Mapping[str, str], name: str, default: str) -> Decimal:
    text = form.get(name, "").strip() or default
    try:
        figure = Decimal(text)
    except InvalidOperation:
        raise refuse("2100", f"{text!r} is not a number", name) from None
    if not figure.is_finite() or abs(figure) >= 10**11:
        raise refuse("2110", f"{text!r} does not fit", name)
    return figure
