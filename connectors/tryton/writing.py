"""Writing, first half: each push's next step, and one request per step for all that are at it.

A document needs several calls: look up what it refers to, create the draft, read it back and
compare, post it, read it again. Each is an exchange of its own, so a crash between any two of them
loses nothing: the link (its version says how far it is) or the push's note says what comes next.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.documents import Payment, RecordType, Trade
from connectors.interface import Operation, Push, Request
from connectors.tryton import payloads, preparing, rpc, stages, stamps
from connectors.tryton.config import Config
from connectors.tryton.models import MODELS, PARTIES, TRADES
from connectors.tryton.preparing import Note
from connectors.tryton.values import Json

# More in one call, and SQLite's parser gives up on the domains that Tryton checks ("parser stack
# overflow", HTTP 503).
MOST_PUSHES = 25
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


def requests(batch: Sequence[Push], config: Config) -> Sequence[Request]:
    """In the order of the batch; what has to go alone goes alone."""
    groups: dict[tuple[str, ...], list[Task]] = {}
    for push in batch:
        task = task_of(push)
        alone = push.id if task.note.get("alone") else ""
        key = (_family(push.record_type), task.step, alone)
        groups.setdefault(key, []).append(task)
    return [
        STEPS.get(tasks[0].step, _look_up)(tasks[at : at + MOST_PUSHES], config)
        for tasks in groups.values()
        for at in range(0, len(tasks), MOST_PUSHES)
    ]


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
    if push.record_type is RecordType.PAYMENT and link is not None and _is_over(push):
        return "look"
    if push.operation is Operation.DELETE:
        return "unmark" if link and link.version == stages.CANCELLED else "cancel"
    if link is None or link.version == stages.RENEWED:
        return preparing.needed(push, note) or "create"
    if link.is_finished:
        return _change_of_finished(push) if note.get("version") else "look"
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


def _change_of_finished(push: Push) -> str:
    """Tryton lets number and memo of a posted invoice be changed, and nothing else: the invoice is
    cancelled (with a move that reverses it) and made anew."""
    if push.operation is Operation.UPDATE and push.changed and push.changed <= {"number", "memo"}:
        return "remark"
    return "cancel"


def _is_over(push: Push) -> bool:
    """A posted payment is not changed from here: it is only looked at, and refused."""
    is_finished = push.link is not None and push.link.is_finished
    return is_finished or push.operation is Operation.DELETE


def _family(record_type: RecordType) -> str:
    """Types that one call can hold together."""
    return "trade" if record_type in TRADES else record_type


def _request(
    tasks: Sequence[Task], config: Config, what: str, method: str, *params: Any
) -> Request:
    return rpc.call(
        config,
        method,
        *params,
        pushes=[task.push.id for task in tasks],
        notes=[task.facts for task in tasks],
        summary=_summary(tasks, what),
    )


def _summary(tasks: Sequence[Task], what: str) -> str:
    """For people: "Create 20 invoices"."""
    name = tasks[0].push.record_type.replace("_", " ")
    return f"{what} {len(tasks)} {name}{'' if len(tasks) == 1 else 's'}"


def _look_up(tasks: Sequence[Task], config: Config) -> Request:
    name = tasks[0].step
    model, domain, fields = preparing.asked(name, [task.push for task in tasks])
    return rpc.search(
        config,
        model,
        domain,
        fields,
        pushes=[task.push.id for task in tasks],
        notes=[{**task.facts, "wanted": preparing.facts(name, task.push)} for task in tasks],
        summary=_summary(tasks, f"Look up {name} for"),
    )


def _create(tasks: Sequence[Task], config: Config) -> Request:
    kind = tasks[0].push.record_type
    model = "product.template" if kind is RecordType.ITEM else MODELS[kind].name
    values = [payloads.new_values(task.push, task.note, config) for task in tasks]
    return _request(tasks, config, "Create", f"model.{model}.create", values)


def _write(tasks: Sequence[Task], config: Config) -> Request:
    """Only what changed, and only if nobody changed it meanwhile."""
    is_item = tasks[0].push.record_type is RecordType.ITEM
    model = "product.template" if is_item else "party.party"
    params: list[Any] = []
    known: dict[str, str] = {}
    for task in tasks:
        parts = _parts(task)
        params += [[parts["T" if is_item else "P"].id]]
        params += [payloads.changed_values(task.push, parts, config)]
        known |= _locks(task.push.record_type, parts)
    return rpc.call(
        config,
        f"model.{model}.write",
        *params,
        pushes=[task.push.id for task in tasks],
        notes=[task.facts for task in tasks],
        summary=_summary(tasks, "Change"),
        timestamps=known,
    )


def _parts(task: Task) -> dict[str, stamps.Stamp]:
    link = task.push.link
    return stamps.unpack(task.note.get("version") or (link.version if link else ""))


def _locks(record_type: RecordType, parts: Mapping[str, stamps.Stamp]) -> dict[str, str]:
    models = ITEM_PARTS if record_type is RecordType.ITEM else PARTY_PARTS
    return {f"{models[letter]},{stamp.id}": stamp.text for letter, stamp in parts.items()}


def _look(tasks: Sequence[Task], config: Config) -> Request:
    """Read them back. For drafts: also what bears the same number."""
    kind = tasks[0].push.record_type
    model = MODELS[kind]
    domain: list[Any] = _by_ids([task.push for task in tasks])
    numbers = sorted(
        {task.push.content.number for task in tasks if isinstance(task.push.content, Trade)}
    )
    if any(numbers):
        same = [["reference", "in", numbers], ["state", "!=", "cancelled"], *model.domain]
        domain = [["OR", domain, same]]
    facts = [{**task.facts, **_expected(task.push)} for task in tasks]
    inactive = [["active", "in", [True, False]]] if model.has_active else []
    return rpc.search(
        config,
        model.name,
        [*domain, *inactive],
        model.fields,
        pushes=[task.push.id for task in tasks],
        notes=facts,
        summary=_summary(tasks, "Read back"),
    )


def _by_ids(pushes: Sequence[Push]) -> list[Any]:
    ids = [push.link.external_id for push in pushes if push.link]
    variants = [int(one) for one in ids if not one.startswith(stages.TEMPLATE)]
    templates = [int(one[1:]) for one in ids if one.startswith(stages.TEMPLATE)]
    if templates:
        return [["OR", ["id", "in", variants], ["template", "in", templates]]]
    return [["id", "in", variants]]


def _expected(push: Push) -> Json:
    """What the object read is compared with."""
    content = push.content
    is_finished = push.link is not None and push.link.is_finished
    found: Json = {"changed": bool(push.changed) or is_finished}
    if isinstance(content, Trade):
        due = content.due_date.isoformat() if content.due_date else ""
        found |= {"number": content.number, "party": content.party, "due": due}
    if push.record_type is RecordType.PAYMENT:
        found["is_over"] = _is_over(push)
    return found


def _rewrite(tasks: Sequence[Task], config: Config) -> Request:
    model = MODELS[tasks[0].push.record_type].name
    params: list[Any] = []
    for task in tasks:
        params += [_ids([task]), payloads.rewritten(task.push, task.note, config)]
    return _request(tasks, config, "Rewrite", f"model.{model}.write", *params)


def _remark(tasks: Sequence[Task], config: Config) -> Request:
    params: list[Any] = []
    for task in tasks:
        content = task.push.content
        assert isinstance(content, Trade)
        params += [_ids([task]), {"reference": content.number, "comment": content.memo}]
    return _request(tasks, config, "Change", "model.account.invoice.write", *params)


def _post(tasks: Sequence[Task], config: Config) -> Request:
    model = MODELS[tasks[0].push.record_type].name
    return _request(tasks, config, "Post", f"model.{model}.post", _ids(tasks))


def _cancel(tasks: Sequence[Task], config: Config) -> Request:
    model = MODELS[tasks[0].push.record_type].name
    return _request(tasks, config, "Cancel", f"model.{model}.cancel", _ids(tasks))


def _unmark(tasks: Sequence[Task], config: Config) -> Request:
    """A cancelled document without our marker is not ours any more."""
    params: list[Any] = []
    for task in tasks:
        what = f"Withdrawn: {getattr(task.push.content, 'number', '') or task.push.label}"
        # Without the number, or its successor would be "similar" to it.
        params += [_ids([task]), {"description": what, "reference": None}]
    return _request(tasks, config, "Let go of", "model.account.invoice.write", *params)


def _due(tasks: Sequence[Task], config: Config) -> Request:
    """Our due date, where no payment term says it."""
    params: list[Any] = []
    for task in tasks:
        link, content = task.push.link, task.push.content
        assert link is not None
        assert isinstance(content, Trade)
        params += [[int(link.version[len(stages.DUE) :])], {"maturity_date": content.due_date}]
    return _request(tasks, config, "Set due dates of", "model.account.move.line.write", *params)


def _reconcile(tasks: Sequence[Task], config: Config) -> Request:
    """What is paid in full is settled: the invoice becomes "paid"."""
    made = [
        {"company": config.company, "date": task.push.content.date, "lines": [["add", lines]]}
        for task in tasks
        if isinstance(task.push.content, Payment) and task.push.link
        for lines in stages.paying_lines(task.push.link.version)
    ]
    method = "model.account.move.reconciliation.create"
    return _request(tasks, config, "Reconcile", method, made)


def _answer(tasks: Sequence[Task], config: Config) -> Request:
    """Say yes to the questions that the policy says yes to; they are asked again when posting."""
    names = sorted({name for task in tasks for name in task.note["answers"]})
    values = [{"user": config.user, "name": name, "always": False} for name in names]
    return _request(
        tasks, config, "Answer questions about", "model.res.user.warning.create", values
    )


def warning_name(kind: str, model: str, record_id: int) -> str:
    """How Tryton names a question about one record."""
    key = hashlib.md5(f"{model},{record_id}".encode(), usedforsecurity=False).hexdigest()
    return f"{key}.{kind}"


def _ids(tasks: Sequence[Task]) -> list[int]:
    return [int(task.push.link.external_id) for task in tasks if task.push.link]


PARTY_PARTS = {
    "P": "party.party",
    "A": "party.address",
    "T": "party.identifier",
    "E": "party.contact_mechanism",
    "F": "party.contact_mechanism",
    "C": "party.contact_mechanism",
}
ITEM_PARTS = {"V": "product.product", "T": "product.template"}
STEPS: Mapping[str, Callable[[Sequence[Task], Config], Request]] = {
    "create": _create,
    "write": _write,
    "look": _look,
    "rewrite": _rewrite,
    "remark": _remark,
    "post": _post,
    "cancel": _cancel,
    "unmark": _unmark,
    "due": _due,
    "reconcile": _reconcile,
    "answer": _answer,
}
