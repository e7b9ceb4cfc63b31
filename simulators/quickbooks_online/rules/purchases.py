"""What is bought: lines and total of bills, vendor credits, orders and expenses."""

from __future__ import annotations

from simulators.quickbooks_online.drafts import Draft
from simulators.quickbooks_online.money import ZERO, exact, rounded
from simulators.quickbooks_online.refusal import missing
from simulators.quickbooks_online.rules import global_tax
from simulators.quickbooks_online.rules import lines as line_rules
from simulators.quickbooks_online.rules.country import is_us
from simulators.quickbooks_online.rules.dates import set_date, set_due_date
from simulators.quickbooks_online.schema import Json

# These are moved by the documents themselves and never by a line.
CONTROL_TYPES = ("Accounts Receivable", "Accounts Payable")


def prepare_purchase(draft: Draft) -> None:
    set_date(draft)
    set_due_date(draft)
    _set_payable_account(draft)
    _add_up(draft)


def prepare_order(draft: Draft) -> None:
    """An order owes nothing yet; nothing of it is due by its terms."""
    set_date(draft)
    draft.default("POStatus", "Open")
    _add_up(draft)


def prepare_spending(draft: Draft) -> None:
    set_date(draft)
    _add_up(draft)


def _add_up(draft: Draft) -> None:
    if not is_us(draft.rows):
        global_tax.check_calculation(draft)
    lines = [dict(line) for line in draft.body["Line"]]
    for line in lines:
        _check_line(draft, line)
    draft.settle()
    line_rules.check_count(draft, lines, is_taxable=False)
    line_rules.identify(draft, lines)
    if is_us(draft.rows):
        tax = exact((draft.body.get("TxnTaxDetail") or {}).get("TotalTax"))
    else:
        tax = global_tax.set_tax(draft, lines, ZERO)
    total = rounded(line_rules.total(lines) + tax)
    line_rules.refuse_negative(draft, total)
    draft.body["Line"] = lines
    draft.body["TotalAmt"] = total


def _set_payable_account(draft: Draft) -> None:
    name = "Accounts Payable (A/P)"
    found = draft.rows.named("Account", name, "")
    if found:
        draft.default("APAccountRef", {"value": found, "name": name})


def _check_line(draft: Draft, line: Json) -> None:
    detail = line_rules.detail_of(draft, line)
    if not detail:
        return
    line_rules.check_amount(draft, line, detail)
    line_rules.check_tax_code(draft, detail)
    if line["DetailType"] == "ItemBasedExpenseLineDetail":
        _check_item(draft, detail)
    else:
        _check_account(draft, detail)


def _check_item(draft: Draft, detail: Json) -> None:
    reference = detail.get("ItemRef")
    if not reference:
        draft.note("6440", "Select a product or service for each line", "Line.ItemRef")
        return
    line_rules.check_item_start(draft, detail)
    item = draft.rows.find("Item", reference["value"])
    if item and not item.body.get("ExpenseAccountRef"):
        draft.note(
            "6000",
            f"{item.name} has no expense account and cannot be bought",
            "Line.ItemRef",
        )


def _check_account(draft: Draft, detail: Json) -> None:
    reference = detail.get("AccountRef")
    if not reference:
        draft.problems.append(missing("Line.AccountBasedExpenseLineDetail.AccountRef"))
        return
    account = draft.rows.glance("Account", reference["value"])
    if account and account.kind in CONTROL_TYPES:
        draft.note("6430", f"Invalid account type: {account.kind}", "Line.AccountRef")
