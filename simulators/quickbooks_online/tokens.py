"""Authorization codes and tokens, kept in the file like everything else."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from simulators.quickbooks_online.rows import Rows
from simulators.quickbooks_online.settings import Settings

CODE_SECONDS = 300
# "Maximum 5 years" since 2025, counted here from the consent.
HARD_SECONDS = 5 * 365 * 24 * 3600


@dataclass(frozen=True)
class Pair:
    """What a token response carries; lifetimes in seconds."""

    access: str
    refresh: str
    access_seconds: int
    refresh_seconds: int


def issue_code(rows: Rows, client: str, redirect_uri: str) -> str:
    code = "AB" + secrets.token_hex(20)
    expires = _later(rows, CODE_SECONDS)
    rows.db.execute("INSERT INTO codes VALUES (?, ?, ?, ?)", (code, client, redirect_uri, expires))
    return code


def redeem_code(
    rows: Rows, settings: Settings, code: str, client: str, redirect_uri: str
) -> Pair | None:
    """A code works once, for its client, its address and a few minutes."""
    row = rows.db.execute(
        "DELETE FROM codes WHERE code = ? RETURNING client, redirect_uri, expires",
        (code,),
    ).fetchone()
    if row is None or row[:2] != (client, redirect_uri) or row[2] < rows.clock.real():
        return None
    grant = secrets.token_hex(16)
    refresh = _issue(rows, "refresh", grant, client, settings.refresh_token_seconds)
    return _with_access(rows, settings, grant, client, refresh)


def redeem_refresh(rows: Rows, settings: Settings, value: str, client: str) -> Pair | None:
    """A new access token; the refresh token rotates, and its old value dies at once."""
    row = rows.db.execute(
        "SELECT grant_id, issued, expires FROM tokens "
        "WHERE value = ? AND kind = 'refresh' AND client = ?",
        (value, client),
    ).fetchone()
    if row is None or row[2] < rows.clock.real():
        return None
    grant, issued, _ = row
    age = (rows.clock.real() - issued) / 1_000_000
    if age >= settings.refresh_rotation_seconds:
        rows.db.execute("DELETE FROM tokens WHERE value = ?", (value,))
        value = _issue(rows, "refresh", grant, client, settings.refresh_token_seconds)
    else:
        # The lifetime is rolling: it counts from the last use.
        expires = _later(rows, settings.refresh_token_seconds)
        rows.db.execute("UPDATE tokens SET expires = ? WHERE value = ?", (expires, value))
    return _with_access(rows, settings, grant, client, value)


def revoke(rows: Rows, value: str, client: str) -> bool:
    """End the whole grant behind an access or refresh token."""
    row = rows.db.execute(
        "SELECT grant_id FROM tokens WHERE value = ? AND client = ?", (value, client)
    ).fetchone()
    if row is None:
        return False
    rows.db.execute("DELETE FROM tokens WHERE grant_id = ?", row)
    return True


def revoke_all(rows: Rows) -> None:
    """The user disconnects the application in the company's settings."""
    rows.db.execute("DELETE FROM tokens")
    rows.db.execute("DELETE FROM codes")


def is_valid_access_token(rows: Rows, value: str) -> bool:
    row = rows.db.execute(
        "SELECT expires FROM tokens WHERE value = ? AND kind = 'access'", (value,)
    ).fetchone()
    return row is not None and row[0] > rows.clock.real()


def _with_access(rows: Rows, settings: Settings, grant: str, client: str, refresh: str) -> Pair:
    lifetime = settings.access_token_seconds
    rows.db.execute(
        "DELETE FROM tokens WHERE grant_id = ? AND kind = 'access' AND expires < ?",
        (grant, rows.clock.real()),
    )
    access = _issue(rows, "access", grant, client, lifetime)
    return Pair(access, refresh, lifetime, settings.refresh_token_seconds)


def _issue(rows: Rows, kind: str, grant: str, client: str, seconds: int) -> str:
    prefix = "RT1-" if kind == "refresh" else "eyJ"
    value = prefix + secrets.token_urlsafe(48)
    rows.db.execute(
        "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?)",
        (value, kind, grant, client, rows.clock.real(), _later(rows, seconds)),
    )
    return value


def _later(rows: Rows, seconds: int) -> int:
    return rows.clock.real() + seconds * 1_000_000
