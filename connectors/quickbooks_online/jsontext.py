"""JSON in which numbers are Decimal in both directions: a float would change the cents."""

from __future__ import annotations

import json
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from connectors.documents import plain_decimal

Json = dict[str, Any]


def dump(value: object) -> bytes:
    """Compact JSON with sorted keys: equal documents are equal bytes."""
    return _text(value).encode()


def load(body: bytes) -> Any:
    """Raises ValueError for what is not JSON, NaN and Infinity included."""
    return json.loads(body, parse_float=Decimal, parse_constant=_refuse)


def _text(value: Any) -> str:
    """The most frequent types first: a batch has thousands of values."""
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if kind is dict:
        return _object(value)
    if kind is Decimal:
        return plain_decimal(value)
    if kind is int:
        return str(value)
    if kind is list or kind is tuple:
        return "[" + ",".join([_text(part) for part in value]) + "]"
    if isinstance(value, float):
        raise TypeError("Floats do not carry money; use Decimal.")
    return json.dumps(value, ensure_ascii=False)


def _object(value: Json) -> str:
    pairs = [f"{encode_basestring(name)}:{_text(value[name])}" for name in sorted(value)]
    return "{" + ",".join(pairs) + "}"


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
