"""Writing, first half, the steps that only read: look up what is referred to, read back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.documents import RecordType, Trade
from connectors.interface import Push, Request
from connectors.tryton import preparing, rpc, stages
from connectors.tryton.config import Config
from connectors.tryton.models import MODELS
from connectors.tryton.steps import Task, is_over, summary
from connectors.tryton.values import Json


def look_up(tasks: Sequence[Task], config: Config) -> Request:
    name = tasks[0].step
    model, domain, fields = preparing.asked(name, [task.push for task in tasks])
    return rpc.search(
        config,
        model,
        domain,
        fields,
        pushes=[task.push.id for task in tasks],
        notes=[{**task.facts, "wanted": preparing.facts(name, task.push)} for task in tasks],
        summary=summary(tasks, f"Look up {name} for"),
    )


def read_back(tasks: Sequence[Task], config: Config) -> Request:
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
    return rpc.search(
        config,
        model.name,
        [*domain, *model.active_or_not],
        model.fields,
        pushes=[task.push.id for task in tasks],
        notes=facts,
        summary=summary(tasks, "Read back"),
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
        found["is_over"] = is_over(push)
    return found


def later(tasks: Sequence[Task], config: Config) -> Request:
    """Whether the sequence of this posted invoice has numbered one with a later date."""
    (task,) = tasks
    assert isinstance(task.push.content, Trade)
    domain = [
        ["type", "=", "out"],
        ["sequence", "=", task.note.get("sequence")],
        ["invoice_date", ">", task.push.content.date],
    ]
    return rpc.search(
        config,
        "account.invoice",
        domain,
        ["number", "invoice_date"],
        limit=1,
        pushes=[task.push.id],
        notes=[task.facts],
        summary=summary(tasks, "Look for later numbers than of"),
    )
