"""Writing, second half: what became of each push of a request, from the request and its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from connectors.documents import RecordType
from connectors.interface import (
    Accepted,
    Operation,
    Outcome,
    Partly,
    PushId,
    Rejected,
    Request,
    Response,
    Unknown,
)
from connectors.tryton import errors, preparing, rpc, seeing, stages
from connectors.tryton.config import Config
from connectors.tryton.rpc import NOTES, Refusal
from connectors.tryton.seeing import Outcomes, again
from connectors.tryton.values import Json
from connectors.tryton.writing import STEPS, warning_name

_IS_POSTED = re.compile(r"can ?not call .post.|cannot post", re.I)


def outcomes(request: Request, response: Response, config: Config) -> Mapping[PushId, Outcome]:
    """Raises Outage."""
    answer = rpc.answer_of(response)
    params = rpc.params_of(request)
    facts = dict(zip(request.pushes, params[-1][NOTES], strict=True))
    step = next(iter(facts.values()))["step"]
    if isinstance(answer, Refusal):
        return _refused(request, facts, answer, config)
    if step not in STEPS:
        return _looked_up(step, facts, answer, config)
    return READERS[step](facts, answer, config)


def _looked_up(name: str, facts: Mapping[PushId, Json], rows: Any, config: Config) -> Outcomes:
    found: Outcomes = {}
    for push_id, known in facts.items():
        finding = preparing.found(name, known["wanted"], rows, config)
        if isinstance(finding, Rejected):
            found[push_id] = finding
            continue
        note = known["note"]
        found[push_id] = again({**note, **finding, "done": [*note.get("done", []), name]})
    return found


def _created(facts: Mapping[PushId, Json], ids: Any, config: Config) -> Outcomes:
    if not isinstance(ids, list) or len(ids) != len(facts):
        return {push_id: Unknown("Tryton did not say what it made.") for push_id in facts}
    return {
        push_id: Partly(_new_id(known, made), stages.LOOK)
        for (push_id, known), made in zip(facts.items(), ids, strict=True)
    }


def _new_id(known: Json, made: int) -> str:
    is_item = known["type"] == RecordType.ITEM
    return f"{stages.TEMPLATE}{made}" if is_item else str(made)


def _done(facts: Mapping[PushId, Json], answer: Any, config: Config) -> Outcomes:
    return {push_id: Partly(known["link"], stages.LOOK) for push_id, known in facts.items()}


def _cancelled(facts: Mapping[PushId, Json], answer: Any, config: Config) -> Outcomes:
    return {push_id: Partly(known["link"], _stage_of(known)) for push_id, known in facts.items()}


def _stage_of(cancelled: Json) -> str:
    """Deleted here, voided here, or to be made anew with another content."""
    if cancelled["op"] == Operation.DELETE:
        return stages.CANCELLED
    return stages.LOOK if cancelled["is_voided"] else stages.REPLACED


def _unmarked(facts: Mapping[PushId, Json], answer: Any, config: Config) -> Outcomes:
    return {
        push_id: Accepted(known["link"], "")
        if known["op"] == Operation.DELETE
        else Partly(known["link"], stages.RENEWED)
        for push_id, known in facts.items()
    }


def _answered(facts: Mapping[PushId, Json], answer: Any, config: Config) -> Outcomes:
    """One question less; the others follow."""
    found: Outcomes = {}
    for push_id, known in facts.items():
        note = dict(known["note"])
        name, *others = note.pop("answers")
        note["answered"] = sorted({*note.get("answered", []), name})
        found[push_id] = again({**note, "answers": others} if others else note)
    return found


def _refused(
    request: Request, facts: Mapping[PushId, Json], refusal: Refusal, config: Config
) -> Outcomes:
    """One call, one transaction: nothing was written. Who is to blame is not said, so that each
    goes alone the next time."""
    if refusal.kind == "UserWarning":
        asked = _asked(facts, refusal, config)
        if asked is not None:
            return asked
    if len(facts) > 1:
        return {
            push_id: again({**known["note"], "alone": True}) for push_id, known in facts.items()
        }
    (known,) = facts.values()
    if known["step"] == "post" and _IS_POSTED.search(refusal.message):
        # An earlier call whose answer was lost did it.
        return dict.fromkeys(facts, Partly(known["link"], stages.LOOK))
    return dict.fromkeys(facts, errors.rejected(refusal, request.summary))


def _asked(facts: Mapping[PushId, Json], refusal: Refusal, config: Config) -> Outcomes | None:
    """A question that our policy says yes to is answered, for all that may be asked it; None
    when it is for a person, or was answered in vain."""
    kind = refusal.warning.rpartition(".")[2]
    policy = {"invoice_taxes": True, "invoice_date_future": config.allow_future_dates}
    if not policy.get(kind, False):
        return None
    found: Outcomes = {}
    for push_id, known in facts.items():
        own = warning_name(kind, "account.invoice", int(known["link"]))
        answers = sorted({own, refusal.warning} if len(facts) == 1 else {own})
        if set(answers) <= set(known["note"].get("answered", [])):
            return None
        found[push_id] = again({**known["note"], "answers": answers})
    if len(facts) > 1 and kind == "invoice_date_future":  # asked once for all that are concerned
        for push_id, known in facts.items():
            found[push_id] = again({**known["note"], "answers": [refusal.warning]})
    return found


READERS: Mapping[str, Callable[[Mapping[PushId, Json], Any, Config], Outcomes]] = {
    "create": _created,
    "write": _done,
    "rewrite": _done,
    "remark": _done,
    "post": _done,
    "due": _done,
    "reconcile": _done,
    "cancel": _cancelled,
    "unmark": _unmarked,
    "look": seeing.seen,
    "later": seeing.later_seen,
    "answer": _answered,
}
