"""Reading: objects by id, and everything that changed, page by page."""

from __future__ import annotations

import datetime
import email.utils
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.documents import RecordType
from connectors.interface import Cursor, Page, Remote, Response, Steps
from connectors.tryton import rpc, stages
from connectors.tryton.config import Config
from connectors.tryton.contents import is_role, parse
from connectors.tryton.markers import marker_in
from connectors.tryton.models import MODELS, PARTIES, TRADES, Model
from connectors.tryton.values import Json, text

MOST_ROWS = 200
# A row bears the time at which it was written, and shows when its transaction is committed: a
# long one (posting many invoices) is seen seconds later. Repeats are dropped by their version.
OVERLAP = datetime.timedelta(minutes=10)


def fetch(
    record_type: RecordType, external_ids: Sequence[str], config: Config
) -> Steps[Mapping[str, Remote]]:
    """An item that is known by its template only (`stages.TEMPLATE`) is given under that id."""
    model = MODELS[record_type]
    found: dict[str, Remote] = {}
    wanted = sorted(set(external_ids))
    for at in range(0, len(wanted), MOST_ROWS):
        part = wanted[at : at + MOST_ROWS]
        rows = yield from rpc.rows(
            config,
            model.name,
            [*_by_ids(part), *_active_or_not(model)],
            *model.fields,
            summary=f"{record_type}: {len(part)} by id",
        )
        for row in rows:
            remote = parse(record_type, row, config)
            if remote:
                template = f"{stages.TEMPLATE}{row.get('template')}"
                found[template if template in part else remote.external_id] = remote
    return {external_id: found[external_id] for external_id in wanted if external_id in found}


def _by_ids(ids: Sequence[str]) -> list[Any]:
    own = [int(one) for one in ids if one.isdigit()]
    templates = [int(one[1:]) for one in ids if one.startswith(stages.TEMPLATE)]
    if templates:
        return [["OR", ["id", "in", own], ["template", "in", templates]]]
    return [["id", "in", own]]


def pull(record_type: RecordType, cursor: Cursor, config: Config) -> Steps[Page]:
    """{} reads everything, {"scan": last id, "since": time} goes on with it; {"since": time} reads
    what was written since then, {"since", "until", "after": last id} goes on."""
    position = cursor.position
    is_scan = "scan" in position or "since" not in position
    model = MODELS[record_type]
    domain = [] if is_scan else [_written_since(model, str(position["since"]))]
    last = int(str(position.get("scan") or position.get("after") or 0))
    response = yield rpc.search(
        config,
        model.name,
        [["id", ">", last], *domain, *model.domain, *_active_or_not(model)],
        model.fields,
        limit=MOST_ROWS,
        summary=f"{record_type}: {'all' if is_scan else 'what changed'}, from {last}",
    )
    rows: list[Json] = rpc.result_of(response)
    records = _records(record_type, rows, config)
    now = str(position.get("until") or (is_scan and position.get("since")) or _clock(response))
    deleted = () if is_scan else _let_go(record_type, rows)
    if len(rows) < MOST_ROWS:
        after = Cursor({"since": now} if now else {})
        return Page(records, deleted, after, is_last=True, is_complete_scan=is_scan)
    following = {"scan": rows[-1]["id"], "since": now}
    if not is_scan:
        following = {"since": position["since"], "until": now, "after": rows[-1]["id"]}
    return Page(records, deleted, Cursor(following), is_last=False)


def _let_go(record_type: RecordType, rows: Sequence[Json]) -> list[str]:
    """Cancelled, and without a marker: deleted as far as that is possible in Tryton."""
    if record_type not in TRADES:
        return []
    return [
        str(row["id"])
        for row in rows
        if row["state"] == "cancelled" and not marker_in(text(row, "description"))
    ]


def _written_since(model: Model, since: str) -> list[Any]:
    """A part's change is its owner's; in 7.0 what was never changed has no `write_date`."""
    at = datetime.datetime.fromisoformat(since)
    stamps = [
        [f"{part}{field}", ">", at] for part in ("", *model.parts)
        for field in ("write_date", "create_date")
    ]  # fmt: skip
    return ["OR", *stamps]


def _clock(response: Response) -> str:
    """Tryton's clock, less the overlap: UTC without a zone, as its stamps are."""
    try:
        at = email.utils.parsedate_to_datetime(response.headers.get("date", ""))
    except ValueError:
        return ""
    return (at.astimezone(datetime.UTC).replace(tzinfo=None) - OVERLAP).isoformat()


def _active_or_not(model: Model) -> list[Any]:
    return [["active", "in", [True, False]]] if model.has_active else []


def _records(record_type: RecordType, rows: Sequence[Json], config: Config) -> list[Remote]:
    wanted = rows
    if record_type in PARTIES:
        others = (row for row in rows if row["id"] != config.company_party)
        wanted = [row for row in others if is_role(record_type, row)]
    remotes = [parse(record_type, row, config) for row in wanted]
    return [remote for remote in remotes if remote]
