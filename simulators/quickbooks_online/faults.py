"""Faults by request: what a test lets go wrong between a caller and the books."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulators.quickbooks_online import jsontext
from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.messages import Delivery, Reply, Request
from simulators.quickbooks_online.refusal import gateway_fault

KINDS = (
    "latency",
    "status",
    "cut_before",
    "cut_after",
    "truncate",
    "forget_request_ids",
    "clock",
)


class UnusableFault(ValueError):
    """A fault that a test described wrongly."""


@dataclass(eq=False)
class Fault:
    """One rule. `when` is before or after the commit; `times` 0 means for ever.

    `skip` lets that many matching requests pass first. `contains` is looked for in
    the body of the request and in the values of its query. All rules that fit a
    request apply to it.
    """

    kind: str
    method: str = ""
    path: str = ""
    contains: str = ""
    times: int = 1
    skip: int = 0
    when: str = "before"
    seconds: float = 0.0
    status: int = 503
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def fits(self, request: Request) -> bool:
        return (
            self.method in ("", request.method)
            and self.path in request.path
            and self._is_contained(request)
        )

    def _is_contained(self, request: Request) -> bool:
        if self.contains.encode() in request.body:
            return True
        return any(self.contains in value for value in request.query.values())

    def error_reply(self) -> Reply:
        if self.body is not None:
            return Reply(self.status, self.body.encode(), headers=dict(self.headers))
        code, name = ("3001", "ThrottleExceeded")
        if self.status >= 500:
            code, name = ("10000", "ServiceUnavailable")
        body = gateway_fault(self.status, code, name, "Fault set by a test")
        text = jsontext.dumps(body).encode()
        return Reply(self.status, text, headers=dict(self.headers))


class Faults:
    """The rules in force, and the passage of one request through them."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._lock = threading.Lock()

    def set(self, described: object) -> None:
        """Replace all rules; raises UnusableFault with a sentence."""
        if not isinstance(described, list):
            raise UnusableFault("Send a JSON list of faults; [] clears them.")
        rules = [_read(each) for each in described]
        with self._lock:
            self._rules = rules

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [
                {"fault": each.kind, "method": each.method, "path": each.path,
                 "times": each.times, "skip": each.skip}
                for each in self._rules
            ]  # fmt: skip

    def take(self, request: Request) -> list[Fault]:
        """The rules that fit this request, each counted down."""
        with self._lock:
            taken = [each for each in self._rules if each.fits(request)]
            due = [each for each in taken if not _skipped(each)]
            spent = [each for each in due if _count_down(each)]
            self._rules = [each for each in self._rules if each not in spent]
        return due


def _skipped(fault: Fault) -> bool:
    if fault.skip == 0:
        return False
    fault.skip -= 1
    return True


def _count_down(fault: Fault) -> bool:
    """Is the rule used up? One with times 0 never is."""
    fault.times -= 1
    return fault.times == 0


def passed_through(company: Company, due: list[Fault], carry_out: Callable[[], Reply]) -> Reply:
    """Carry a request out under its faults: what is before the commit, then after."""
    for fault in due:
        reply = _before(company, fault)
        if reply is not None:
            return reply
    reply = carry_out()
    for fault in due:
        reply = _after(fault, reply)
    return reply


def _before(company: Company, fault: Fault) -> Reply | None:
    if fault.kind == "cut_before":
        return Reply(200, delivery=Delivery.CUT)
    if fault.kind == "clock":
        company.clock.offset_seconds = fault.seconds
    elif fault.kind == "forget_request_ids":
        with company.store.writing() as rows:
            rows.db.execute("DELETE FROM requests")
    elif fault.when == "before" and fault.kind == "latency":
        time.sleep(fault.seconds)
    elif fault.when == "before" and fault.kind == "status":
        return fault.error_reply()
    return None


def _after(fault: Fault, reply: Reply) -> Reply:
    if fault.kind == "cut_after":
        reply.delivery = Delivery.CUT
    elif fault.kind == "truncate":
        reply.delivery = Delivery.TRUNCATED
    elif fault.when == "after" and fault.kind == "latency":
        time.sleep(fault.seconds)
    elif fault.when == "after" and fault.kind == "status":
        return fault.error_reply()
    return reply


def _read(described: object) -> Fault:
    if not isinstance(described, dict):
        raise UnusableFault("Each fault is an object.")
    given = dict(described)
    kind = given.pop("fault", None)
    if kind not in KINDS:
        raise UnusableFault(f"fault must be one of {', '.join(KINDS)}, not {kind!r}.")
    match = given.pop("match", {})
    if not isinstance(match, dict):
        raise UnusableFault("match must be an object with method, path, contains.")
    if given.get("when", "before") not in ("before", "after"):
        raise UnusableFault("when must be before or after.")
    try:
        if "seconds" in given:
            given["seconds"] = float(given["seconds"])
        for name in {"times", "skip", "status"} & set(given):
            given[name] = int(given[name])
        return Fault(kind, **match, **given)
    except (TypeError, ValueError) as error:
        raise UnusableFault(f"The fault {kind} cannot be read: {error}.") from None
