"""POST /batch: up to 30 independent operations in one request."""

from __future__ import annotations

from simulators.quickbooks_online.api import feed, queries
from simulators.quickbooks_online.api.bodies import parsed_object
from simulators.quickbooks_online.api.memory import request_id
from simulators.quickbooks_online.api.operations import Options, write
from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.entities import ENTITIES
from simulators.quickbooks_online.messages import Request
from simulators.quickbooks_online.refusal import Problem, Refusal, missing, refuse
from simulators.quickbooks_online.rows import Rows
from simulators.quickbooks_online.schema import Entity, Json

MOST_ITEMS = 30
# "36 characters on /batch, and then each bId is limited to 10" (fault 2130).
LONGEST_REQUEST_ID = 36
LONGEST_BID = 10
OPERATIONS = ("create", "update", "delete")


def run(company: Company, rows: Rows, request: Request) -> Json:
    """Carry out every item on its own; a fault of one is in its place of the answer."""
    id_ = request_id(request, LONGEST_REQUEST_ID)
    items = _items(parsed_object(request))
    if id_:
        _check_bids(items)
    return {"BatchItemResponse": [_answer(rows, item, id_) for item in items]}


def _items(body: Json) -> list[Json]:
    items = body.get("BatchItemRequest")
    if not isinstance(items, list) or not items:
        raise Refusal(missing("BatchItemRequest"))
    if len(items) > MOST_ITEMS:
        raise refuse(
            "1040",
            f"Batch size exceeds allowed limit : the limit is {MOST_ITEMS}, supplied {len(items)}",
            "BatchItemRequest",
        )
    if not all(isinstance(item, dict) and item.get("bId") for item in items):
        raise Refusal(missing("bId"))
    return items


def _check_bids(items: list[Json]) -> None:
    for item in items:
        if len(str(item["bId"])) > LONGEST_BID:
            raise refuse(
                "2130",
                "Invalid Request Id Format : with a requestid a bId has at most "
                f"{LONGEST_BID} characters. Supplied value:{item['bId']}",
                "bId",
            )


def _answer(rows: Rows, item: Json, id_: str) -> Json:
    try:
        with rows.attempt():
            answer = _carry_out(rows, item, id_)
    except Refusal as refusal:
        answer = refusal.fault()
    return {**answer, "bId": item["bId"]}


def _carry_out(rows: Rows, item: Json, id_: str) -> Json:
    if "Query" in item:
        return queries.run(rows, str(item["Query"]))
    if "CDCQuery" in item:
        asked = item["CDCQuery"] if isinstance(item["CDCQuery"], dict) else {}
        names, since = asked.get("Entities", ""), asked.get("ChangedSince", "")
        return feed.run(rows, str(names), str(since))
    entity = _entity(item)
    operation = str(item.get("operation", "")).lower()
    if operation not in OPERATIONS:
        raise Refusal(Problem("500", f"Unsupported Operation : {operation}", "operation"))
    extras = str(item.get("optionsData", "")).lower().split(",")
    options = Options(
        operation=operation,
        is_void="void" in extras,
        allows_duplicate_numbers="allowduplicatedocnum" in extras,
    )
    sent = item[entity.name]
    if not isinstance(sent, dict):
        raise refuse("2010", f"Property Name:{entity.name} must be an object")
    return write(rows, entity, sent, options, id_)


def _entity(item: Json) -> Entity:
    known = {"bId", "operation", "optionsData"}
    names = [name for name in item if name not in known]
    if len(names) != 1 or names[0] not in ENTITIES:
        raise refuse("2000", f"Invalid or unsupported object name : {', '.join(names) or 'none'}")
    return ENTITIES[names[0]]
