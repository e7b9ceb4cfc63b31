"""What QuickBooks announces: whether it comes from Intuit, and which objects it is about."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.interface import Announcement
from connectors.quickbooks_online.entities import TYPES

SIGNATURE = "intuit-signature"
# A payment of a bill is none of our records, but changes what is open of the bill.
OF_INTEREST = {name.lower(): kind for name, kind in TYPES.items()} | {"billpayment": None}
log = logging.getLogger(__name__)


def announcements(
    headers: Mapping[str, str], body: bytes, token: str
) -> Sequence[Announcement] | None:
    """What changed, of what is synchronized; None for a notification that was not signed with the
    verifier token."""
    if not is_authentic(body, headers.get(SIGNATURE, ""), token):
        return None
    try:
        return list(_events(json.loads(body)))
    except (ValueError, TypeError, AttributeError, RecursionError):
        # Refusing it would make Intuit hold back what comes after; the schedule looks anyway.
        log.warning("A notification of QuickBooks could not be read; the next Sync Job will look.")
        return []


def is_authentic(body: bytes, signature: str, token: str) -> bool:
    """The signature is base64 of HMAC-SHA256 over the raw bytes. Without a token nothing is."""
    digest = hmac.new(token.encode(), body, hashlib.sha256).digest()
    expected = base64.b64encode(digest)
    is_equal = hmac.compare_digest(expected, signature.strip().encode())
    return bool(token) and is_equal


def _events(body: Any) -> Iterator[Announcement]:
    """CloudEvents are a list, the shape before them an object."""
    if isinstance(body, list):
        for event in body:
            name, id_, at = event.get("type"), event.get("intuitentityid"), event.get("time")
            yield from _of_interest(event.get("intuitaccountid"), _entity(str(name)), id_, at)
        return
    for part in body.get("eventNotifications") or []:
        for entity in (part.get("dataChangeEvent") or {}).get("entities") or []:
            name, id_, at = entity.get("name"), entity.get("id"), entity.get("lastUpdated")
            yield from _of_interest(part.get("realmId"), str(name), id_, at)


def _entity(kind: str) -> str:
    """`qbo.invoice.created.v1`"""
    steps = kind.split(".")
    return steps[1] if len(steps) > 1 else ""


def _of_interest(realm: Any, name: str, id_: Any, at: Any) -> Iterator[Announcement]:
    if name.lower() in OF_INTEREST:
        kind = OF_INTEREST[name.lower()]
        yield Announcement(str(realm or ""), kind, str(id_ or ""), _moment(at))


def _moment(text: Any) -> datetime.datetime | None:
    try:
        at = datetime.datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=datetime.UTC)
