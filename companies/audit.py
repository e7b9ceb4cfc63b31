"""The record of what people did, for the administrators of a company."""

from __future__ import annotations

from typing import Any

from companies.models import AuditEntry, Company
from companies.roles import Person


def audit(
    *, company: Company, user: Person | None, action: str, target: object, **detail: Any
) -> AuditEntry:
    """Notes that the user did `action` ("connection.pause") to `target`; `detail` is plain JSON."""
    known = user is not None and user.is_authenticated
    return AuditEntry.objects.create(
        company=company,
        user_id=user.pk if known and user is not None else None,
        action=action,
        target=str(target)[:200],
        detail=detail,
    )
