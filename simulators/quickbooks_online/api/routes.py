"""From an address of the Accounting API to the operation it names."""

from __future__ import annotations

from collections.abc import Callable

from simulators.quickbooks_online.api import batch, bodies, feed, memory, operations, queries
from simulators.quickbooks_online.api.access import check_access
from simulators.quickbooks_online.clock import written
from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.entities import entity_called
from simulators.quickbooks_online.messages import Reply, Request, json_reply
from simulators.quickbooks_online.refusal import Refusal, operation_unsupported
from simulators.quickbooks_online.schema import Entity, Json

Answer = Callable[[Company, Request], Json]


def answer(company: Company, request: Request) -> Reply:
    """The reply to a request under /v3/company/."""
    _, _, _, realm, *rest = request.path.split("/")
    refused = check_access(company, request, realm)
    if refused:
        return refused
    resource, id_ = [*rest, "", ""][:2]
    try:
        if len(rest) > 2:
            raise operation_unsupported(request.path)
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
    entity = entity_called(resource)
    if entity is None:
        raise operation_unsupported(resource or request.path)
    if request.method == "GET":
        return _read_object(company, entity, id_)
    return _write_object(company, request, entity)


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
