"""Writing, second half, the steps that only read: what a document read back still needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.documents import RecordType
from connectors.interface import Accepted, Again, Outcome, Partly, PushId, Reason, Rejected, Remote
from connectors.tryton import errors, stages
from connectors.tryton.config import Config
from connectors.tryton.contents import parse
from connectors.tryton.models import CREDITS
from connectors.tryton.refusals import POSTED_PAYMENT
from connectors.tryton.values import Json, dump, number, rows_of, text

Outcomes = dict[PushId, Outcome]


def again(note: Json) -> Again:
    return Again(dump(note).decode())


def seen(facts: Mapping[PushId, Json], rows: Any, config: Config) -> Outcomes:
    return {push_id: _one_seen(known, rows, config) for push_id, known in facts.items()}


def _one_seen(known: Json, rows: Sequence[Json], config: Config) -> Outcome:
    record_type = RecordType(known["type"])
    row = next((row for row in rows if _is_it(known["link"], row)), None)
    remote = parse(record_type, row, config) if row else None
    if row is None or remote is None:
        return Rejected(Reason.GONE, "gone", "Tryton does not have it any more.")
    if known.get("is_over"):
        return POSTED_PAYMENT
    if not remote.is_finished:
        return _draft_seen(record_type, known, remote, rows)
    is_voided = known["is_voided"] and getattr(remote.content, "is_voided", False)
    if known.get("changed") and not is_voided:
        seen = {"version": remote.version, "sequence": row.get("sequence")}
        return again({**known["note"], **seen})
    return _left_to_do(known, row) or Accepted(remote.external_id, remote.version, remote)


def later_seen(facts: Mapping[PushId, Json], rows: Any, config: Config) -> Outcomes:
    found: Outcomes = {}
    for push_id, known in facts.items():
        note = known["note"]
        goes_on = again({**note, "done": [*note.get("done", []), "later"]})
        found[push_id] = errors.later_number(rows[0]) if rows else goes_on
    return found


def _draft_seen(
    record_type: RecordType, known: Json, remote: Remote, rows: Sequence[Json]
) -> Outcome:
    other = _same_number(record_type, known, rows)
    if other is None:
        return Partly(remote.external_id, stages.CHECKED, remote)
    return Rejected(
        Reason.DUPLICATE,
        "same_number",
        f"Tryton already has {known['number']} of the same party.",
        field="number",
        external_id=str(other["id"]),
    )


def _same_number(record_type: RecordType, known: Json, rows: Sequence[Json]) -> Json | None:
    """Another document of this number, party and kind: Tryton itself would take both."""
    for row in rows:
        is_credit = number(row.get("untaxed_amount")) < 0
        if (
            not _is_it(known["link"], row)
            and known.get("number")
            and text(row, "reference") == known["number"]
            and str(row["party"]) == known["party"]
            and is_credit == (record_type in CREDITS)
        ):
            return row
    return None


def _left_to_do(known: Json, row: Json) -> Partly | None:
    """Of a posted document: a due date of ours, or invoices that it pays in full."""
    due = known.get("due")
    lines = rows_of(row, "lines_to_pay")
    if due and row.get("state") == "posted" and len(lines) == 1:
        day = lines[0].get("maturity_date")
        if day and day.isoformat() != due:
            return Partly(known["link"], f"{stages.DUE}{lines[0]['id']}")
    groups = [_paying(invoice) for line in rows_of(row, "lines")
              for invoice in rows_of(line, "invoice_payments")]  # fmt: skip
    version = stages.paying([group for group in groups if group])
    return Partly(known["link"], version) if version else None


def _paying(invoice: Json) -> list[int]:
    if invoice.get("reconciled") or number(invoice.get("amount_to_pay")):
        return []
    return sorted({*invoice["lines_to_pay"], *invoice["payment_lines"]})


def _is_it(external_id: str, row: Json) -> bool:
    if external_id.startswith(stages.TEMPLATE):
        return any(str(one["id"]) == external_id[1:] for one in rows_of(row, "template"))
    return str(row["id"]) == external_id
