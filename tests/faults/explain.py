"""What the database and the books say of a history that failed, for whoever looks for the cause."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from connectors.models import Link, Match
from jobs.models import Attempt, Exchange, SyncError, SyncJob
from syncqueue.models import SyncQueueItem
from tests.faults.world import World


def explain(world: World) -> Iterator[str]:
    """A text of many lines."""
    mine = {"connection": world.connection}
    yield f"done: {world.done}"
    yield f"ours: {dict(world.ledger.ours)}"
    yield f"theirs: {dict(world.ledger.theirs)}"
    for job in SyncJob.objects.filter(**mine).order_by("pk"):
        yield _line("job", job, "pk state outcome trigger created_at completed_at takeovers")
        yield f"     {job.explanation} {job.checkpoint} {job.scope}"
    attempts = Attempt.objects.filter(exchange__connection=world.connection).order_by("pk")
    for exchange in Exchange.objects.filter(**mine).select_related("body").order_by("pk"):
        names = "pk job_id summary key created_at sent_at received_at status failure settled_at"
        yield _line("exchange", exchange, names)
        for attempt in attempts:
            if attempt.exchange_id == exchange.pk:
                names = "record_type record_id operation sent_generation outcome external_id code"
                yield _line("   attempt", attempt, names)
        if exchange.is_write or exchange.status != 200:
            yield f"      > {bytes(exchange.body.request)!r}"[:1500]
            yield f"      < {bytes(exchange.body.response or b'')!r}"[:1500]
    for link in Link.objects.filter(**mine).exclude(record_type__in=["account", "tax_code"]):
        yield _line("link", link, "record_type record_id external_id version ours theirs gone_at")
    for item in SyncQueueItem.objects.filter(**mine).order_by("pk"):
        names = "pk record_type record_id label state generation sent_generation attempts reason"
        yield _line("item", item, f"{names} changed_at finished_at refusal")
    for match in Match.objects.filter(**mine):
        yield _line("match", match, "record_type record_id external_id why decision")
    for error in SyncError.objects.filter(**mine).order_by("pk"):
        yield _line("error", error, "job_id record_type record_id message occurred_at resolved_at")
        yield error.detail
    yield from (f"log {row}" for row in world.books.log())


def _line(what: str, row: Any, names: str) -> str:
    return f"{what} " + " ".join(f"{name}={_short(getattr(row, name))}" for name in names.split())


def _short(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        return value.strftime("%M:%S.%f")[:-3]
    return repr(value)
