"""What a person may do with items of the queue: hold, release, skip, send again."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from syncqueue.models import UNSETTLED_STATES, State, SyncQueueItem

Items = QuerySet[SyncQueueItem]


def hold(*, items: Items, user: User, reason: str) -> int:
    """Keep items from being sent until they are released. An answer on its way still counts."""
    return items.filter(finished_at=None, held_at=None).update(
        held_at=Now(), held_by=user, hold_reason=reason[:300]
    )


def release(*, items: Items) -> int:
    return items.filter(finished_at=None, held_at__isnull=False).update(
        held_at=None, held_by=None, hold_reason=""
    )


@transaction.atomic
def skip(*, items: Items, user: User, reason: str) -> int:
    """End items without sending them. What was sent and not answered cannot be skipped."""
    return (
        items.filter(finished_at=None)
        .exclude(state__in=UNSETTLED_STATES)
        .update(
            state=State.SKIPPED,
            finished_at=Now(),
            refusal=reason,
            changed_by=user,
            held_at=None,
            held_by=None,
            hold_reason="",
        )
    )


def requeue(*, items: Items) -> int:
    """Try again now: failed, blocked and conflicting items wait, with their attempts forgotten."""
    return items.filter(
        finished_at=None, state__in=[State.FAILED, State.BLOCKED, State.CONFLICT, State.WAITING]
    ).update(
        state=State.WAITING,
        attempts=0,
        next_attempt_at=Now(),
        blocked_by_type="",
        blocked_by_id=None,
        blocked_by_need="",
    )
