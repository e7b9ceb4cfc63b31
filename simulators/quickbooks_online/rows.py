"""Reading and writing the rows of the books inside one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from simulators.quickbooks_online import jsontext
from simulators.quickbooks_online.clock import Clock, written
from simulators.quickbooks_online.money import amount
from simulators.quickbooks_online.schema import Json

ACTIVE, INACTIVE, DELETED = 0, 1, 2
COLUMNS = (
    "type, id, token, state, name, number_key, party, txn_date, kind, "
    "open_cents, created, updated, body"
)
LIVE_BALANCES = frozenset({"Customer", "Vendor"})


Changed = tuple[str, str, str]


@dataclass
class Stored:
    """One object as the books hold it; `body` lacks what changes without a write.

    `text` is the body as it was last read or written.
    """

    type: str
    id: str
    token: int
    state: int
    name: str
    number: str
    party: str
    txn_date: str
    kind: str
    open_cents: int
    created: int
    updated: int
    body: Json
    text: str = ""


@dataclass(frozen=True)
class Glance:
    """What a reference needs to know of its target."""

    id: str
    state: int
    name: str
    kind: str


@dataclass(frozen=True)
class Link:
    """A payment's line: how much of which transaction it settles."""

    type: str
    id: str
    cents: int


class Rows:
    """The tables seen through one connection.

    A plus before a column keeps SQLite from choosing an index by it, where another
    one finds a single row.
    """

    def __init__(self, db: sqlite3.Connection, clock: Clock) -> None:
        self.db = db
        self.clock = clock
        # Type, id and operation of what this transaction wrote, for those who are told of it.
        self.changes: list[Changed] = []

    # Objects

    def find(self, type_: str, id_: str) -> Stored | None:
        row = self.db.execute(
            f"SELECT {COLUMNS} FROM objects WHERE type = ? AND id = ?", (type_, id_)
        ).fetchone()
        return _stored(row) if row else None

    def glance(self, type_: str, id_: str) -> Glance | None:
        row = self.db.execute(
            "SELECT id, state, name, kind FROM objects WHERE type = ? AND id = ?",
            (type_, id_),
        ).fetchone()
        return Glance(*row) if row else None

    def named(self, type_: str, name: str, parent: str) -> str | None:
        """The id of the object with this name under this parent, if there is one."""
        row = self.db.execute(
            "SELECT id FROM objects WHERE type = ? AND name_key = ? AND +party = ? AND +state < 2",
            (type_, name.casefold(), parent),
        ).fetchone()
        return row[0] if row else None

    def numbered(self, type_: str, number: str, but: str) -> list[tuple[str, str]]:
        """Id and party of the other transactions of a type with this number."""
        return self.db.execute(
            "SELECT id, party FROM objects WHERE type = ? AND number_key = ? "
            "AND +state < 2 AND +id <> ?",
            (type_, number.casefold(), but),
        ).fetchall()

    def insert(self, each: Stored) -> None:
        self.db.execute(
            "INSERT INTO objects (name_key, " + COLUMNS + ") VALUES "
            "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (each.name.casefold(), each.type, each.id, *self._changing(each)),
        )

    def update(self, each: Stored) -> None:
        self.db.execute(
            "UPDATE objects SET name_key = ?, token = ?, state = ?, name = ?, "
            "number_key = ?, party = ?, txn_date = ?, kind = ?, open_cents = ?, "
            "created = ?, updated = ?, body = ? WHERE type = ? AND id = ?",
            (each.name.casefold(), *self._changing(each), each.type, each.id),
        )

    @staticmethod
    def _changing(each: Stored) -> tuple[object, ...]:
        each.text = jsontext.dumps(each.body)
        return (
            each.token,
            each.state,
            each.name,
            each.number.casefold(),
            each.party,
            each.txn_date,
            each.kind,
            each.open_cents,
            each.created,
            each.updated,
            each.text,
        )

    def shift_balance(self, type_: str, id_: str, cents: int) -> None:
        """Move a party's balance; like the vendor's, this is no update of the party."""
        if cents:
            self.db.execute(
                "UPDATE objects SET open_cents = open_cents + ? WHERE type = ? AND id = ?",
                (cents, type_, id_),
            )

    def next_id(self, family: str) -> str:
        row = self.db.execute(
            "INSERT INTO counters (family, last) VALUES (?, 1) "
            "ON CONFLICT (family) DO UPDATE SET last = last + 1 RETURNING last",
            (family,),
        ).fetchone()
        return str(row[0])

    # Links between transactions

    def links_from(self, type_: str, id_: str) -> list[Link]:
        rows = self.db.execute(
            "SELECT to_type, to_id, cents FROM links "
            "WHERE from_type = ? AND from_id = ? ORDER BY rowid",
            (type_, id_),
        )
        return [Link(*row) for row in rows]

    def links_to(self, type_: str, id_: str) -> list[Link]:
        rows = self.db.execute(
            "SELECT from_type, from_id, cents FROM links "
            "WHERE to_type = ? AND to_id = ? ORDER BY rowid",
            (type_, id_),
        )
        return [Link(*row) for row in rows]

    def relink(self, type_: str, id_: str, links: Sequence[Link]) -> None:
        self.db.execute("DELETE FROM links WHERE from_type = ? AND from_id = ?", (type_, id_))
        self.db.executemany(
            "INSERT INTO links VALUES (?, ?, ?, ?, ?)",
            [(type_, id_, each.type, each.id, each.cents) for each in links],
        )

    # Settings

    def setting(self, name: str) -> str:
        row = self.db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def set_setting(self, name: str, value: str) -> None:
        self.db.execute(
            "INSERT INTO settings VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    @cached_property
    def preferences(self) -> Json:
        found = self.find("Preferences", "1")
        return found.body if found else {}

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Keep what happens inside, or nothing of it."""
        self.db.execute("SAVEPOINT attempt")
        written = len(self.changes)
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK TO attempt")
            del self.changes[written:]
            raise
        finally:
            self.db.execute("RELEASE attempt")


def _stored(row: tuple[Any, ...]) -> Stored:
    """From the columns, of which the body comes last; the number comes case-folded."""
    values = [*row[:-1], jsontext.loads(row[-1]), row[-1]]
    return Stored(*values)


def shown(type_: str, open_cents: int, body: str) -> jsontext.Raw:
    """The object's text as the API gives it, with the balance of the moment."""
    if type_ not in LIVE_BALANCES:
        return jsontext.Raw(body)
    balance = amount(open_cents)
    extra = f',"Balance":{balance}'
    if type_ == "Customer":
        extra += f',"BalanceWithJobs":{balance}'
    return jsontext.Raw(body[:-1] + extra + "}")


def stamped(created: int, updated: int) -> Json:
    return {"CreateTime": written(created), "LastUpdatedTime": written(updated)}
