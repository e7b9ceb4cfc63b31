"""Invoices, credit memos, sales receipts and estimates: lines, discount, tax and total."""

from __future__ import annotations

from decimal import Decimal

from simulators.quickbooks_online.drafts import Draft
from simulators.quickbooks_online.money import exact, rounded
from simulators.quickbooks_online.rules import global_tax
from simulators.quickbooks_online.rules import lines as line_rules
from simulators.quickbooks_online.rules.country import is_us
from simulators.quickbooks_online.rules.dates import set_date, set_due_date
from simulators.quickbooks_online.rules.global_tax import check_calculation
from simulators.quickbooks_online.rules.numbers import number_sale
from simulators.quickbooks_online.rules.payments import set_deposit_account
from simulators.quickbooks_online.rules.tax import set_tax
from simulators.quickbooks_online.schema import Json

ITEM = "SalesItemLineDetail"
DISCOUNT = "DiscountLineDetail"
SUBTOTAL = "SubTotalLineDetail"


def prepare_sale(draft: Draft) -> None:
    set_date(draft)
    set_due_date(draft)
    if draft.before is None:
        _copy_addresses(draft)
    _price(draft)
    draft.settle()
    number_sale(draft)
    draft.default("EmailStatus", "NotSet")
    draft.default("PrintStatus", "NotSet")


def prepare_estimate(draft: Draft) -> None:
    """An offer is not due; it waits to be accepted."""
    draft.default("TxnStatus", "Pending")
    prepare_sale(draft)


def prepare_receipt(draft: Draft) -> None:
    """Paid on the spot: the money goes where a payment's would go."""
    set_deposit_account(draft)
    prepare_sale(draft)


def _copy_addresses(draft: Draft) -> None:
    """A missing BillAddr or ShipAddr is copied from the customer."""
    wanted = [name for name in ("BillAddr", "ShipAddr") if not draft.body.get(name)]
    if not wanted:
        return
    customer = draft.rows.find("Customer", draft.reference("CustomerRef"))
    for name in wanted:
        if customer and customer.body.get(name):
            draft.body[name] = customer.body[name]


def _price(draft: Draft) -> None:
    is_domestic = is_us(draft.rows)
    if not is_domestic:
        check_calculation(draft)
    sent = [dict(line) for line in draft.body["Line"]]
    kept = [line for line in sent if line.get("DetailType") != SUBTOTAL]
    items = [line for line in kept if line.get("DetailType") != DISCOUNT]
    discounts = [line for line in kept if line.get("DetailType") == DISCOUNT]
    taxed = [line for line in items if _check_line(draft, line)]
    if not any(line.get("DetailType") == ITEM for line in items):
        draft.note("2250", "You must enter at least one split line.", "Line")
    draft.settle()
    line_rules.check_count(draft, kept, is_taxable=bool(taxed))
    line_rules.identify(draft, items + discounts)
    gross = line_rules.total(items)
    discount = sum((_discount(draft, each, gross) for each in discounts), Decimal(0))
    if is_domestic:
        taxable = _taxable(draft, line_rules.total(taxed), gross, discount)
        tax = set_tax(draft, taxable)
    else:
        tax = global_tax.set_tax(draft, items, discount)
    subtotal = line_rules.total(items)  # amounts that included the tax are net by now
    total = rounded(subtotal - discount + tax)
    line_rules.refuse_negative(draft, total)
    summary = {"Amount": rounded(subtotal), "DetailType": SUBTOTAL, SUBTOTAL: {}}
    draft.body["Line"] = [*items, summary, *discounts]
    draft.body["TotalAmt"] = total


def _check_line(draft: Draft, line: Json) -> bool:
    """Note what is wrong with a line; is it taxable?"""
    if line.get("DetailType") == "DescriptionOnly":
        line.pop("Amount", None)
        return False
    detail = line_rules.detail_of(draft, line)
    if not detail:
        return False
    if not detail.get("ItemRef"):
        draft.note("6440", "Select a product or service for each line", "Line.ItemRef")
    line_rules.check_amount(draft, line, detail)
    line_rules.check_item_start(draft, detail)
    return line_rules.check_tax_code(draft, detail)


def _discount(draft: Draft, line: Json, subtotal: Decimal) -> Decimal:
    """A discount is a percentage of the subtotal or an amount; 6090 when neither."""
    detail = line.get(DISCOUNT) or {}
    if detail.get("PercentBased") and detail.get("DiscountPercent") is not None:
        line["Amount"] = rounded(subtotal * exact(detail["DiscountPercent"]) / 100)
    if line.get("Amount") is None:
        draft.note("6090", "A discount amount or percent is required.", "Line.Amount")
    return exact(line.get("Amount"))


def _taxable(draft: Draft, taxed: Decimal, subtotal: Decimal, discount: Decimal) -> Decimal:
    """With ApplyTaxAfterDiscount the taxed lines bear their share of the discount."""
    if not draft.body.get("ApplyTaxAfterDiscount") or not subtotal:
        return rounded(taxed)
    return rounded(taxed - discount * taxed / subtotal)
