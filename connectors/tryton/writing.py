"""Writing, first half: one request per step for all the pushes that are at it.

Each is an exchange of its own, so a crash between any two of them loses nothing: the link or the
push's note says what comes next (`steps.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.documents import Payment, RecordType, Trade
from connectors.interface import Push, Request
from connectors.tryton import looking, names, payloads, rpc, stages, stamps
from connectors.tryton.config import Config
from connectors.tryton.models import MODELS
from connectors.tryton.steps import NAMES, Task, family, summary, task_of
from connectors.tryton.values import Json

# More in one call, and SQLite's parser gives up on the domains that Tryton checks ("parser stack
# overflow", HTTP 503).
MOST_PUSHES = 25
# Steps that are about one record only.
ALONE = frozenset({"answer", "later"})


def requests(batch: Sequence[Push], config: Config) -> Sequence[Request]:
    """In the order of the batch; what has to go alone goes alone."""
    groups: dict[tuple[str, ...], list[Task]] = {}
    for push in batch:
        task = task_of(push)
        alone = push.id if task.note.get("alone") or task.step in ALONE else ""
        key = (family(push.record_type), task.step, alone)
        groups.setdefault(key, []).append(task)
    return [
        STEPS.get(tasks[0].step, looking.look_up)(tasks[at : at + MOST_PUSHES], config)
        for tasks in groups.values()
        for at in range(0, len(tasks), MOST_PUSHES)
    ]


def _request(
    tasks: Sequence[Task], config: Config, what: str, method: str, *params: Any
) -> Request:
    return rpc.call(
        config,
        method,
        *params,
        pushes=[task.push.id for task in tasks],
        notes=[task.facts for task in tasks],
        summary=summary(tasks, what),
    )


def _create(tasks: Sequence[Task], config: Config) -> Request:
    kind = tasks[0].push.record_type
    model = "product.template" if kind is RecordType.ITEM else MODELS[kind].name
    values = [_new_values(task, config) for task in tasks]
    return _request(tasks, config, "Create", f"model.{model}.create", values)


def _new_values(task: Task, config: Config) -> Json:
    if task.push.record_type in NAMES:
        return names.new_values(task.push, config)
    return payloads.new_values(task.push, task.note, config)


def _write(tasks: Sequence[Task], config: Config) -> Request:
    """Only what changed, and only if nobody changed it meanwhile."""
    is_item = tasks[0].push.record_type is RecordType.ITEM
    model = "product.template" if is_item else "party.party"
    params: list[Any] = []
    known: dict[str, str] = {}
    for task in tasks:
        parts = _parts(task)
        params += [[parts["T" if is_item else "P"].id]]
        params += [names.changed_values(task.push, parts, config)]
        known |= _locks(task.push.record_type, parts)
    return rpc.call(
        config,
        f"model.{model}.write",
        *params,
        pushes=[task.push.id for task in tasks],
        notes=[task.facts for task in tasks],
        summary=summary(tasks, "Change"),
        timestamps=known,
    )


def _parts(task: Task) -> dict[str, stamps.Stamp]:
    link = task.push.link
    return stamps.unpack(task.note.get("version") or (link.version if link else ""))


def _locks(record_type: RecordType, parts: Mapping[str, stamps.Stamp]) -> dict[str, str]:
    models = ITEM_PARTS if record_type is RecordType.ITEM else PARTY_PARTS
    return {f"{models[letter]},{stamp.id}": stamp.text for letter, stamp in parts.items()}


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
    """Say yes to one question that the policy says yes to; it is asked again when posting."""
    name = tasks[0].note["answers"][0]
    return _request(
        tasks, config, "Answer a question about", "model.res.user.warning.skip", name, False
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
    "look": looking.read_back,
    "later": looking.later,
    "rewrite": _rewrite,
    "remark": _remark,
    "post": _post,
    "cancel": _cancel,
    "unmark": _unmark,
    "due": _due,
    "reconcile": _reconcile,
    "answer": _answer,
}
