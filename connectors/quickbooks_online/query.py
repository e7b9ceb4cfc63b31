"""Asking QuickBooks: statements of its query language, the change feed, and their answers."""

from __future__ import annotations

import datetime
import email.utils
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from connectors.interface import Request, Response, Steps
from connectors.quickbooks_online.batch import MINOR_VERSION
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.entities import Entity
from connectors.quickbooks_online.errors import checked
from connectors.quickbooks_online.jsontext import Json

# "Default 100, max 1000."
MOST_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """The objects of one page, and the provider's time when it was made."""

    rows: Sequence[Json]
    at: datetime.datetime | None

    @property
    def is_full(self) -> bool:
        return len(self.rows) >= MOST_ROWS


def quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def is_in(field: str, values: Iterable[str]) -> str:
    """`field IN (...)`, sorted: the same question is the same bytes."""
    return f"{field} IN ({', '.join(quoted(value) for value in sorted(set(values)))})"


def ask(
    entity: str,
    config: Config,
    *,
    where: Collection[str] = (),
    start: int = 1,
    summary: str = "",
) -> Steps[Answer]:
    """One page, in the order of ids. As a POST, for a list of names does not fit an address."""
    conditions = f" WHERE {' AND '.join(where)}" if where else ""
    statement = (
        f"SELECT * FROM {entity}{conditions} ORDERBY Id"
        f" STARTPOSITION {start} MAXRESULTS {MOST_ROWS}"
    )
    response = yield Request(
        method="POST",
        url=f"{config.company_url}/query?{MINOR_VERSION}",
        headers={"Accept": "application/json", "Content-Type": "application/text"},
        body=statement.encode(),
        summary=summary or f"{entity}: look up",
    )
    body = checked(response)
    found = body.get("QueryResponse") or {}
    return Answer(rows=found.get(entity) or (), at=time_of(body, response))


def ask_all(
    entity: str, config: Config, *, where: Collection[str] = (), summary: str = ""
) -> Steps[Sequence[Json]]:
    """All pages of a question whose answers are few."""
    rows: list[Json] = []
    while True:
        answer = yield from ask(entity, config, where=where, start=len(rows) + 1, summary=summary)
        rows += answer.rows
        if not answer.is_full:
            return rows


def active_or_not(entity: Entity) -> Sequence[str]:
    """Inactive names are hidden from a query that does not ask for them."""
    return ("Active IN (true, false)",) if entity.has_active else ()


def changes_request(entity: str, since: str, config: Config) -> Request:
    """The change data capture, for one entity: its limit of 1000 objects is for all together."""
    query = urlencode({"entities": entity, "changedSince": since})
    return Request(
        method="GET",
        url=f"{config.company_url}/cdc?{query}&{MINOR_VERSION}",
        headers={"Accept": "application/json"},
        summary=f"{entity}: changed since {since}",
    )


def rows_of_changes(body: Json, entity: str) -> Sequence[Json]:
    return [
        row
        for part in body.get("CDCResponse") or []
        for found in part.get("QueryResponse") or []
        for row in found.get(entity) or []
    ]


def time_of(body: Json, response: Response) -> datetime.datetime | None:
    """The provider's clock: the `time` of the body, else the header `Date`."""
    try:
        at = datetime.datetime.fromisoformat(str(body.get("time", "")))
        return at if at.tzinfo else at.replace(tzinfo=datetime.UTC)
    except ValueError:
        return date_of(response)


def date_of(response: Response) -> datetime.datetime | None:
    try:
        return email.utils.parsedate_to_datetime(response.headers.get("date", ""))
    except ValueError:
        return None
