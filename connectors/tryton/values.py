"""Tryton's JSON: decimals, dates and times are objects that name their class."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import Any

from connectors.documents import plain_decimal

Json = dict[str, Any]


def dump(value: object) -> bytes:
    """Compact, with sorted keys: equal calls are equal bytes."""
    return json.dumps(
        _plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()


def load(body: bytes) -> Any:
    """Raises ValueError for what is not JSON. Numbers with a point become Decimal."""
    return json.loads(body, object_hook=_typed, parse_float=Decimal, parse_constant=_refuse)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": plain_decimal(value)}
    if isinstance(value, datetime.datetime):
        parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
        return {"__class__": "datetime", **{part: getattr(value, part) for part in parts}}
    if isinstance(value, datetime.date):
        return {
            "__class__": "date", "year": value.year, "month": value.month, "day": value.day
        }  # fmt: skip
    return value


def _typed(value: Json) -> Any:
    parts = {name: part for name, part in value.items() if name != "__class__"}
    match value.get("__class__"):
        case "Decimal":
            return Decimal(parts["decimal"])
        case "date":
            return datetime.date(**parts)
        case "datetime":
            return datetime.datetime(**parts)
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def text(row: Json, field: str) -> str:
    return str(row.get(field) or "").strip()


def number(value: object) -> Decimal:
    return Decimal(str(value or 0))


def reference(value: object) -> str | None:
    return None if value is None else str(value)


def id_of(external_id: object) -> int | None:
    return None if external_id in {None, ""} else int(str(external_id))


def rows_of(row: Json, field: str) -> list[Json]:
    """Nested records: asked for as "field.name", given under "field."."""
    found = row.get(f"{field}.")
    if isinstance(found, dict):
        return [found]
    return list(found or ())
