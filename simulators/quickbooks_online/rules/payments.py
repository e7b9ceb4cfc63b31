"""Payments, received and made: the amount, and what it is applied to."""

from __future__ import annotations

from simulators.quickbooks_online.drafts import Draft
from simulators.quickbooks_online.money import amount, cents, exact
from simulators.quickbooks_online.refusal import missing
from simulators.quickbooks_online.rows import DELETED, Link
from simulators.quickbooks_online.rules.dates import set_date
from simulators.quickbooks_online.schema import Json

UNDEPOSITED = "Undeposited Funds"
DEBTS = ("Invoice", "Bill")
PAYING = {
    "Check": ("CheckPayment", "BankAccountRef"),
    "CreditCard": ("CreditCardPayment", "CCAccountRef"),
}


def prepare_payment(draft: Draft) -> None:
    draft.default("ProcessPayment", False)
    set_deposit_account(draft)
    _prepare(draft)


def prepare_bill_payment(draft: Draft) -> None:
    """Paid by check from a bank account, or with a credit card's account."""
    block, account = PAYING[draft.body["PayType"]]
    if not (draft.body.get(block) or {}).get(account):
        draft.problems.append(missing(f"{block}.{account}"))
    _prepare(draft)


def _prepare(draft: Draft) -> None:
    set_date(draft)
    if draft.body.get("TotalAmt") is None:
        draft.note("6000", "Missing amount: TotalAmt is required", "TotalAmt")
        return
    if draft.body["TotalAmt"] < 0:
        draft.note("6000", "Transaction amount must be 0 or greater", "TotalAmt")
    draft.default("Line", [])
    for line in draft.body["Line"]:
        _apply(draft, line)
    draft.settle()
    _check_total(draft)


def set_deposit_account(draft: Draft) -> None:
    """Money goes to Undeposited Funds when no account is named."""
    found = draft.rows.named("Account", UNDEPOSITED, "")
    if found:
        draft.default("DepositToAccountRef", {"value": found, "name": UNDEPOSITED})


def _apply(draft: Draft, line: Json) -> None:
    """Turn a line into a link, if its transaction can be linked."""
    linked = line.get("LinkedTxn") or []
    if line.get("Amount") is None:
        draft.problems.append(missing("Line.Amount"))
        return
    if len(linked) != 1 or not linked[0].get("TxnId") or not linked[0].get("TxnType"):
        draft.problems.append(missing("Line.LinkedTxn"))
        return
    if exact(line["Amount"]) <= 0:
        draft.note("6000", "A line's amount must be greater than 0", "Line.Amount")
        return
    target = Link(linked[0]["TxnType"], str(linked[0]["TxnId"]), cents(exact(line["Amount"])))
    if _can_link(draft, target):
        draft.links.append(target)


def _can_link(draft: Draft, link: Link) -> bool:
    row = draft.rows.find(link.type, link.id)
    if row is None or row.state == DELETED:
        detail = f"Invalid Reference Id : Transactions element id {link.id} not found"
        draft.note("2500", detail, "Line.LinkedTxn")
    elif row.party != draft.reference(draft.entity.party_field):
        draft.note(
            "620",
            f"Transaction {link.id} cannot be linked: "
            f"it belongs to another {draft.entity.party.lower()}",
            "Line.LinkedTxn",
        )
    elif _used(draft, link) + link.cents > row.open_cents + _given_back(draft, link):
        open_amount = amount(row.open_cents + _given_back(draft, link))
        draft.note(
            "6000",
            f"The amount applied is more than the open balance {open_amount} "
            f"of {link.type} {link.id}",
            "Line.Amount",
        )
    else:
        return True
    return False


def _used(draft: Draft, link: Link) -> int:
    """What earlier lines of this payment apply to the same transaction."""
    return sum(each.cents for each in draft.links if (each.type, each.id) == (link.type, link.id))


def _given_back(draft: Draft, link: Link) -> int:
    """What this payment's stored version applies, which the new version replaces."""
    if draft.before is None:
        return 0
    return sum(
        each.cents
        for each in draft.rows.links_from(draft.entity.name, draft.id)
        if (each.type, each.id) == (link.type, link.id)
    )


def _check_total(draft: Draft) -> None:
    if unapplied_cents(draft.body, draft.links) < 0:
        draft.note(
            "6000",
            "The amounts applied are more than the amount of the payment",
            "TotalAmt",
        )


def unapplied_cents(body: Json, links: list[Link]) -> int:
    """The amount less debts settled, plus credits used."""
    applied = sum(each.cents if each.type in DEBTS else -each.cents for each in links)
    return cents(exact(body.get("TotalAmt"))) - applied
