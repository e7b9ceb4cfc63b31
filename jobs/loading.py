"""The initial load: queues everything that accounting does not have yet, in slices.

A job with this scope may be stopped and taken over at any moment: it goes on after the last record
that it queued. What is queued is then sent like everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from connectors.documents import RANKS, RecordType
from connectors.interface import Connector
from connectors.models import Connection, Decision, Link, Match
from jobs import words
from jobs.lease import fenced
from jobs.mapping import Loaded
from jobs.work import Work
from records.models import RECORD_MODELS, Record, Status
from syncqueue import transitions
from syncqueue.transitions import Entry

SLICE = 5000
DONE = "done"


def scope() -> dict[str, Any]:
    """The scope of a job that loads, then exports and imports."""
    return {"load": True}


def exported_types(connector: Connector) -> list[RecordType]:
    """In the order in which they are sent."""
    kinds = [kind for kind, direction in connector.directions.items() if direction.exports]
    return sorted(kinds, key=lambda kind: (RANKS[kind], kind))


def run(work: Work) -> int:
    """Queue what is missing there; returns how many records this job queued. Raises Stop,
    Canceled."""
    for record_type in exported_types(work.connector):
        while _queue_slice(work, record_type):
            work.breathe()
    return int(work.job.checkpoint.get("queued", 0))


def missing(connection: Connection, record_type: RecordType) -> QuerySet[Any]:
    """Records that have no link and should have one: not deleted, not drafts, not skipped when
    they were matched, and not dated before the connection's date."""
    about = {"connection": connection, "record_type": record_type, "record_id": OuterRef("pk")}
    skipped = Match.objects.filter(**about, decision=Decision.SKIP)
    rows: QuerySet[Any] = expected(connection, record_type)
    if hasattr(rows.model, "date") and connection.not_before:
        rows = rows.filter(date__gte=connection.not_before)
    return rows.filter(~Exists(Link.objects.filter(**about)), ~Exists(skipped))


def expected(connection: Connection, record_type: RecordType) -> QuerySet[Any]:
    """Every record of this type that is synchronized at all."""
    model: Any = RECORD_MODELS[record_type]
    rows: QuerySet[Any] = model._default_manager.filter(
        company_id=connection.company_id, deleted_at=None
    )
    return rows.filter(status=Status.ISSUED) if hasattr(model, "status") else rows


def _queue_slice(work: Work, record_type: RecordType) -> bool:
    """One transaction; False when nothing of this type was left."""
    places: dict[str, Any] = work.job.checkpoint.setdefault("loaded", {})
    last = places.get(record_type, 0)
    if last == DONE:
        return False
    with fenced(work.lease):
        work.update_job(phase=_("Collecting %s") % words.plural(record_type))
        rows = list(
            missing(work.connection, record_type).filter(pk__gt=last).order_by("pk")[:SLICE]
        )
        queued = enqueue(work.connection, record_type, rows, work.job.created_by)
        places[record_type] = rows[-1].pk if len(rows) == SLICE else DONE
        work.job.checkpoint["queued"] = work.job.checkpoint.get("queued", 0) + queued
        work.update_job(checkpoint=work.job.checkpoint)
    return len(rows) == SLICE


def enqueue(
    connection: Connection, record_type: RecordType, rows: Sequence[Record], user: User | None
) -> int:
    """Queue these records, whether they were edited or not; returns how many were added."""
    return transitions.enqueue(
        connection=connection,
        record_type=record_type,
        rank=RANKS[record_type],
        entries=[Entry(record.pk, str(record), Loaded(record).amount) for record in rows],
        user_id=user.pk if user else None,
        origin="load",
    )
