"""Writing: pushes become one POST /batch, and its answer what became of each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import InvalidOperation

from connectors.documents import RecordType
from connectors.interface import (
    Accepted,
    Again,
    Operation,
    Outage,
    Outcome,
    Push,
    PushId,
    Reason,
    Rejected,
    Request,
    Response,
    Unknown,
)
from connectors.quickbooks_online import jsontext
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.contents import parse
from connectors.quickbooks_online.entities import ENTITIES, TYPES
from connectors.quickbooks_online.errors import (
    THROTTLE_SECONDS,
    checked,
    faults_in,
    is_ambiguous,
    outcome_of,
)
from connectors.quickbooks_online.jsontext import Json
from connectors.quickbooks_online.payloads import item_of_batch

MOST_ITEMS = 30
MINOR_VERSION = "minorversion=75"
JSON_HEADERS = {"Accept": "application/json", "Content-Type": "application/json"}
# Notes of an outcome `Again`: send it in a request of its own; ask in the same request whether
# the object is still there.
ALONE = "alone"
LOOK = "look"
_NO_OBJECTS = "The answer to this record cannot be read"


def requests(batch: Sequence[Push], keys: Iterator[str], config: Config) -> Sequence[Request]:
    """One request per 30 pushes. The bId is the push's id: at most 10 characters, as a requestid
    of at most 36 is sent along."""
    return [_request(part, next(keys), config) for part in _parts(batch)]


def _parts(batch: Sequence[Push]) -> list[list[Push]]:
    """At most 30 items each, of which a push with a question has two."""
    parts: list[list[Push]] = []
    room = 0
    for push in batch:
        size = 2 if push.note == LOOK else 1
        if push.note == ALONE:
            parts.append([push])
            room = 0
        elif room < size:
            parts.append([push])
            room = MOST_ITEMS - size
        else:
            parts[-1].append(push)
            room -= size
    return parts


def _request(part: Sequence[Push], key: str, config: Config) -> Request:
    items = [item_of_batch(push, config) for push in part]
    asked = [item for push, item in zip(part, items, strict=True) if push.note == LOOK]
    items += [{"bId": f"q{at}", "Query": _question(item)} for at, item in enumerate(asked)]
    return Request(
        method="POST",
        url=f"{config.company_url}/batch?{MINOR_VERSION}&requestid={key}",
        headers=JSON_HEADERS,
        body=jsontext.dump({"BatchItemRequest": items}),
        key=key,
        pushes=tuple(push.id for push in part),
        summary=_summary(part),
    )


def _question(item: Json) -> str:
    """Whether the object that the item changes is still there, active or not."""
    entity = _entity(item)
    hidden = " AND Active IN (true, false)" if ENTITIES[TYPES[entity]].has_active else ""
    return f"SELECT * FROM {entity} WHERE Id = '{item[entity]['Id']}'{hidden}"


def _summary(part: Sequence[Push]) -> str:
    """For people: "29 customers, 1 item"."""
    counts = Counter(push.record_type.replace("_", " ") for push in part)
    return ", ".join(
        f"{count} {name}" if count == 1 else f"{count} {name}s" for name, count in counts.items()
    )


def outcomes(request: Request, response: Response, config: Config) -> Mapping[PushId, Outcome]:
    """Correlated by bId, whatever the order; what the answer leaves out stays unknown."""
    items = {str(item["bId"]): item for item in jsontext.load(request.body)["BatchItemRequest"]}
    sent = {bid: item for bid, item in items.items() if "Query" not in item}
    try:
        body = checked(response)
    except Outage as outage:
        if outage.reason is not Reason.INTERNAL:
            raise
        return _all_refused(sent, response, outage)
    answers = body.get("BatchItemResponse")
    if not isinstance(answers, list):
        raise Outage(Reason.TRANSIENT, "QuickBooks' answer holds no outcomes.")
    known = _known(items, answers)
    found = {
        str(answer.get("bId")): _outcome(sent[str(answer.get("bId"))], answer, known, config)
        for answer in answers
        if str(answer.get("bId")) in sent
    }
    _raise_common(found)
    return found


def _all_refused(
    sent: Mapping[str, Json], response: Response, outage: Outage
) -> Mapping[PushId, Outcome]:
    """The request as a whole was refused, so nothing was written. With one record in it the
    fault is that record's; with several each has to go alone, to show whose it is."""
    if len(sent) == 1:
        ((push_id, item),) = sent.items()
        faults = faults_in(jsontext.load(response.body))
        return {push_id: outcome_of(faults, _operation(item), _entity(item))}
    return dict.fromkeys(sent, Again(ALONE))


def _known(items: Mapping[str, Json], answers: Sequence[Json]) -> Mapping[str, bool | None]:
    """By question: whether the object is there; None where the question was not answered."""
    return {
        items[str(answer.get("bId"))]["Query"]: _is_there(answer)
        for answer in answers
        if "Query" in items.get(str(answer.get("bId")), {})
    }


def _is_there(answer: Json) -> bool | None:
    found = answer.get("QueryResponse")
    return any(name in TYPES for name in found) if isinstance(found, dict) else None


def _outcome(item: Json, answer: Json, known: Mapping[str, bool | None], config: Config) -> Outcome:
    faults = faults_in(answer)
    if faults and is_ambiguous(faults[0]) and _may_be_gone_or_refer(item):
        question = _question(item)
        if question not in known:
            return Again(LOOK)
        return outcome_of(faults, _operation(item), _entity(item), is_there=known[question])
    if faults:
        return outcome_of(faults, _operation(item), _entity(item))
    body = answer.get(_entity(item))
    if not isinstance(body, dict) or "Id" not in body:
        return Unknown(_NO_OBJECTS)
    if body.get("status") == "Deleted":
        return Accepted(str(body["Id"]), str(body.get("SyncToken", "")))
    return _accepted(TYPES[_entity(item)], body, config)


def _accepted(record_type: RecordType, body: Json, config: Config) -> Outcome:
    try:
        remote = parse(record_type, body, config)
    except (ValueError, InvalidOperation, AttributeError):  # not what the vendor documents
        return Unknown(_NO_OBJECTS)
    return Accepted(remote.external_id, remote.version, remote)


def _entity(item: Json) -> str:
    return next(name for name in item if name in TYPES)


def _may_be_gone_or_refer(item: Json) -> bool:
    """An update that sends references: QuickBooks says the same of them and of the object. What
    sends none (void, delete, deactivate) can only be gone itself."""
    body = item[_entity(item)]
    refers = any(name.endswith("Ref") or name == "Line" for name in body)
    return refers and _operation(item) is Operation.UPDATE


def _operation(item: Json) -> Operation:
    """What was asked of the object; only a create cannot find it gone."""
    if item["operation"] == "create":
        return Operation.CREATE
    return Operation.DELETE if item["operation"] == "delete" else Operation.UPDATE


def _raise_common(found: Mapping[PushId, Outcome]) -> None:
    """When every record is turned away for a reason that is no record's, it is one outage."""
    reasons = {each.reason if isinstance(each, Rejected) else None for each in found.values()}
    if len(reasons) == 1 and (reason := reasons.pop()) in {Reason.AUTH, Reason.RATE_LIMIT}:
        first = next(each for each in found.values() if isinstance(each, Rejected))
        wait = THROTTLE_SECONDS if reason is Reason.RATE_LIMIT else None
        raise Outage(reason, first.message, code=first.code, retry_after=wait, is_decided=True)
