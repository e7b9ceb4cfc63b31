"""Reads settings from the environment and refuses nonsense with a sentence that says what to do."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def flag(name: str, default: bool) -> bool:
    """A yes or no, written as 1/0, true/false, yes/no or on/off."""
    value = os.environ.get(name)
    if value is None or value == "":
        return default
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}. Set it to true or false.")


def number(name: str, default: float, *, least: float = 0) -> float:
    """A number of at least `least`; most are seconds."""
    value = os.environ.get(name)
    if value is None or value == "":
        return default
    try:
        parsed = float(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to a number.") from None
    if parsed < least:
        raise ImproperlyConfigured(f"{name} is {value}. It must be at least {least:g}.")
    return parsed


def words(name: str, default: str = "") -> list[str]:
    """Values separated by commas or spaces."""
    return text(name, default).replace(",", " ").split()


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail server; without a host there is none."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    # Encrypted after the greeting (STARTTLS), or from the start.
    has_starttls: bool = False
    has_tls: bool = False


def mail(name: str) -> Mail:
    """An address such as smtp+starttls://user:password@mail.example.com:587."""
    url = urlsplit(text(name))
    if not url.geturl():
        return Mail()
    ports = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
    if url.scheme not in ports or not url.hostname:
        raise ImproperlyConfigured(
            f"{name} must look like smtp+starttls://user:password@mail.example.com:587; "
            "smtps:// is encrypted from the start, smtp:// not at all."
        )
    return Mail(
        host=url.hostname,
        port=url.port or ports[url.scheme],
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        has_starttls=url.scheme == "smtp+starttls",
        has_tls=url.scheme == "smtps",
    )


def database(name: str) -> dict[str, object]:
    """Django's description of a postgresql:// address; empty parts are left to libpq."""
    url = urlsplit(text(name))
    if url.scheme not in {"postgres", "postgresql"} and url.geturl():
        raise ImproperlyConfigured(
            f"{name} must look like postgresql://user:password@host:5432/name. "
            "PostgreSQL 15 or later is the only database."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")) or "syncapp",
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(url.hostname or ""),
        "PORT": str(url.port or ""),
    }
