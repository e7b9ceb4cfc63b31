"""One call of a method over JSON-RPC: its request, and its answer as a result or a refusal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.interface import Outage, PushId, Reason, Request, Response, Steps
from connectors.tryton import values
from connectors.tryton.config import Config

HEADERS = {"Accept": "application/json", "Content-Type": "application/json"}
# A part of the context that Tryton passes over: what `read` has to know of the pushes later.
NOTES = "syncapp"
RATE_WAIT = 60.0
# A refusal of what our user may not do, among those of what is wrong.
NO_ACCESS = "NoAccess"
_NO_ACCESS = re.compile(
    r"not allowed to (access|execute|(create|read|write to|delete) records)"
    r"|^Calling button .* is not allowed",
    re.I,
)
GROUPS = (
    "In Tryton, give Syncapp's user the groups Accounting, Product Administration and Account "
    "Product Administration (Administration, Users), and the company."
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What Tryton said instead of a result: its kind, its words, and a warning's name."""

    kind: str
    message: str
    warning: str = ""


def call(
    config: Config,
    method: str,
    *params: Any,
    pushes: Sequence[PushId] = (),
    notes: Sequence[Any] = (),
    summary: str = "",
    timestamps: dict[str, str] | None = None,
    with_inactive: bool = False,
) -> Request:
    """`params` without the context, which is always the last. The object has exactly three keys:
    with any other Tryton answers in another style."""
    context: dict[str, Any] = {"language": "en"}
    if config.company:  # With 0 Tryton remembers for the user that no company's records are his.
        context["company"] = config.company
    if notes:
        context[NOTES] = list(notes)
    if timestamps:
        context["_timestamp"] = timestamps
    if with_inactive:
        context["active_test"] = False
    return Request(
        method="POST",
        url=config.address,
        headers=HEADERS,
        body=values.dump({"id": 1, "method": method, "params": [*params, context]}),
        pushes=tuple(pushes),
        summary=summary or method,
    )


def search(
    config: Config,
    model: str,
    domain: Sequence[Any],
    fields: Sequence[str],
    *,
    limit: int | None = None,
    **options: Any,
) -> Request:
    """search_read in the order of ids."""
    method = f"model.{model}.search_read"
    order = [["id", "ASC"]]
    return call(config, method, list(domain), 0, limit, order, list(fields), **options)


def rows(config: Config, model: str, domain: Sequence[Any], *fields: str, **options: Any) -> Steps[
    list[values.Json]
]:  # fmt: skip
    """The rows of a search, in a reading generator. Raises Outage."""
    response = yield search(config, model, domain, fields, **options)
    found: list[values.Json] = result_of(response)
    return found


def params_of(request: Request) -> list[Any]:
    """The parameters of a request, the context last."""
    return list(values.load(request.body)["params"])


def result_of(response: Response) -> Any:
    """For a call that only reads: a refusal is a mistake of ours. Raises Outage."""
    answer = answer_of(response)
    if isinstance(answer, Refusal):
        raise Outage(Reason.INTERNAL, answer.message, code=answer.kind, is_decided=True)
    return answer


def answer_of(response: Response) -> Any:
    """The result, or a Refusal. Raises Outage."""
    _raise_for_status(response)
    try:
        body = values.load(response.body)
    except (ValueError, TypeError, RecursionError):
        body = None
    if not isinstance(body, dict) or not ({"result", "error"} & body.keys()):
        raise Outage(Reason.TRANSIENT, "Tryton gave an answer that cannot be read.", code="200")
    return _refusal(body["error"]) if "error" in body else body["result"]


def _refusal(error: Any) -> Refusal:
    """["UserError", ["message", "description", domain]]; a mistake of ours has no class name. The
    domain can be 100 kB of field definitions: it is left out."""
    parts = error if isinstance(error, list) and error else [str(error)]
    kind = str(parts[0])
    said = parts[1] if len(parts) > 1 else ""
    if kind == "UserWarning":
        return Refusal(kind, str(said[1]), warning=str(said[0]))
    if kind in {"UserError", "ConcurrencyException"}:
        words = said if isinstance(said, str) else "\n".join(str(part) for part in said[:2] if part)
        if _NO_ACCESS.search(words):
            return Refusal(NO_ACCESS, f"{words[:500]} {GROUPS}")
        return Refusal(kind, words[:2000])
    return Refusal("Fault", f"{kind} {said}".strip()[:500])


def _raise_for_status(response: Response) -> None:
    status = response.status
    if status == 200:
        return
    if status == 401:
        raise Outage(Reason.AUTH, "Tryton does not let us in.", code="401", is_decided=True)
    if status == 403:  # Not the user's rights (a UserError), but the method.
        text = "Tryton does not offer a call that we need. Are its modules installed?"
        raise Outage(Reason.INTERNAL, text, code="403", is_decided=True)
    if status == 429:
        text = "Tryton asks us to wait."
        raise Outage(Reason.RATE_LIMIT, text, code="429", retry_after=RATE_WAIT, is_decided=True)
    # 503: others were writing at the same time. The transaction was rolled back, and yet a proxy
    # may say 503 too: it is looked up.
    raise Outage(Reason.TRANSIENT, f"Tryton could not answer (HTTP {status}).", code=str(status))
