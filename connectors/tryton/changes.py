"""Reading everything that changed, page by page: by time stamps, and by the log of deletions."""

from __future__ import annotations

import datetime
import email.utils
from collections.abc import Sequence
from typing import Any

from connectors.documents import RecordType
from connectors.interface import Cursor, Page, Remote, Response, Steps
from connectors.tryton import rpc
from connectors.tryton.config import Config
from connectors.tryton.contents import is_role, parse
from connectors.tryton.markers import marker_in
from connectors.tryton.models import MODELS, PARTIES, TRADES, Model
from connectors.tryton.reading import MOST_ROWS
from connectors.tryton.values import Json, text

# A row bears the time at which it was written, and shows when its transaction is committed: a
# long one (posting many invoices) is seen seconds later. Repeats are dropped by their version.
OVERLAP = datetime.timedelta(minutes=10)
# So many of the latest deletions are remembered, in order not to be told of them again.
MOST_DELETIONS = 50


def pull(record_type: RecordType, cursor: Cursor, config: Config) -> Steps[Page]:
    """{} reads everything, {"scan": last id, "since": time} goes on with it; {"since": time} reads
    what was written since then, {"since", "until", "after": last id} goes on. "log" are the
    deletions that are known. Their log does not name what was deleted, so that after another one
    everything is read again."""
    model, position = MODELS[record_type], dict(cursor.position)
    is_scan = "scan" in position or "since" not in position
    if not {"scan", "after"} & position.keys():
        deletions = yield from _deletions(model, str(position.get("since", "")), config)
        if not is_scan and set(deletions) - set(position.get("log", [])):
            return Page((), (), Cursor(), is_last=False)
        position["log"] = deletions
    last = int(str(position.get("scan") or position.get("after") or 0))
    since = [] if is_scan else [_written_since(model, str(position["since"]))]
    response = yield rpc.search(
        config,
        model.name,
        [["id", ">", last], *since, *model.domain, *model.active_or_not],
        model.fields,
        limit=MOST_ROWS,
        summary=f"{record_type}: {'all' if is_scan else 'what changed'}, from {last}",
    )
    return _page(record_type, position, response, is_scan=is_scan, config=config)


def _page(
    record_type: RecordType,
    position: Json,
    response: Response,
    *,
    is_scan: bool,
    config: Config,
) -> Page:
    rows: list[Json] = rpc.result_of(response)
    records = _records(record_type, rows, config)
    now = str(position.get("until") or (is_scan and position.get("since")) or _clock(response))
    deleted = () if is_scan else _let_go(record_type, rows)
    log = {"log": position["log"]} if position.get("log") else {}
    if len(rows) < MOST_ROWS:
        after = Cursor({"since": now, **log} if now else {})
        return Page(records, deleted, after, is_last=True, is_complete_scan=is_scan)
    following = {"scan": rows[-1]["id"], "since": now, **log}
    if not is_scan:
        following = {"since": position["since"], "until": now, "after": rows[-1]["id"], **log}
    return Page(records, deleted, Cursor(following), is_last=False)


def _deletions(model: Model, since: str, config: Config) -> Steps[list[int]]:
    """The latest entries in the log of deletions, by their ids. Parts that we deleted ourselves
    (an emptied e-mail address) are known."""
    parts = [["resource", "like", f"{name},%"] for name in model.part_models]
    of_others = [["user", "!=", config.user], ["OR", *parts]]
    of_model = ["resource", "like", f"{model.name},%"]
    domain: list[Any] = [
        ["event", "=", "delete"],
        ["OR", of_model, of_others] if parts else of_model,
    ]
    if since:
        domain.append(["create_date", ">", datetime.datetime.fromisoformat(since)])
    latest = [["id", "DESC"]]
    response = yield rpc.call(
        config,
        "model.ir.model.log.search",
        *(domain, 0, MOST_DELETIONS, latest),
        summary="Deletions",
    )
    return sorted(rpc.result_of(response))


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


def _records(record_type: RecordType, rows: Sequence[Json], config: Config) -> list[Remote]:
    wanted = rows
    if record_type in PARTIES:
        others = (row for row in rows if row["id"] != config.company_party)
        wanted = [row for row in others if is_role(record_type, row)]
    remotes = [parse(record_type, row, config) for row in wanted]
    return [remote for remote in remotes if remote]
