"""A caller's JSON against the entity's table: known, well-formed, of a fit length."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation

from simulators.quickbooks_online.refusal import Problem, unsupported
from simulators.quickbooks_online.schema import Field, Fields, Json, Kind

# Eleven digits before the point: more does not fit the vendor's amounts.
LARGEST = Decimal(10) ** 11
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ADDRESS = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,.]+")


class Unfit(Exception):
    """A value that its field cannot hold."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def cleaned(fields: Fields, sent: Json, problems: list[Problem], path: str = "") -> Json:
    """What of `sent` may be stored; a null stays, because it clears a field."""
    kept: Json = {}
    for name, value in sent.items():
        field = fields.get(name)
        where = f"{path}{name}"
        if field is None:
            problems.append(unsupported(where))
        elif field.kind is not Kind.COMPUTED:
            kept[name] = _value(field, value, problems, where)
    return kept


def _value(field: Field, value: object, problems: list[Problem], path: str) -> object:
    if value is None or value == "":
        return None
    try:
        if field.kind is Kind.BLOCK:
            return _block(field, value, problems, path)
        if field.kind is Kind.LIST:
            return _list(field, value, problems, path)
        return CLEANERS[field.kind](field, value)
    except Unfit as unfit:
        problems.append(Problem(unfit.code, str(unfit), path))
        return None


def _block(field: Field, value: object, problems: list[Problem], path: str) -> object:
    if not isinstance(value, dict) or field.parts is None:
        raise Unfit("2010", f"Property Name:{field.name} must be an object")
    parts = cleaned(field.parts, value, problems, f"{path}.")
    return {name: each for name, each in parts.items() if each is not None} or None


def _list(field: Field, value: object, problems: list[Problem], path: str) -> object:
    if not isinstance(value, list):
        raise Unfit("2010", f"Property Name:{field.name} must be a list")
    return [_block(field, each, problems, path) or {} for each in value]


def _text(field: Field, value: object) -> str:
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise Unfit("2010", f"Property Name:{field.name} must be a string")
    _encode(value)
    if field.forbidden:  # A name: the vendor trims it.
        value = value.strip(" ")
    if len(value) > field.limit:
        raise Unfit(
            "2050",
            "String length specified does not match the supported length. "
            f"Min:0 Max:{field.limit} supported. Supplied length:{len(value)}",
        )
    if any(character in field.forbidden for character in value):
        raise Unfit("2040", f"Element contains invalid characters: {value!r}")
    if field.choices and value not in field.choices:
        raise Unfit("2170", f"Invalid Enumeration : {value}")
    return value


def _encode(value: str) -> None:
    """Half a surrogate pair is no character."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Unfit("2040", f"Element contains invalid characters: {value!r}") from None


def _number(field: Field, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        raise Unfit("2100", f"Invalid Decimal Format. Supplied value:{value}")
    try:
        figure = Decimal(value)
    except InvalidOperation:
        raise Unfit("2100", f"Invalid Decimal Format. Supplied value:{value}") from None
    if not figure.is_finite() or abs(figure) >= LARGEST:
        raise Unfit("2110", f"Invalid Decimal. Supplied value:{value}")
    if figure != round(figure, field.places):
        raise Unfit(
            "2110",
            f"Invalid Decimal. Supplied value:{value}; {field.places} decimal places are supported",
        )
    return figure


def _integer(field: Field, value: object) -> int:
    try:
        figure = _number(Field(field.name, Kind.NUMBER, places=0), value)
    except Unfit:
        raise Unfit("2080", f"Invalid Number Format. Supplied value:{value}") from None
    low, high = field.lowest, field.highest
    if (low is not None and figure < low) or (high is not None and figure > high):
        raise Unfit("2240", f"Invalid Number Range. Supplied value:{value}")
    return int(figure)


def _boolean(field: Field, value: object) -> bool:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise Unfit("2230", f"Invalid Boolean. {field.name}:{value}")
    return value


def _date(field: Field, value: object) -> str:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise Unfit("2060", f"Invalid Date Format. Supplied value:{value}")
    try:
        date.fromisoformat(value)
    except ValueError:
        raise Unfit("2070", f"Invalid Date. Supplied value:{value}") from None
    return value


def _email(field: Field, value: object) -> str:
    text = _text(field, value)
    if not all(_ADDRESS.fullmatch(each.strip()) for each in text.split(",")):
        raise Unfit(
            "2210",
            f"Email Address does not conform to RFC 822 standards. Supplied value:{text}",
        )
    return text


def _reference(field: Field, value: object) -> Json:
    if not isinstance(value, dict) or set(value) - {"value", "name", "type"}:
        raise Unfit("2010", f"Property Name:{field.name} must be a reference")
    target = value.get("value")
    if isinstance(target, bool) or not isinstance(target, (str, int)) or target == "":
        raise Unfit("2020", f"Required parameter {field.name}.value is missing")
    return {"value": str(target).strip()}


def _anything(field: Field, value: object) -> object:
    return value


CLEANERS: dict[Kind, Callable[[Field, object], object]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.INTEGER: _integer,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.EMAIL: _email,
    Kind.REFERENCE: _reference,
    Kind.ANY: _anything,
}
