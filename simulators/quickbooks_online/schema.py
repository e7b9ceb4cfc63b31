"""The words in which the entity tables are written: fields, blocks and entities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulators.quickbooks_online.drafts import Draft

Json = dict[str, Any]
Rule = Callable[["Draft"], None]


class Kind(Enum):
    """How a field's value is read, checked and queried."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    EMAIL = "email"
    REFERENCE = "reference"
    BLOCK = "block"
    LIST = "list"
    ANY = "any"
    COMPUTED = "computed"


@dataclass(frozen=True, eq=False)
class Field:
    """One property: what it may hold, and what it may point to."""

    name: str
    kind: Kind
    limit: int = 0
    forbidden: str = ""
    places: int = 2
    lowest: int | None = None
    highest: int | None = None
    choices: tuple[str, ...] = ()
    target: str = ""
    account_types: tuple[str, ...] = ()
    parts: Fields | None = None
    is_queryable: bool = True


class Fields(dict[str, Field]):
    """The fields of one object or block, by name."""

    def __init__(self, *fields: Field) -> None:
        super().__init__((each.name, each) for each in fields)


def no_rule(draft: Draft) -> None:
    """An entity without rules of its own."""


@dataclass(frozen=True, eq=False)
class Entity:
    """One kind of object: its fields, its rules and what may be done to it.

    `family` counts the ids (customers and vendors share one counter, so do all
    transactions) and is the word the vendor puts into fault 2500. `sign` is how an
    open amount of this transaction moves the balance of its party; `settles` names what its
    lines are applied to, debts first, then credits. What is not `is_posting` moves nothing.
    """

    name: str
    family: str
    fields: Fields
    title: str = ""
    required: tuple[str, ...] = ()
    required_when_sparse: tuple[str, ...] = ()
    name_field: str = ""
    name_shared_with: tuple[str, ...] = ()
    number_field: str = ""
    number_is_unique: bool = False
    party_field: str = ""
    party: str = ""
    kind_field: str = ""
    sign: int = 0
    settles: tuple[str, ...] = ()
    is_transaction: bool = False
    is_posting: bool = True
    is_writable: bool = True
    can_void: bool = False
    void_is_update: bool = False
    is_in_feed: bool = True
    has_live_balance: bool = False
    prepare: Rule = field(default=no_rule)


def text(name: str, limit: int, *, forbidden: str = "", is_queryable: bool = True) -> Field:
    return Field(name, Kind.TEXT, limit=limit, forbidden=forbidden, is_queryable=is_queryable)


def choice(name: str, *choices: str) -> Field:
    return Field(name, Kind.TEXT, limit=100, choices=choices)


def number(name: str, *, places: int = 2) -> Field:
    return Field(name, Kind.NUMBER, places=places)


def integer(name: str, *, lowest: int | None = None, highest: int | None = None) -> Field:
    return Field(name, Kind.INTEGER, lowest=lowest, highest=highest)


def boolean(name: str) -> Field:
    return Field(name, Kind.BOOLEAN)


def date(name: str) -> Field:
    return Field(name, Kind.DATE)


def email(name: str) -> Field:
    return Field(name, Kind.EMAIL, limit=100)


def reference(name: str, target: str = "", *account_types: str) -> Field:
    """A reference; without a target its value is judged by a rule, not looked up."""
    return Field(name, Kind.REFERENCE, target=target, account_types=account_types)


def block(name: str, parts: Fields) -> Field:
    return Field(name, Kind.BLOCK, parts=parts, is_queryable=False)


def blocks(name: str, parts: Fields) -> Field:
    return Field(name, Kind.LIST, parts=parts, is_queryable=False)


def anything(*names: str) -> list[Field]:
    """Properties the vendor knows and this simulator stores without looking."""
    return [Field(name, Kind.ANY, is_queryable=False) for name in names]


def computed(*names: str) -> list[Field]:
    """Properties the vendor computes: accepted from a caller, and ignored."""
    return [Field(name, Kind.COMPUTED) for name in names]
