"""“Do not synchronize before”: the date from which on documents go to accounting."""

from __future__ import annotations

import datetime
from itertools import groupby

from django.contrib.auth.models import User
from django.db import transaction

from companies.audit import audit
from connectors.documents import RANKS, RecordType
from connectors.models import Connection
from jobs.aside import BEFORE_DATE
from jobs.models import SyncError
from syncqueue import control, transitions
from syncqueue.models import State, SyncQueueItem
from syncqueue.transitions import Entry


@transaction.atomic
def choose(*, connection: Connection, day: datetime.date | None, user: User) -> int:
    """Set the date. What waited or was left out because of the former one is looked at again: the
    next job decides. Returns how many records that are."""
    row = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    before = row.not_before
    if before == day:
        return 0
    row.settings["not_before"] = day.isoformat() if day else None
    row.save(update_fields=["settings"])
    connection.settings = row.settings
    audit(
        company=row.company,
        user=user,
        action="connection.not_before",
        target=row,
        old=before.isoformat() if before else None,
        new=day.isoformat() if day else None,
    )
    if before is None or (day is not None and day > before):
        return 0
    return _refused(row) + _left_out(row, user)


def _refused(connection: Connection) -> int:
    """Payments that settle a document which was too early."""
    errors = SyncError.objects.unresolved().filter(connection=connection, code=BEFORE_DATE)
    items = SyncQueueItem.objects.filter(pk__in=errors.exclude(item=None).values("item"))
    return control.requeue(items=items)


def _left_out(connection: Connection, user: User) -> int:
    """Documents that a job has skipped."""
    skipped = SyncQueueItem.objects.filter(
        connection=connection, state=State.SKIPPED, reason=BEFORE_DATE
    )
    rows = skipped.order_by("record_type", "record_id", "-pk").distinct("record_type", "record_id")
    found = list(rows.values_list("record_type", "record_id", "label", "amount"))
    by_type = groupby(found, key=lambda row: row[0])
    counts = (
        transitions.enqueue(
            connection=connection,
            record_type=record_type,
            rank=RANKS[RecordType(record_type)],
            entries=[Entry(pk, label, amount) for _type, pk, label, amount in group],
            user_id=user.pk,
            origin="load",
        )
        for record_type, group in by_type
    )
    return sum(counts)
