"""Versions: Tryton's time stamps of an object and its parts, in less than 100 characters.

A write names the stamps it knows, and Tryton refuses it when one has moved. A party's addresses
and contact mechanisms have stamps of their own, and a write needs their ids: hence they are here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
# Letter, stamp, number of decimals, ".", id
_PART = re.compile(r"([A-Z])([0-9a-z]+)\.(\d)([0-9a-z]+)")


@dataclass(frozen=True, slots=True)
class Stamp:
    """The stamp of one record as Tryton wrote it: the text is compared, not the time."""

    id: int
    text: str


def pack(parts: dict[str, Stamp]) -> str:
    """One text of stamps by letter."""
    return "".join(_packed(letter, stamp) for letter, stamp in sorted(parts.items()))


def unpack(version: str) -> dict[str, Stamp]:
    """The inverse; {} for what is no such text."""
    return {
        letter: Stamp(_number(record), _text(_number(ticks), int(decimals)))
        for letter, ticks, decimals, record in _PART.findall(version)
    }


def _packed(letter: str, stamp: Stamp) -> str:
    whole, _, decimals = stamp.text.partition(".")
    return f"{letter}{_short(int(whole + decimals))}.{len(decimals)}{_short(stamp.id)}"


def _text(ticks: int, decimals: int) -> str:
    text = str(ticks)
    return f"{text[:-decimals]}.{text[-decimals:]}" if decimals else text


def _short(value: int) -> str:
    digits = ""
    while value or not digits:
        value, digit = divmod(value, 36)
        digits = _DIGITS[digit] + digits
    return digits


def _number(text: str) -> int:
    return int(text, 36)
