"""JSON in which numbers are Decimal in both directions: a float would change the cents."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from connectors.documents import plain_decimal

Json = dict[str, Any]


def dump(value: object) -> bytes:
    """Compact JSON with sorted keys: equal documents are equal bytes."""
    return _text(value).encode()


def load(body: bytes) -> Any:
    """Raises ValueError for what is not JSON, NaN and Infinity included."""
    return json.loads(body, parse_float=Decimal, parse_constant=_refuse)


def _text(value: object) -> str:
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key)}:{_text(value[key])}" for key in sorted(value))
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_text, value)) + "]"
    if isinstance(value, Decimal):
        return plain_decimal(value)
    if isinstance(value, float):
        raise TypeError("Floats do not carry money; use Decimal.")
    return json.dumps(value, ensure_ascii=False)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
