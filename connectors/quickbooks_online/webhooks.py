"""What QuickBooks announces: whether it comes from Intuit, and which companies it is about."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.quickbooks_online.entities import TYPES

SIGNATURE = "intuit-signature"
# A payment of a bill changes what is open of the bill.
OF_INTEREST = {name.lower() for name in TYPES} | {"billpayment"}
log = logging.getLogger(__name__)


def companies(headers: Mapping[str, str], body: bytes, token: str) -> frozenset[str] | None:
    """The realm ids in which something changed that is synchronized; None for a notification that
    was not signed with the verifier token."""
    if not is_authentic(body, headers.get(SIGNATURE, ""), token):
        return None
    try:
        return frozenset(realm for realm, name in _events(json.loads(body)) if _matters(name))
    except (ValueError, TypeError, AttributeError, RecursionError):
        # Refusing it would make Intuit hold back what comes after; the schedule looks anyway.
        log.warning("A notification of QuickBooks could not be read; the next Sync Job will look.")
        return frozenset()


def is_authentic(body: bytes, signature: str, token: str) -> bool:
    """The signature is base64 of HMAC-SHA256 over the raw bytes. Without a token nothing is."""
    digest = hmac.new(token.encode(), body, hashlib.sha256).digest()
    expected = base64.b64encode(digest)
    is_equal = hmac.compare_digest(expected, signature.strip().encode())
    return bool(token) and is_equal


def _events(body: Any) -> Iterator[tuple[str, str]]:
    """Realm id and kind of object: CloudEvents are a list, the shape before them an object."""
    if isinstance(body, list):
        for event in body:
            yield str(event.get("intuitaccountid", "")), _entity(str(event.get("type", "")))
        return
    for part in body.get("eventNotifications") or []:
        for entity in (part.get("dataChangeEvent") or {}).get("entities") or []:
            yield str(part.get("realmId", "")), str(entity.get("name", ""))


def _entity(kind: str) -> str:
    """`qbo.invoice.created.v1`"""
    steps = kind.split(".")
    return steps[1] if len(steps) > 1 else ""


def _matters(name: str) -> bool:
    return name.lower() in OF_INTEREST
