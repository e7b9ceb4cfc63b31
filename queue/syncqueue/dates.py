"""The dates of the documents that wait, for books that number documents in the order of dates."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

from django.db.models import Case, DateField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from connectors.documents import RecordType
from records.models import RECORD_MODELS
from syncqueue.models import SyncQueueQuerySet

# What has no date, or goes in any order.
_FIRST = Value(datetime.date.min, output_field=DateField())


def in_order(items: SyncQueueQuerySet, record_types: Collection[RecordType]) -> SyncQueueQuerySet:
    """These types by date before all else: a number that was given out is not taken back, so that
    not even "Move to top" may overtake an older document."""
    dates = [
        When(record_type=record_type, then=Subquery(_dates(record_type)))
        for record_type in sorted(record_types)
    ]
    day = Coalesce(Case(*dates, output_field=DateField()), _FIRST)
    return items.order_by(day, "-priority", "id")


def _dates(record_type: RecordType) -> QuerySet[Any]:
    model: Any = RECORD_MODELS[record_type]  # A document: each of them has a date.
    rows: QuerySet[Any] = model.objects.filter(pk=OuterRef("record_id")).values("date")
    return rows
