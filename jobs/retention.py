"""Deletes what is older than the settings keep, a slice at a time, so that no lock is held long."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Max, Q, QuerySet

from jobs.models import AlertMessage, AlertNotice, Attempt, Exchange, ExchangeBody, SyncJob
from syncqueue.models import State, SyncQueueItem

SLICE = 1000


def clean(*, now: datetime.datetime) -> dict[str, int]:
    """Returns how many rows went, by what they are."""
    return {name: sum(_slices(rows)) for name, rows in _old(now)}


def _old(now: datetime.datetime) -> Iterator[tuple[str, QuerySet[Any]]]:
    """What may go: nothing that is unsettled, and never the last job of a connection."""
    settled = Exchange.objects.filter(settled_at__isnull=False)
    yield (
        "bodies",
        ExchangeBody.objects.filter(
            exchange__in=settled.filter(created_at__lt=_ago(now, settings.SYNC_KEEP_BODIES_DAYS))
        ),
    )
    yield "exchanges", settled.filter(created_at__lt=_ago(now, settings.SYNC_KEEP_JOURNAL_DAYS))
    yield (
        "items",
        # What a person skipped stays: without it, reconciliation would queue the record again.
        SyncQueueItem.objects.filter(finished_at__lt=_ago(now, settings.SYNC_KEEP_ITEMS_DAYS))
        .exclude(state=State.SKIPPED)
        .exclude(pk__in=Attempt.objects.filter(applied_at=None).values("item_id")),
    )
    month = _ago(now, settings.SYNC_KEEP_ITEMS_DAYS)
    yield "notices", AlertNotice.objects.filter(told_over_at__lt=month)
    is_done = Q(sent_at__isnull=False) | Q(given_up_at__isnull=False)
    yield "messages", AlertMessage.objects.filter(is_done, created_at__lt=month)
    latest = SyncJob.objects.order_by().values("connection_id").annotate(last=Max("pk"))
    yield (
        "jobs",
        SyncJob.objects.filter(completed_at__lt=_ago(now, settings.SYNC_KEEP_JOBS_DAYS))
        .exclude(pk__in=latest.values("last"))
        .exclude(exchanges__settled_at=None, exchanges__isnull=False),
    )


def _ago(now: datetime.datetime, days: float) -> datetime.datetime:
    return now - datetime.timedelta(days=days)


def _slices(rows: QuerySet[Any]) -> Iterator[int]:
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:SLICE]):
        rows.model._default_manager.filter(pk__in=ids).delete()
        yield len(ids)
