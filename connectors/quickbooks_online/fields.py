"""Values in QuickBooks' JSON, absent or not, as values of ours."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.jsontext import Json


def number(value: object) -> Decimal:
    found = optional(value)
    return Decimal(0) if found is None else found


def optional(value: object) -> Decimal | None:
    if isinstance(value, Decimal):
        return value
    return None if value in (None, "") else Decimal(str(value))


def at(body: Json, *path: str) -> Any:
    """The value at a path; None where any step is absent."""
    value: Any = body
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def text(body: Json, *path: str) -> str:
    value: Any = body
    for step in path:
        if not isinstance(value, dict):
            return ""
        value = value.get(step)
    return "" if value is None else str(value).strip()


def reference(body: Json, name: str) -> str | None:
    return text(body, name, "value") or None


def date(value: str) -> datetime.date | None:
    return datetime.date.fromisoformat(value[:10]) if value else None


def currency(body: Json, config: Config) -> str:
    return text(body, "CurrencyRef", "value") or config.home_currency
