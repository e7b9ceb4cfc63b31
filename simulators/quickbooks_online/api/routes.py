"""From an address of the Accounting API to the operation it names."""

from __future__ import annotations

from collections.abc import Callable

from simulators.quickbooks_online.api import (
    batch,
    bodies,
    feed,
    memory,
    operations,
    printing,
    queries,
    rates,
    taxservice,
)
from simulators.quickbooks_online.api.access import check_access
from simulators.quickbooks_online.clock import written
from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.entities import entity_called, is_empty_entity
from simulators.quickbooks_online.messages import Reply, Request, json_reply
from simulators.quickbooks_online.refusal import Problem, Refusal, not_found, operation_unsupported
from simulators.quickbooks_online.schema import Entity, Json

Answer = Callable[[Company, Request], Json]


def answer(company: Company, request: Request) -> Reply:
    """The reply to a request under /v3/company/."""
    _, _, _, realm, *rest = request.path.split("/")
    refused = check_access(company, request, realm)
    if refused:
        return refused
    resource, id_, action = [*rest, "", "", ""][:3]
    try:
        if len(rest) > 3:
            raise operation_unsupported(request.path)
        refused = _check_format(request)
        if refused:
            return refused
        if resource.lower() == "taxservice":
            return _make_tax_code(company, request, id_.lower())
        if action:
            return _act(company, request, resource, id_, action.lower())
        return _dispatch(company, request, resource.lower(), id_)
    except Refusal as refusal:
        return _fault(company, refusal)


def _dispatch(company: Company, request: Request, resource: str, id_: str) -> Reply:
    if resource == "query":
        return _read(company, request, queries.answer)
    if resource == "cdc" and request.method == "GET":
        return _read(company, request, feed.answer)
    if resource == "batch" and request.method == "POST":
        return memory.written_once(company, request, lambda rows: batch.run(company, rows, request))
    if resource == "exchangerate" and request.method == "GET":
        return _read(company, request, rates.answer)
    entity = entity_called(resource)
    if entity is None and request.method == "GET" and is_empty_entity(resource):
        raise not_found()
    if entity is None:
        raise operation_unsupported(resource or request.path)
    if request.method == "GET":
        return _read_object(company, entity, id_)
    return _write_object(company, request, entity)


def _check_format(request: Request) -> Reply | None:
    """The vendor speaks XML too; here it is JSON alone, and says so."""
    if request.method not in ("GET", "POST"):
        return _unspeakable(405, f"{request.method} is not supported: use GET or POST.")
    sent = request.headers.get("content-type", "")
    if request.method == "POST" and request.body and "xml" in sent:
        return _unspeakable(415, f"Content-Type {sent} is not supported: send application/json.")
    wanted = request.headers.get("accept", "")
    if "xml" in wanted and not ("json" in wanted or "*/*" in wanted):
        return _unspeakable(406, f"Accept {wanted} is not supported: accept application/json.")
    return None


def _unspeakable(status: int, detail: str) -> Reply:
    return json_reply(Refusal(Problem("500", f"Unsupported Operation : {detail}")).fault(), status)


def _make_tax_code(company: Company, request: Request, what: str) -> Reply:
    if what != "taxcode" or request.method != "POST":
        raise operation_unsupported(request.path)
    sent, id_ = bodies.parsed_object(request), memory.request_id(request)
    return memory.written_once(company, request, lambda rows: taxservice.make(rows, sent, id_))


def _act(company: Company, request: Request, resource: str, id_: str, action: str) -> Reply:
    """The two things that an address can do to one document."""
    entity = entity_called(resource)
    if entity and (request.method, action) == ("GET", "pdf"):
        return printing.pdf(company, entity, id_)
    if entity is None or (request.method, action) != ("POST", "send"):
        raise operation_unsupported(request.path)
    to, key, kind = request.query.get("sendto", ""), memory.request_id(request), entity
    return memory.written_once(
        company, request, lambda rows: printing.send(rows, kind, id_, to, key)
    )


def _read(company: Company, request: Request, answer_with: Answer) -> Reply:
    now = company.clock.now()
    return json_reply({**answer_with(company, request), "time": written(now)})


def _read_object(company: Company, entity: Entity, id_: str) -> Reply:
    if entity.name in ("CompanyInfo", "Preferences"):
        id_ = "1"
    now = company.clock.now()
    with company.store.reading() as rows:
        found = operations.read(rows, entity, id_)
    return json_reply({entity.name: found, "time": written(now)})


def _write_object(company: Company, request: Request, entity: Entity) -> Reply:
    options = operations.Options.of(request.query)
    sent = bodies.parsed_object(request)
    request_id = memory.request_id(request)
    return memory.written_once(
        company,
        request,
        lambda rows: operations.write(rows, entity, sent, options, request_id),
    )


def _fault(company: Company, refusal: Refusal) -> Reply:
    body = {**refusal.fault(), "time": written(company.clock.now())}
    return json_reply(body, refusal.status)
