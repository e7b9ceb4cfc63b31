"""What the cells of each column may hold: text from a file becomes a value of our model."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
CURRENCY = re.compile(r"[A-Z]{3}")
FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class Unfit(Exception):
    """The cell cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that fills the field `field`. An empty cell gives `empty`, or is refused."""

    name: str
    field: str
    parse: Callable[[str], Any]
    is_required: bool = False  # In the heading.
    must_be_filled: bool = False
    empty: Any = ""

    def value(self, cell: str) -> Any:
        if cell:
            return self.parse(cell)
        if self.must_be_filled:
            raise Unfit("This cell is empty. Fill it in.")
        return self.empty


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that names another record of the company, by the first of `by` that is known."""

    name: str
    field: str  # the attname, such as "customer_id"
    model: Any
    by: tuple[str, ...]
    hint: str  # What to do when there is no such record.
    is_required: bool = False
    must_be_filled: bool = False
    makes_missing: bool = False


def column(
    model: type[models.Model],
    name: str,
    *,
    field: str = "",
    required: bool = False,
    filled: bool = False,
    default: Any = None,
) -> Column:
    """A column whose rules are those of the model's field; `default` replaces the model's own."""
    target: Any = model._meta.get_field(field or name)
    parse, empty = _rules(target)
    # What may not be null has a default; what has none must be in every row.
    if empty is None and not target.null:
        empty = target.get_default() if default is None else default
    return Column(name, target.name, parse, required, filled, empty)


def _rules(field: Any) -> tuple[Callable[[str], Any], Any]:
    if field.name == "currency":
        return _currency, ""  # The company's own is filled in later.
    if field.choices:
        return _choice(tuple(value for value, _ in field.choices)), None
    if isinstance(field, models.DecimalField):
        return _number(field.decimal_places, field.max_digits), None
    if isinstance(field, models.PositiveIntegerField):
        return _position, None
    if isinstance(field, models.DateField):
        return _date, None
    if isinstance(field, models.BooleanField):
        return _flag, None
    return _text(field.max_length), ""


def _text(limit: int | None) -> Callable[[str], str]:
    def parse(cell: str) -> str:
        if limit is not None and len(cell) > limit:
            raise Unfit(f"This has {len(cell)} characters. Shorten it to {limit}.")
        return cell

    return parse


def _number(places: int, digits: int) -> Callable[[str], Decimal]:
    def parse(cell: str) -> Decimal:
        if not NUMBER.fullmatch(cell):
            raise Unfit(f"“{cell}” is not a number. Write it like 1234.50.")
        whole, _, fraction = cell.lstrip("+-0").partition(".")
        if len(fraction.rstrip("0")) > places:
            raise Unfit(f"“{cell}” has more than {places} decimals. Round it.")
        if len(whole) > digits - places:
            raise Unfit(f"“{cell}” is too large. It may have {digits - places} digits.")
        return Decimal(cell)

    return parse


def _position(cell: str) -> int:
    if not cell.isdecimal() or len(cell) > 9 or int(cell) == 0:
        raise Unfit(f"“{cell}” is not a line number. Number the lines 1, 2, 3, …")
    return int(cell)


def _date(cell: str) -> datetime.date:
    try:
        if DATE.fullmatch(cell):
            return datetime.date.fromisoformat(cell)
    except ValueError:
        pass
    raise Unfit(f"“{cell}” is not a date. Write it like 2026-11-23.")


def _currency(cell: str) -> str:
    if not CURRENCY.fullmatch(cell):
        raise Unfit(f"“{cell}” is not a currency. Write its three letters, such as USD.")
    return cell


def _flag(cell: str) -> bool:
    if cell.lower() not in FLAGS:
        raise Unfit(f"“{cell}” is neither yes nor no. Write true or false.")
    return FLAGS[cell.lower()]


def _choice(values: tuple[str, ...]) -> Callable[[str], str]:
    def parse(cell: str) -> str:
        if cell not in values:
            raise Unfit(f"“{cell}” is not known. Write one of: {', '.join(values)}.")
        return cell

    return parse
