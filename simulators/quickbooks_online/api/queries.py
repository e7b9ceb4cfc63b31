"""Queries: from a statement to rows, by index wherever the books have one."""

from __future__ import annotations

from dataclasses import dataclass

from simulators.quickbooks_online import jsontext
from simulators.quickbooks_online.api.columns import Column, column_of
from simulators.quickbooks_online.api.statement import Condition, Statement, parse
from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.entities import entity_called, is_empty_entity
from simulators.quickbooks_online.messages import Request
from simulators.quickbooks_online.refusal import refuse
from simulators.quickbooks_online.rows import DELETED, Rows, shown
from simulators.quickbooks_online.schema import Entity, Json

DEFAULT_RESULTS, MOST_RESULTS = 100, 1000
# More literals than this in one statement are past what the vendor takes, and SQLite.
MOST_VALUES = 30_000
SHARPEST_FIRST = ("id", "name_key", "number_key", "party", "txn_date")


@dataclass(frozen=True)
class Selection:
    """The SQL behind a statement's WHERE and ORDERBY."""

    where: str
    values: tuple[object, ...]
    order: str


def answer(company: Company, request: Request) -> Json:
    """GET /query?query=, or POST /query with the statement as its body."""
    text = request.query.get("query", "")
    if request.method == "POST":
        text = request.body.decode("utf-8", "replace") or text
    with company.store.reading() as rows:
        return run(rows, text)


def run(rows: Rows, text: str) -> Json:
    statement = parse(text)
    entity = entity_called(statement.entity)
    if entity is None and is_empty_entity(statement.entity):
        return {"QueryResponse": {"totalCount": 0} if statement.is_count else {}}
    if entity is None:
        detail = f"QueryValidationError: invalid context declaration: {statement.entity}"
        raise refuse("4001", detail)
    selection = _selection(entity, statement)
    if statement.is_count:
        return {"QueryResponse": {"totalCount": _count(rows, selection)}}
    start, most = _paging(statement)
    found = _fetch(rows, selection, start, most)
    if not found:
        return {"QueryResponse": {}}
    objects: list[object] = [shown(entity.name, *row) for row in found]
    if statement.columns:
        objects = [_projected(entity, str(each), statement.columns) for each in objects]
    counts = {"startPosition": start, "maxResults": len(objects)}
    return {"QueryResponse": {entity.name: objects, **counts}}


def _projected(entity: Entity, text: str, columns: tuple[str, ...]) -> Json:
    """The named properties, each whole, of an object that says it is not complete."""
    wanted = {_property(entity, each).lower() for each in columns} | {"id"}
    found: Json = jsontext.loads(text)
    return {
        "domain": "QBO",
        "sparse": True,
        **{name: value for name, value in found.items() if name.lower() in wanted},
    }


def _property(entity: Entity, column: str) -> str:
    """The first step of a path; 4001 if the entity has no such property."""
    name = column.partition(".")[0]
    if name.lower() not in {each.lower() for each in entity.fields}:
        detail = f"QueryValidationError: Property {name} not found for Entity {entity.name}"
        raise refuse("4001", detail)
    return name


def _count(rows: Rows, selection: Selection) -> int:
    row = rows.db.execute(
        f"SELECT count(*) FROM objects WHERE {selection.where}", selection.values
    ).fetchone()
    return int(row[0])


def _fetch(rows: Rows, selection: Selection, start: int, most: int) -> list[tuple[int, str]]:
    """Sort and page over keys alone, then fetch the bodies of that page."""
    keys = rows.db.execute(
        f"SELECT rowid FROM objects WHERE {selection.where} "
        f"ORDER BY {selection.order} LIMIT ? OFFSET ?",
        (*selection.values, most, start - 1),
    ).fetchall()
    fetch = "SELECT open_cents, body FROM objects WHERE rowid = ?"
    return [rows.db.execute(fetch, key).fetchone() for key in keys]


def _selection(entity: Entity, statement: Statement) -> Selection:
    found = [(column_of(entity, each.field), each) for each in statement.conditions]
    order = [(column_of(entity, field), descends) for field, descends in statement.order]
    used = {column.sql for column, _ in found}
    index = _index(used, ordered_by={column.sql for column, _ in order})
    # Inactive ones are hidden unless the query asks for them.
    hidden = f"state <> {DELETED}" if "state" in used else _bare("state", index) + " = 0"
    parts, values = ["type = ?", hidden], [entity.name]
    sought: list[object] = [*values]
    for column, condition in found:
        sql, literals = _condition(column, condition, _bare(column.sql, index))
        parts.append(sql)
        sought += literals
    if len(sought) > MOST_VALUES:
        raise refuse("4001", "QueryValidationError: too many values")
    sorting = [f"{column.sort} {'DESC' if descends else 'ASC'}" for column, descends in order]
    return Selection(" AND ".join(parts), tuple(sought), ", ".join([*sorting, "rowid"]))


def _index(used: set[str], ordered_by: set[str]) -> str:
    """The column to look up by: the sharpest the statement names, else the state."""
    for sql in SHARPEST_FIRST:
        if sql in used:
            return sql
    return "updated" if "updated" in used | ordered_by else "state"


def _bare(sql: str, index: str) -> str:
    """A plus keeps SQLite from taking any other index."""
    return sql if sql == index else f"+{sql}"


def _condition(column: Column, condition: Condition, sql: str) -> tuple[str, list[object]]:
    if column.is_id and condition.operator not in ("=", "in"):
        raise refuse("4001", f"QueryValidationError: {column.name} supports only = and IN")
    if condition.operator == "like":
        return _like(column, condition.values[0], sql)
    values = [column.value(each) for each in condition.values]
    if condition.operator == "in":
        return f"{sql} IN ({', '.join('?' * len(values))})", values
    return f"{sql} {condition.operator} ?", values


def _like(column: Column, pattern: str, bare: str) -> tuple[str, list[object]]:
    """Only % stands for something; _ is itself. A known beginning uses the index."""
    if not column.is_text:
        raise refuse("4001", f"QueryValidationError: LIKE does not fit {column.name}")
    folded = pattern.casefold()
    escaped = folded.replace("\\", "\\\\").replace("_", "\\_")
    sql, beginning = f"{column.sql} LIKE ? ESCAPE '\\'", folded.partition("%")[0]
    if not beginning:
        return sql, [escaped]
    between = f"{bare} >= ? AND {bare} < ? AND {sql}"
    return between, [beginning, beginning + chr(0x10FFFF), escaped]


def _paging(statement: Statement) -> tuple[int, int]:
    start = _whole(statement.start or "1", "STARTPOSITION", 1)
    most = _whole(statement.most or str(DEFAULT_RESULTS), "MAXRESULTS", 0)
    if most > MOST_RESULTS:
        raise refuse("4001", f"QueryValidationError: MAXRESULTS is at most {MOST_RESULTS}")
    return start, most


def _whole(text: str, word: str, lowest: int) -> int:
    if not text.isdigit() or int(text) < lowest:
        raise refuse("4001", f"QueryValidationError: value {text} is invalid for {word}")
    return int(text)
