"""Create, update, void and delete: every change of the books goes through here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulators.quickbooks_online import effects
from simulators.quickbooks_online.cleaning import cleaned
from simulators.quickbooks_online.drafts import Draft
from simulators.quickbooks_online.log import note_write
from simulators.quickbooks_online.references import resolve
from simulators.quickbooks_online.refusal import (
    Problem,
    Refusal,
    missing,
    not_found,
    operation_unsupported,
    refuse,
)
from simulators.quickbooks_online.rows import ACTIVE, DELETED, INACTIVE, Rows, Stored, stamped
from simulators.quickbooks_online.rules.closing import refuse_closed_period
from simulators.quickbooks_online.rules.currency import check_currency
from simulators.quickbooks_online.rules.uniqueness import check_unique
from simulators.quickbooks_online.rules.voiding import voided
from simulators.quickbooks_online.schema import Entity, Json, Kind

_ID = re.compile(r"\d+|TAX|NON")
STALE = (
    "Stale Object Error : You and Books Owner were working on this at the same time. "
    "Books Owner finished before you did, so your work was not saved."
)


@dataclass(frozen=True)
class Change:
    """Under which request a change is made, and what it was allowed."""

    rows: Rows
    origin: str = "api"
    request_id: str = ""
    allows_duplicate_numbers: bool = False
    may_write_anything: bool = False


def save(change: Change, entity: Entity, sent: Json) -> Stored:
    """Create, or with an Id update: sparse or full, as `sent` says."""
    if not entity.is_writable and not change.may_write_anything:
        raise operation_unsupported(f"update of {entity.name}")
    before = _current(change.rows, entity, sent) if sent.get("Id") else None
    draft = _draft(change, entity, sent, before)
    _judge(draft)
    return _write(change, draft, "update" if before else "create")


def void(change: Change, entity: Entity, sent: Json) -> Stored:
    """Zero a transaction's amounts; it stays, with "Voided" before its note."""
    if not entity.can_void:
        raise operation_unsupported(f"void of {entity.name}")
    before = _current(change.rows, entity, sent)
    refuse_closed_period(change.rows, before.txn_date)
    effects.refuse_linked(change.rows, before)
    draft = Draft(change.rows, entity, {}, voided(entity, before.body), before)
    return _write(change, draft, "void")


def delete(change: Change, entity: Entity, sent: Json) -> Json:
    """Delete a transaction for good; names, items and lists are only deactivated."""
    if not entity.is_transaction:
        raise operation_unsupported(f"delete of {entity.name}")
    rows, before = change.rows, _current(change.rows, entity, sent)
    refuse_closed_period(rows, before.txn_date)
    effects.refuse_linked(rows, before)
    effects.remove(rows, entity, before)
    before.state = DELETED
    before.updated = rows.clock.tick()
    before.token += 1
    rows.update(before)
    note_write(change, "delete", before)
    return {"Id": before.id, "status": "Deleted", "domain": "QBO"}


def _current(rows: Rows, entity: Entity, sent: Json) -> Stored:
    """The object an update means, if the caller saw its latest version."""
    id_ = str(sent.get("Id") or "").strip()
    if not id_:
        raise Refusal(missing("Id"))
    if not _ID.fullmatch(id_):
        raise refuse("2030", f"Invalid ID. Supplied value:{id_}", "Id")
    before = rows.find(entity.name, id_)
    if before is None or before.state == DELETED:
        raise not_found()
    token = sent.get("SyncToken")
    if token is None or token == "":
        raise Refusal(missing("SyncToken"))
    if str(token) != str(before.token):
        raise refuse("5010", STALE)
    return before


def _draft(change: Change, entity: Entity, sent: Json, before: Stored | None) -> Draft:
    problems: list[Problem] = []
    kept = cleaned(entity.fields, sent, problems)
    draft = Draft(
        rows=change.rows,
        entity=entity,
        sent=kept,
        body=kept,
        before=before,
        allows_duplicate_numbers=change.allows_duplicate_numbers,
        problems=problems,
    )
    draft.settle()
    resolve(change.rows, entity.fields, kept, problems)
    draft.settle()
    if before is not None:
        _merge(draft, is_sparse=sent.get("sparse") in (True, "true"))
    draft.body = {name: each for name, each in draft.body.items() if each is not None}
    return draft


def _merge(draft: Draft, *, is_sparse: bool) -> None:
    """Sparse: only what was sent changes. Full: what was not sent is emptied."""
    kept = draft.before_body if is_sparse else _computed(draft)
    draft.body = {**kept, **draft.sent}
    if is_sparse:
        for name in draft.entity.required_when_sparse:
            if draft.sent.get(name) is None:
                draft.problems.append(missing(name))


def _computed(draft: Draft) -> Json:
    fields = draft.entity.fields
    return {
        name: value
        for name, value in draft.before_body.items()
        if name in fields and fields[name].kind is Kind.COMPUTED
    }


def _judge(draft: Draft) -> None:
    entity = draft.entity
    draft.require(*entity.required)
    draft.settle()
    check_currency(draft)
    entity.prepare(draft)
    draft.settle()
    if entity.is_transaction:
        old = draft.before.txn_date if draft.before else ""
        refuse_closed_period(draft.rows, draft.body["TxnDate"], old)
    check_unique(draft)
    draft.settle()


def _write(change: Change, draft: Draft, operation: str) -> Stored:
    rows, entity, before = change.rows, draft.entity, draft.before
    stored = _stored(draft, rows.clock.tick())
    if before is None:
        stored.id = rows.next_id(entity.family)
    effects.settle(rows, entity, before, stored, draft.links)
    finish(stored)
    if before is None:
        rows.insert(stored)
    else:
        rows.update(stored)
    note_write(change, operation, stored)
    return stored


def _stored(draft: Draft, now: int) -> Stored:
    entity, body, before = draft.entity, draft.body, draft.before
    is_active = body.get("Active", True)
    return Stored(
        type=entity.name,
        id=draft.id,
        token=before.token + 1 if before else 0,
        state=ACTIVE if is_active else INACTIVE,
        name=str(body.get(entity.name_field) or ""),
        number=str(body.get(entity.number_field) or ""),
        party=draft.reference(entity.party_field),
        txn_date=str(body.get("TxnDate") or ""),
        kind=str(body.get(entity.kind_field) or ""),
        open_cents=0,
        created=before.created if before else now,
        updated=now,
        body=body,
    )


def finish(stored: Stored) -> None:
    """Put what the books know of the object into its body, in the vendor's order."""
    head: Json = {
        "domain": "QBO",
        "sparse": False,
        "Id": stored.id,
        "SyncToken": str(stored.token),
        "MetaData": stamped(stored.created, stored.updated),
    }
    stored.body = {**stored.body, **head}
