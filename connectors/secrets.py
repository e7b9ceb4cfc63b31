"""Seals credentials with the keys of the environment: the newest encrypts, all decrypt."""

from __future__ import annotations

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def seal(secret: dict[str, Any]) -> str:
    return _keys().encrypt(json.dumps(secret).encode()).decode()


def unseal(sealed: str) -> dict[str, Any]:
    """{} for an empty text. Raises ImproperlyConfigured when no key fits."""
    if not sealed:
        return {}
    try:
        secret: dict[str, Any] = json.loads(_keys().decrypt(sealed.encode()))
    except InvalidToken:
        raise ImproperlyConfigured(
            "The stored credentials cannot be read with SYNCAPP_ENCRYPTION_KEYS. "
            "Put the former key back behind the new one, or connect again."
        ) from None
    return secret


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])
