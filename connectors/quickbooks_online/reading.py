"""Reading: objects by id, and everything that changed, page by page."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from connectors.documents import RecordType, TaxCode
from connectors.interface import Cursor, Page, Remote, Steps
from connectors.quickbooks_online import query
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.contents import parse
from connectors.quickbooks_online.entities import ENTITIES
from connectors.quickbooks_online.errors import checked, raise_fault_in
from connectors.quickbooks_online.fields import number
from connectors.quickbooks_online.jsontext import Json

# How far "changedSince" may reach back; a day less, because the clocks may differ.
FEED_MEMORY = datetime.timedelta(days=30)
FEED_MARGIN = datetime.timedelta(days=1)
# What was being written while the last answer was made may bear an earlier time than it.
OVERLAP = datetime.timedelta(seconds=120)
# One statement holds so many ids.
MOST_IDS = 200
START_OVER = Page((), (), Cursor(), is_last=False)


def fetch(
    record_type: RecordType, external_ids: Sequence[str], config: Config
) -> Steps[Mapping[str, Remote]]:
    entity = ENTITIES[record_type]
    found: dict[str, Remote] = {}
    wanted = sorted(set(external_ids))
    for at in range(0, len(wanted), MOST_IDS):
        part = wanted[at : at + MOST_IDS]
        rows = yield from query.ask_all(
            entity.name,
            config,
            where=[query.is_in("Id", part), *query.active_or_not(entity)],
            summary=f"{entity.name}: {len(part)} by id",
        )
        remotes = yield from _parsed(record_type, rows, config)
        found |= {remote.external_id: remote for remote in remotes}
    return found


def pull(record_type: RecordType, cursor: Cursor, config: Config) -> Steps[Page]:
    """{} scans everything; {"scan": position, "since": time} goes on scanning; {"since": time}
    asks the feed. An empty page with the cursor {} says: start over with a scan."""
    position = cursor.position
    if "scan" in position:
        return (yield from _scan(record_type, position, config))
    if "since" not in position or not ENTITIES[record_type].is_in_feed:
        return (yield from _scan(record_type, {"scan": 1}, config))
    return (yield from _changes(record_type, str(position["since"]), config))


def read_until(position: Mapping[str, object]) -> datetime.datetime | None:
    """The provider's time when what this cursor has behind it was read."""
    since = position.get("since")
    return _moment(str(since)) + OVERLAP if since and "scan" not in position else None


def _scan(record_type: RecordType, position: Mapping[str, object], config: Config) -> Steps[Page]:
    """One page of all objects. Pages overlap by one object: if it is not the one that the page
    before ended with, something before it was deleted meanwhile and another slipped through
    between the pages. Then the scan starts over, for what a complete scan lacks counts as gone."""
    start = int(str(position["scan"]))
    last = str(position.get("last", ""))
    entity = ENTITIES[record_type]
    answer = yield from query.ask(
        entity.name,
        config,
        where=query.active_or_not(entity),
        start=start,
        summary=f"{entity.name}: all, from {start}",
    )
    since = str(position.get("since") or _since(answer.at))
    if last and (not answer.rows or str(answer.rows[0]["Id"]) != last):
        return START_OVER
    rows = answer.rows[1:] if last else answer.rows
    records = yield from _parsed(record_type, rows, config)
    if not answer.is_full:
        return Page(records, (), _after(since), is_last=True, is_complete_scan=True)
    following: dict[str, object] = {
        "scan": start + len(answer.rows) - 1,
        "last": str(answer.rows[-1]["Id"]),
        "since": since,
    }
    return Page(records, (), Cursor(following), is_last=False)


def _changes(record_type: RecordType, since: str, config: Config) -> Steps[Page]:
    """What the feed has since then, if it reaches so far back and has less than it can hold:
    whether exactly 1000 objects are all of them, nobody can say."""
    entity = ENTITIES[record_type]
    response = yield query.changes_request(entity.name, since, config)
    if _is_beyond_memory(since, query.date_of(response)):
        return START_OVER
    body = checked(response)
    for part in body.get("CDCResponse") or []:  # a fault may sit in the place of the objects
        raise_fault_in(part)
    at = query.time_of(body, response)
    rows = query.rows_of_changes(body, entity.name)
    if len(rows) >= query.MOST_ROWS or _is_beyond_memory(since, at):
        return START_OVER
    deleted = [str(row["Id"]) for row in rows if row.get("status") == "Deleted"]
    alive = [row for row in rows if row.get("status") != "Deleted"]
    records = yield from _parsed(record_type, alive, config)
    return Page(records, deleted, _after(_since(at) or since), is_last=True)


def _parsed(
    record_type: RecordType, rows: Sequence[Json], config: Config
) -> Steps[Sequence[Remote]]:
    remotes = [parse(record_type, row, config) for row in rows]
    if record_type is not RecordType.TAX_CODE or not rows:
        return remotes
    rates = yield from query.ask_all("TaxRate", config, summary="TaxRate: all")
    by_id = {str(rate["Id"]): number(rate.get("RateValue")) for rate in rates}
    return [_with_rate(*pair, by_id) for pair in zip(remotes, rows, strict=True)]


def _with_rate(remote: Remote, row: Json, rates: Mapping[str, Decimal]) -> Remote:
    """A tax code is the sum of its sales rates; one without rates (US: TAX, NON) has none."""
    details = (row.get("SalesTaxRateList") or {}).get("TaxRateDetail") or []
    parts = [rates.get(str(detail["TaxRateRef"]["value"]), Decimal(0)) for detail in details]
    if not parts or not isinstance(remote.content, TaxCode):
        return remote
    content = replace(remote.content, rate=sum(parts, Decimal(0)))
    return replace(remote, content=content)


def _since(at: datetime.datetime | None) -> str:
    return (at - OVERLAP).isoformat() if at else ""


def _after(since: str) -> Cursor:
    return Cursor({"since": since} if since else {})


def _is_beyond_memory(since: str, now: datetime.datetime | None) -> bool:
    """Whether the feed may have forgotten; `now` is the provider's clock."""
    return now is not None and now - _moment(since) > FEED_MEMORY - FEED_MARGIN


def _moment(text: str) -> datetime.datetime:
    at = datetime.datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=datetime.UTC)
