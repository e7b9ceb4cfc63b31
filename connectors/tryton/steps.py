"""Writing, before the first half: what comes next for a push.

A document needs several calls: look up what it refers to, create the draft, read it back and
compare, post it, read it again. Which one is next is decided from its link (whose version says how
far it is), from the push's note and from its operation.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.documents import RecordType
from connectors.interface import Operation, Push
from connectors.tryton import preparing, stages
from connectors.tryton.models import PARTIES, SALES, TRADES
from connectors.tryton.preparing import Note
from connectors.tryton.values import Json

NAMES = PARTIES | {RecordType.ITEM}


@dataclass(frozen=True, slots=True)
class Task:
    """A push and its next step. `note` is what earlier look-ups found."""

    push: Push
    step: str
    note: Note

    @property
    def facts(self) -> Json:
        """What the second half has to know, kept in the request."""
        push = self.push
        return {
            "type": push.record_type,
            "step": self.step,
            "op": push.operation,
            "is_voided": push.operation is Operation.VOID
            or bool(getattr(push.content, "is_voided", False)),
            "link": push.link.external_id if push.link else "",
            "version": push.link.version if push.link else "",
            "note": self.note,
        }


def task_of(push: Push) -> Task:
    """What comes next for this push: decided from its link, its note and its operation."""
    note: Note = json.loads(push.note) if push.note else {}
    if note.get("answers"):
        return Task(push, "answer", note)
    step = _name_step(push, note) if push.record_type in NAMES else _document_step(push, note)
    return Task(push, step, note)


def _name_step(push: Push, note: Note) -> str:
    if push.link is None:
        return "create"
    if push.link.is_finished or note.get("version"):
        return "write"
    return "look"


def _document_step(push: Push, note: Note) -> str:
    link = push.link
    if push.record_type is RecordType.PAYMENT and link is not None and is_over(push):
        return "look"
    if push.operation is Operation.DELETE:
        return "unmark" if link and link.version == stages.CANCELLED else "cancel"
    if link is None or link.version == stages.RENEWED:
        return preparing.needed(push, note) or "create"
    if link.is_finished:
        return _change_of_finished(push, note) if note.get("version") else "look"
    if link.version == stages.REPLACED:
        return "unmark"
    return _next_of_draft(push, note, link.version)


def _next_of_draft(push: Push, note: Note, version: str) -> str:
    if getattr(push.content, "is_voided", False) and version in {stages.DRAFT, stages.CHECKED}:
        return "cancel"
    if push.changed and version in {stages.DRAFT, stages.CHECKED}:
        return preparing.needed(push, note) or "rewrite"
    if note.get("version"):  # It is posted, and was changed here meanwhile.
        return "cancel"
    if version == stages.CHECKED:
        return "post"
    if version.startswith(stages.DUE):
        return "due"
    if version.startswith(stages.PAYS):
        return "reconcile"
    return "look"


def _change_of_finished(push: Push, note: Note) -> str:
    """Tryton lets number and memo of a posted invoice be changed, and nothing else: the invoice is
    cancelled (with a move that reverses it) and made anew. Before, it is seen whether Tryton will
    number the new one: it refuses that when another is dated later."""
    if push.operation is not Operation.UPDATE or getattr(push.content, "is_voided", False):
        return "cancel"
    if push.changed and push.changed <= {"number", "memo"}:
        return "remark"
    keeps_date = push.record_type in SALES and "date" not in push.changed
    return "later" if keeps_date and "later" not in note.get("done", []) else "cancel"


def is_over(push: Push) -> bool:
    """A posted payment is not changed from here: it is only looked at, and refused."""
    is_finished = push.link is not None and push.link.is_finished
    return is_finished or push.operation is Operation.DELETE


def family(record_type: RecordType) -> str:
    """Types that one call can hold together."""
    return "trade" if record_type in TRADES else record_type


def summary(tasks: Sequence[Task], what: str) -> str:
    """For people: "Create 20 invoices"."""
    name = tasks[0].push.record_type.replace("_", " ")
    return f"{what} {len(tasks)} {name}{'' if len(tasks) == 1 else 's'}"
