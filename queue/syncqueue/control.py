"""What a person may do with items of the queue: hold, release, skip, move, send again."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, QuerySet
from django.db.models.functions import Now

from companies.audit import audit
from companies.models import Company
from syncqueue.models import UNSETTLED_STATES, State, SyncQueueItem

Items = QuerySet[SyncQueueItem]

# An entry of the audit log names this many records; of more it says how many there were.
NAMED = 50


@transaction.atomic
def hold(*, items: Items, user: User, reason: str) -> int:
    """Keep items from being sent until they are released. An answer on its way still counts."""
    return _change(
        items.filter(finished_at=None, held_at=None),
        user=user,
        action="queue.hold",
        reason=reason,
        columns={"held_at": Now(), "held_by": user, "hold_reason": reason[:300]},
    )


@transaction.atomic
def release(*, items: Items, user: User) -> int:
    return _change(
        items.filter(finished_at=None, held_at__isnull=False),
        user=user,
        action="queue.release",
        columns={"held_at": None, "held_by": None, "hold_reason": ""},
    )


@transaction.atomic
def skip(*, items: Items, user: User, reason: str) -> int:
    """End items without sending them. What was sent and not answered cannot be skipped."""
    return _change(
        items.filter(finished_at=None).exclude(state__in=UNSETTLED_STATES),
        user=user,
        action="queue.skip",
        reason=reason,
        columns={
            "state": State.SKIPPED,
            "finished_at": Now(),
            "refusal": reason,
            "changed_by": user,
            "held_at": None,
            "held_by": None,
            "hold_reason": "",
        },
    )


@transaction.atomic
def move_to_top(*, items: Items, user: User) -> int:
    """Let items be the next that are sent of their rank; among themselves they keep their order."""
    moved = items.filter(finished_at=None)
    of_connection = SyncQueueItem.objects.open().filter(connection__in=moved.values("connection"))
    highest = of_connection.aggregate(highest=Max("priority"))["highest"] or 0
    return _change(moved, user=user, action="queue.move_to_top", columns={"priority": highest + 1})


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


def note(*, items: Items, user: User, action: str, reason: str = "") -> int:
    """Write down that the user did `action` to these items: one entry for each company. Returns
    how many items there are."""
    rows = list(items.order_by("pk").values_list("company_id", "record_type", "record_id", "label"))
    companies = Company.objects.in_bulk({company_id for company_id, *_record in rows})
    for pk, company in companies.items():
        records = [list(record) for company_id, *record in rows if company_id == pk]
        target = records[0][2] if len(records) == 1 else f"{len(records)} records"
        detail = {"count": len(records), "records": records[:NAMED]}
        if reason:
            detail["reason"] = reason
        audit(company=company, user=user, action=action, target=target, **detail)
    return len(rows)


def _change(
    items: Items, *, user: User, action: str, columns: dict[str, object], reason: str = ""
) -> int:
    """Lock the items in id order, so that two people cannot lock each other out; note, change."""
    locked = items.select_for_update(of=("self",), no_key=True).order_by("pk")
    chosen = SyncQueueItem.objects.filter(pk__in=list(locked.values_list("pk", flat=True)))
    note(items=chosen, user=user, action=action, reason=reason)
    return chosen.update(**columns)
