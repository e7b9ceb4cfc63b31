"""JSON as the books need it: numbers are Decimal in both directions, never float."""

from __future__ import annotations

import json
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any


class Raw(str):
    """JSON text that is already written and is copied as it stands."""

    __slots__ = ()


def dumps(value: object) -> str:
    """`value` as compact JSON; a Decimal is a plain number, without exponent."""
    if isinstance(value, str):
        return str(value) if type(value) is Raw else encode_basestring(value)
    if isinstance(value, dict):
        pairs = (f"{encode_basestring(str(name))}:{dumps(each)}" for name, each in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(dumps, value)) + "]"
    return _scalar(value)


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} has no place in the books")


def loads(text: str | bytes) -> Any:
    """Parse JSON; raises ValueError, also for NaN and Infinity."""
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
