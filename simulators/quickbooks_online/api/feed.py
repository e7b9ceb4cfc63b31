"""GET /cdc: what changed since a moment, deletions included."""

from __future__ import annotations

from simulators.quickbooks_online.clock import parsed, written
from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.entities import entity_called, is_empty_entity
from simulators.quickbooks_online.jsontext import Raw
from simulators.quickbooks_online.messages import Request
from simulators.quickbooks_online.refusal import Refusal, missing, refuse
from simulators.quickbooks_online.rows import DELETED, Rows, shown
from simulators.quickbooks_online.schema import Entity, Json

# "At most 1000 objects in the whole response", "look-back 30 days".
MOST_OBJECTS = 1000
LOOK_BACK = 30 * 24 * 3600 * 1_000_000


def answer(company: Company, request: Request) -> Json:
    query = request.query
    with company.store.reading() as rows:
        return run(rows, query.get("entities", ""), query.get("changedsince", ""))


def run(rows: Rows, names: str, changed_since: str) -> Json:
    """The same as an address of its own or as an item of a batch."""
    entities, since = _entities(names), _since(rows, changed_since)
    answers: list[Json] = []
    room = MOST_OBJECTS
    for entity in entities:
        found = _changed(rows, entity, since, room)
        room -= len(found)
        if found:
            counts = {"startPosition": 1, "maxResults": len(found)}
            answers.append({entity.name: found, **counts})
    return {"CDCResponse": [{"QueryResponse": answers or [{}]}]}


def _entities(names: str) -> list[Entity]:
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if not wanted:
        raise Refusal(missing("entities"))
    found = []
    for name in wanted:
        entity = entity_called(name)
        if entity is None and is_empty_entity(name):
            continue
        if entity is None or not entity.is_in_feed:
            raise refuse("2000", f"Invalid or unsupported object name : {name}", "entities")
        found.append(entity)
    return list(dict.fromkeys(found))


def _since(rows: Rows, text: str) -> int:
    if not text:
        raise Refusal(missing("changedSince"))
    try:
        since = parsed(text)
    except ValueError:
        detail = f"Invalid Date Format. Supplied value:{text}"
        raise refuse("2060", detail, "changedSince") from None
    if since < rows.clock.now() - LOOK_BACK:
        detail = f"Invalid Date : changedSince reaches back 30 days. Supplied value:{text}"
        raise refuse("2070", detail, "changedSince")
    return since


def _changed(rows: Rows, entity: Entity, since: int, most: int) -> list[object]:
    """Live ones by LastUpdatedTime, then the deleted ones as stubs."""
    live = rows.db.execute(
        "SELECT open_cents, body FROM objects WHERE type = ? AND updated >= ? "
        "AND state <> ? ORDER BY updated LIMIT ?",
        (entity.name, since, DELETED, most),
    ).fetchall()
    gone = rows.db.execute(
        "SELECT id, updated FROM objects WHERE type = ? AND updated >= ? "
        "AND state = ? ORDER BY updated LIMIT ?",
        (entity.name, since, DELETED, most - len(live)),
    ).fetchall()
    found: list[object] = [_shown(entity, *row) for row in live]
    return found + [_stub(*row) for row in gone]


def _shown(entity: Entity, open_cents: int, body: str) -> Raw:
    return shown(entity.name, open_cents, body)


def _stub(id_: str, updated: int) -> Json:
    return {
        "Id": id_,
        "status": "Deleted",
        "domain": "QBO",
        "MetaData": {"LastUpdatedTime": written(updated)},
    }
