"""requestid: a write is carried out once, and its first response is given again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from simulators.quickbooks_online.clock import written
from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.messages import Reply, Request, json_reply
from simulators.quickbooks_online.refusal import Refusal, refuse
from simulators.quickbooks_online.rows import Rows
from simulators.quickbooks_online.schema import Json

LONGEST = 50

# What the vendor does with a known id and *another* body is documented nowhere. The
# first response is replayed, or 600 answered (--refuse-reused-request-ids).
REUSED = "Duplicate Request ID : the request id was used for another request"


def request_id(request: Request, longest: int = LONGEST) -> str:
    """The request's id, or nothing; 2130 if it is malformed."""
    given = request.query.get("requestid", "")
    if len(given) > longest or any(each.isspace() for each in given):
        raise refuse(
            "2130",
            f"Invalid Request Id Format : at most {longest} characters. Supplied value:{given}",
            "requestid",
        )
    return given


def written_once(company: Company, request: Request, action: Callable[[Rows], Json]) -> Reply:
    """Carry out a write and remember its response, faults included, in one commit."""
    id_ = request_id(request)
    with company.store.writing() as rows:
        reply = _remembered(company, rows, request, id_) if id_ else None
        if reply is not None:
            return reply
        reply = _carried_out(company, rows, action)
        if id_:
            _remember(rows, request, id_, reply)
    return reply


def _carried_out(company: Company, rows: Rows, action: Callable[[Rows], Json]) -> Reply:
    status = 200
    try:
        with rows.attempt():
            body = action(rows)
    except Refusal as refusal:
        body, status = refusal.fault(), refusal.status
    return json_reply({**body, "time": written(company.clock.now())}, status)


def _remembered(company: Company, rows: Rows, request: Request, id_: str) -> Reply | None:
    found = rows.db.execute(
        "SELECT status, fingerprint, body FROM requests WHERE id = ?", (id_,)
    ).fetchone()
    if found is None:
        return None
    status, fingerprint, body = found
    if company.refuses_reused_request_ids and fingerprint != _fingerprint(request):
        raise refuse("600", REUSED, "requestid")
    return Reply(status, bytes(body))


def _remember(rows: Rows, request: Request, id_: str, reply: Reply) -> None:
    rows.db.execute(
        "INSERT INTO requests (id, status, fingerprint, body) VALUES (?, ?, ?, ?)",
        (id_, reply.status, _fingerprint(request), reply.body),
    )


def _fingerprint(request: Request) -> str:
    return hashlib.sha256(request.path.encode() + b"\n" + request.body).hexdigest()
