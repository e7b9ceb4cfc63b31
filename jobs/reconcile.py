"""Records against links: finds what no trigger saw, and queues it.

A transaction that was open while connecting, disabled triggers or a restored dump leave no trace
in the queue. Reconciliation plans every record as an export would and queues what has a plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from connectors.documents import RANKS, RecordType
from connectors.interface import Connector
from connectors.models import Connection, Link
from connectors.registry import connector_for
from jobs.aside import BEFORE_DATE
from jobs.connect import CLOSED
from jobs.mapping import Loaded
from jobs.plan import Nothing, Planner
from records.models import RECORD_MODELS, Record
from syncqueue import transitions
from syncqueue.models import State, SyncQueueItem
from syncqueue.transitions import Entry

SLICE = 1000


@dataclass(frozen=True, slots=True)
class Tally:
    """What reconciliation found of one record type."""

    record_type: RecordType
    records: int
    linked: int
    waiting: int
    # Of these, how many were not in the queue and are now.
    queued: int


def reconcile(connection: Connection) -> Iterator[Tally]:
    """Compare everything that is exported, slice by slice, each in a transaction of its own."""
    connector = connector_for(connection)
    for record_type, direction in connector.directions.items():
        if direction.exports:
            queued = sum(
                _queue_slice(connection, connector, record_type, slice_)
                for slice_ in _slices(connection, record_type)
            )
            yield _tally(connection, record_type, queued)


def _slices(connection: Connection, record_type: RecordType) -> Iterator[list[Any]]:
    manager: Any = RECORD_MODELS[record_type]._default_manager
    last = 0
    while True:
        rows = manager.filter(company_id=connection.company_id, pk__gt=last)
        slice_ = list(rows.order_by("pk")[:SLICE])
        if not slice_:
            return
        yield slice_
        last = slice_[-1].pk


@transaction.atomic
def _queue_slice(
    connection: Connection,
    connector: Connector,
    record_type: RecordType,
    slice_: Sequence[Any],
) -> int:
    links = _linked_ids(connection, record_type, slice_)
    kept_out = _kept_out(connection, record_type, slice_)
    known = [
        record
        for record in slice_
        if record.pk not in kept_out and (record.pk in links or _is_due(connection, record))
    ]
    planner = Planner(connection=connection, connector=connector)
    plans = planner.plan(record_type, [_as_item(record_type, record) for record in known])
    records = {record.pk: record for record in known}
    entries = [
        Entry(item.record_id, item.label, Loaded(records[item.record_id]).amount)
        for item, plan in plans
        if not isinstance(plan, Nothing)
    ]
    return transitions.enqueue(
        connection=connection,
        record_type=record_type,
        rank=RANKS[record_type],
        entries=entries,
        operation="update",
        origin="reconcile",
    )


def _kept_out(
    connection: Connection, record_type: RecordType, slice_: Sequence[Record]
) -> set[int]:
    """What a person skipped or marked as done, and nobody has edited since."""
    latest = (
        SyncQueueItem.objects.filter(
            connection=connection,
            record_type=record_type,
            record_id__range=(slice_[0].pk, slice_[-1].pk),
        )
        .order_by("record_id", "-pk")
        .distinct("record_id")
    )
    rows = SyncQueueItem.objects.filter(pk__in=latest.values("pk"), state=State.SKIPPED).exclude(
        reason__in=[BEFORE_DATE, CLOSED]
    )
    skipped_at = dict(rows.values_list("record_id", "finished_at"))
    return {
        record.pk
        for record in slice_
        if (at := skipped_at.get(record.pk)) is not None and record.updated_at <= at
    }


def _is_due(connection: Connection, record: Record) -> bool:
    """Whether capture should have seen an unlinked record: it changed since we connected."""
    return record.updated_at >= connection.created_at


def _linked_ids(
    connection: Connection, record_type: RecordType, slice_: Sequence[Record]
) -> set[int]:
    links = Link.objects.filter(
        connection=connection,
        record_type=record_type,
        gone_at=None,
        record_id__range=(slice_[0].pk, slice_[-1].pk),
    )
    return set(links.values_list("record_id", flat=True))


def _as_item(record_type: RecordType, record: Record) -> SyncQueueItem:
    return SyncQueueItem(
        record_type=record_type, record_id=record.pk, label=str(record), generation=1
    )


def _tally(connection: Connection, record_type: RecordType, queued: int) -> Tally:
    manager: Any = RECORD_MODELS[record_type]._default_manager
    of_type = {"connection": connection, "record_type": record_type}
    return Tally(
        record_type=record_type,
        records=manager.filter(company_id=connection.company_id, deleted_at=None).count(),
        linked=Link.objects.filter(**of_type, gone_at=None).count(),
        waiting=SyncQueueItem.objects.open().filter(**of_type).count(),
        queued=queued,
    )
