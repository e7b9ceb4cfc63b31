"""Who changes records and why, and which connection shall not hear of it.

Changes are noticed in the database: the triggers of `records` call the function which
migrations/0002_capture.py installs, in the writing transaction. It reads three settings of that
transaction, and this module is what sets them: `sync.user`, `sync.origin` and `sync.muted`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from psycopg2.sql import Composable

from connectors.models import Connection

# Statements that may write rows, behind comments and parentheses.
_WRITES = re.compile(
    r"(?:\s|\(|--[^\n]*\n|/\*.*?\*/)*"
    r"(?:INSERT|UPDATE|DELETE|MERGE|WITH\b.*\b(?:INSERT|UPDATE|DELETE|MERGE))\b",
    re.IGNORECASE | re.DOTALL,
)
_ORIGIN = re.compile(r"[a-z_]{1,20}")


@contextmanager
def acting(*, user: User | None = None, origin: str) -> Iterator[None]:
    """Everything this thread writes inside is queued as done by `user` in the way of `origin`.

    A setting that is local to its transaction would be gone before the next statement in
    autocommit, and one of the session would leak to others behind a pooler. So each writing
    statement carries its own. Inside another `acting`, the inner one counts.
    """
    if not _ORIGIN.fullmatch(origin):
        raise ValueError(f"The origin {origin!r} must be up to 20 letters a-z and underscores.")
    actor = _Actor(user.pk if user else None, origin)
    with connection.execute_wrapper(actor):
        yield
    if actor.wrote and connection.in_atomic_block and not connection.needs_rollback:
        # What this transaction writes from here on is not theirs.
        with connection.cursor() as cursor:
            cursor.execute(_settings("", ""))


@contextmanager
def muted(connection_row: Connection) -> Iterator[None]:
    """What is written inside is not queued for this one connection: it came from there.

    Opens its own transaction. Raises RuntimeError inside another, whose later writes would
    silently be muted with it.
    """
    if connection.in_atomic_block:
        raise RuntimeError(
            "muted() must open the transaction itself, and one is open already. "
            "Move the call out of transaction.atomic()."
        )
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('sync.muted', %s, true)", [str(connection_row.pk)])
        yield


class _Actor:
    """An execute wrapper that puts the settings in front of statements that write."""

    def __init__(self, user_id: int | None, origin: str) -> None:
        # Digits and letters only: nothing to quote, and no % that would count as a parameter.
        self.prefix = _settings("" if user_id is None else str(int(user_id)), origin) + "; "
        self.wrote = False

    def __call__(
        self,
        execute: Callable[..., Any],
        sql: Any,
        params: Any,
        many: bool,
        context: dict[str, Any],
    ) -> Any:
        cursor = context["cursor"].cursor
        # A named cursor is a SELECT on the server, and takes one statement only.
        if self is self.present() and cursor.name is None:
            text = sql.as_string(cursor) if isinstance(sql, Composable) else sql
            if _WRITES.match(text):
                sql = self.prefix + text
                self.wrote = True
        return execute(sql, params, many, context)

    @classmethod
    def present(cls) -> _Actor | None:
        """The innermost of those in force."""
        return next((w for w in reversed(connection.execute_wrappers) if isinstance(w, cls)), None)


def _settings(user: str, origin: str) -> str:
    return (
        f"SELECT set_config('sync.user', '{user}', true),"
        f" set_config('sync.origin', '{origin}', true)"
    )
