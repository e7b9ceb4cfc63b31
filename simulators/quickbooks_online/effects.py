"""What a transaction does to others: balances of parties, links, open amounts."""

from __future__ import annotations

from simulators.quickbooks_online.entities import ENTITIES
from simulators.quickbooks_online.money import amount, cents, exact
from simulators.quickbooks_online.refusal import Refusal, business, refuse
from simulators.quickbooks_online.rows import Link, Rows, Stored, stamped
from simulators.quickbooks_online.rules.currency import set_home_amounts
from simulators.quickbooks_online.rules.payments import unapplied_cents
from simulators.quickbooks_online.schema import Entity


def refuse_linked(rows: Rows, stored: Stored) -> None:
    """A transaction that others settle is unlinked first."""
    if rows.links_to(stored.type, stored.id):
        raise Refusal(business("This transaction is linked to others. Unlink them first."))


def settle(
    rows: Rows, entity: Entity, before: Stored | None, stored: Stored, links: list[Link]
) -> None:
    """Set what is open of `stored` and move everything that depends on it."""
    if not entity.is_transaction:
        stored.open_cents = before.open_cents if before else 0
        return
    links_to = rows.links_to(stored.type, stored.id) if before else []
    if before:
        _refuse_unsettling(before, stored, links_to)
        rows.shift_balance(entity.party, before.party, -entity.sign * before.open_cents)
    stored.open_cents = _open(stored, links, links_to)
    rows.shift_balance(entity.party, stored.party, entity.sign * stored.open_cents)
    _show_open(stored, links_to)
    _relink(rows, stored, links, is_new=before is None)


def remove(rows: Rows, entity: Entity, stored: Stored) -> None:
    """Take a deleted transaction out of its party's balance, and free its links."""
    rows.shift_balance(entity.party, stored.party, -entity.sign * stored.open_cents)
    stored.open_cents = 0
    _relink(rows, stored, [], is_new=False)


def _refuse_unsettling(before: Stored, stored: Stored, links_to: list[Link]) -> None:
    if not links_to:
        return
    if before.party != stored.party:
        raise refuse("620", "The transaction is linked to payments of the other customer")
    if _open(stored, [], links_to) < 0:
        raise Refusal(business("The total is less than what is applied to it already"))


def _open(stored: Stored, links: list[Link], links_to: list[Link]) -> int:
    entity = ENTITIES[stored.type]
    if entity.settles:
        return unapplied_cents(stored.body, links)
    if not entity.sign:  # paid on the spot
        return 0
    total = cents(exact(stored.body.get("TotalAmt")))
    deposit = cents(exact(stored.body.get("Deposit")))
    return total - deposit - sum(each.cents for each in links_to)


def _show_open(stored: Stored, links_to: list[Link]) -> None:
    body, open_amount = stored.body, amount(stored.open_cents)
    if stored.type == "Payment":
        body["UnappliedAmt"] = open_amount
    entity = ENTITIES[stored.type]
    if entity.settles or not entity.is_posting:
        return
    if "Balance" in entity.fields:  # a purchase has none
        body["Balance"] = open_amount
    if stored.type == "CreditMemo":
        body["RemainingCredit"] = open_amount
    set_home_amounts(body, entity)
    body["LinkedTxn"] = [
        {"TxnId": id_, "TxnType": type_}
        for type_, id_ in dict.fromkeys((each.type, each.id) for each in links_to)
    ]


def _relink(rows: Rows, stored: Stored, links: list[Link], *, is_new: bool) -> None:
    old = [] if is_new else rows.links_from(stored.type, stored.id)
    if old == links:
        return
    rows.relink(stored.type, stored.id, links)
    for type_, id_ in dict.fromkeys((each.type, each.id) for each in [*old, *links]):
        _touch(rows, type_, id_)


def _touch(rows: Rows, type_: str, id_: str) -> None:
    """A settled transaction changes too: new balance, new version, seen by the feed."""
    target = rows.find(type_, id_)
    if target is None:
        return
    links_to = rows.links_to(type_, id_)
    was = target.open_cents
    target.open_cents = _open(target, [], links_to)
    entity = ENTITIES[type_]
    moved = entity.sign * (target.open_cents - was)
    rows.shift_balance(entity.party, target.party, moved)
    _show_open(target, links_to)
    target.token += 1
    target.updated = rows.clock.tick()
    target.body["SyncToken"] = str(target.token)
    target.body["MetaData"] = stamped(target.created, target.updated)
    rows.update(target)
    rows.changes.append((type_, id_, "update"))
