"""/_simulator/...: the whole books and their log for tests, reset, and faults."""

from __future__ import annotations

from collections.abc import Iterator

from simulators.quickbooks_online import jsontext, log, seed, tokens
from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.entities import ENTITIES
from simulators.quickbooks_online.faults import Faults, UnusableFault
from simulators.quickbooks_online.messages import Reply, Request, json_reply
from simulators.quickbooks_online.rows import ACTIVE, INACTIVE, Rows, shown

# Written at once; a larger piece saves calls, a smaller one memory.
PIECE = 500


def answer(company: Company, faults: Faults, request: Request) -> Reply:
    key = (request.method, request.path)
    if key == ("GET", "/_simulator/books"):
        return Reply(200, _in_pieces(_books(company)))
    if key == ("GET", "/_simulator/log"):
        return Reply(200, _in_pieces(_log(company)))
    if key == ("GET", "/_simulator/company"):
        return json_reply({"name": company.name, "realm_id": company.realm_id})
    if key == ("POST", "/_simulator/reset"):
        _reset(company, request)
        faults.set([])
        return json_reply({"reset": True})
    if key == ("POST", "/_simulator/disconnect"):
        with company.store.writing() as rows:
            tokens.revoke_all(rows)
        return json_reply({"disconnected": True})
    if key == ("GET", "/_simulator/faults"):
        return json_reply(faults.listed())
    if key == ("POST", "/_simulator/faults"):
        return _set_faults(faults, request)
    return json_reply({"error": f"{request.method} {request.path} is unknown"}, 404)


def _reset(company: Company, request: Request) -> None:
    """?refuse-reused-request-ids=yes or no changes what the command line said."""
    seed.reset(company)
    asked = request.query.get("refuse-reused-request-ids")
    if asked:
        company.refuses_reused_request_ids = asked == "yes"


def _set_faults(faults: Faults, request: Request) -> Reply:
    try:
        faults.set(jsontext.loads(request.body))
    except UnusableFault as error:
        return json_reply({"error": str(error)}, 400)
    except ValueError as error:
        return json_reply({"error": f"The body is not JSON: {error}"}, 400)
    return json_reply(faults.listed())


def _books(company: Company) -> Iterator[str]:
    """{entity: [objects]} in one snapshot, without what is deleted."""
    with company.store.reading() as rows:
        yield "{"
        for position, name in enumerate(ENTITIES):
            yield f'{"," if position else ""}"{name}":['
            yield from _joined(_objects(rows, name))
            yield "]"
        yield "}"


def _objects(rows: Rows, name: str) -> Iterator[str]:
    """Active ones, then inactive ones; each part comes sorted out of its index."""
    for state in (ACTIVE, INACTIVE):
        found = rows.db.execute(
            "SELECT open_cents, body FROM objects WHERE type = ? AND state = ? ORDER BY rowid",
            (name, state),
        )
        for open_cents, body in found:
            yield shown(name, open_cents, body)


def _log(company: Company) -> Iterator[str]:
    with company.store.reading() as rows:
        yield "["
        yield from _joined(jsontext.dumps(entry) for entry in log.entries(rows))
        yield "]"


def _joined(texts: Iterator[str]) -> Iterator[str]:
    for position, text in enumerate(texts):
        yield f",\n{text}" if position else text


def _in_pieces(texts: Iterator[str]) -> Iterator[bytes]:
    piece: list[str] = []
    for text in texts:
        piece.append(text)
        if len(piece) == PIECE:
            yield "".join(piece).encode()
            piece = []
    yield "".join(piece).encode()
