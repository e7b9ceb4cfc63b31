"""What a person may see of a body: laid out in lines, with secrets and personal data covered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

COVER = "•••"

# Names of fields whose whole value is covered, in JSON, XML and form bodies alike.
SECRET_NAME = re.compile(
    r"(?<!sync)token|secret|password|passwd|authorization|cookie|api.?key|credential"
    r"|phone|mobile|fax|e.?mail|tax.?(number|id|identifier|reg)|taxpayer|vat.?(number|id)|ssn"
    r"|iban|bic|swift|card.?num|(acct|account).?num|routing|bank.?account|^code_verifier$",
    re.IGNORECASE,
)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,4})?\b")
CARD = re.compile(r"(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d.])")
# Dates and document numbers look like local phone numbers; these two forms do not.
PHONE = re.compile(r"(?:\+\d|\(\d{2,5}\))[\d ()./-]{6,}\d")
BEARER = re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE)
PAIR = re.compile(r"(?<![\w.-])([\w.-]+)=([^&\s]*)")
TAG = re.compile(r"<([\w:.-]+)([^>]*)>([^<]+)</")


def masked(text: str) -> str:
    """JSON gets one value on a line, its numbers as they were written; anything else stays text."""
    try:
        value = json.loads(text, parse_float=Decimal)
    except ValueError:
        return _masked_text(text)
    return _lines(value, "") if isinstance(value, (dict, list)) else _masked_text(text)


def masked_part(text: str, mark: str) -> str:
    """Of JSON that has a part for each record: the part that carries this mark; "" if none does."""
    try:
        value = json.loads(text, parse_float=Decimal)
    except ValueError:
        return ""
    part = _part(value, mark)
    return "" if part is None or part is value else _lines(part, "")


def _part(value: Any, mark: str) -> Any:
    """The outermost object with a field of exactly this value: deeper down, a reference to
    something else may look the same."""
    level = [value]
    while level:
        for one in level:
            if isinstance(one, dict) and mark in one.values():
                return one
        level = [inner for one in level for inner in _inner(one)]
    return None


def _inner(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def masked_headers(headers: dict[str, str]) -> dict[str, str]:
    return {
        name: COVER if SECRET_NAME.search(name) else _covered(str(value))
        for name, value in headers.items()
    }


def _masked_text(text: str) -> str:
    text = TAG.sub(_cover_tag, text)
    text = PAIR.sub(_cover_pair, text)
    return _covered(text)


def _cover_tag(match: re.Match[str]) -> str:
    name, rest, value = match.groups()
    return f"<{name}{rest}>{COVER if SECRET_NAME.search(name) else value}</"


def _cover_pair(match: re.Match[str]) -> str:
    name, value = match.groups()
    return f"{name}={COVER if SECRET_NAME.search(name) else value}"


def _covered(text: str) -> str:
    """Wherever they stand: addresses, account and card numbers, phone numbers, credentials."""
    text = BEARER.sub(rf"\1 {COVER}", text)
    for pattern in (EMAIL, IBAN, CARD, PHONE):
        text = pattern.sub(COVER, text)
    return text


def _lines(value: Any, indent: str, name: str = "") -> str:
    inner = indent + "  "
    if name and SECRET_NAME.search(name) and value not in ({}, [], "", None):
        return json.dumps(COVER, ensure_ascii=False)
    if isinstance(value, dict) and value:
        rows = (
            f"{inner}{json.dumps(key, ensure_ascii=False)}: {_lines(one, inner, key)}"
            for key, one in value.items()
        )
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(inner + _lines(one, inner) for one in value) + f"\n{indent}]"
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, str):
        return json.dumps(_covered(value), ensure_ascii=False)
    return json.dumps(value)
