"""How a company's connection is doing: in words, a colour, and its last thirty jobs."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.models import Connection, ConnectionState
from connectors.registry import KINDS
from jobs import marks
from jobs.models import Schedule, SyncError, SyncJob
from jobs.timing import in_words
from syncqueue.models import SyncQueueItem
from ui import moments
from ui.paging import LIMIT

STRIP = 30


@dataclass(frozen=True, slots=True)
class Health:
    """A connection with all that its card says. `strip` is oldest first."""

    connection: Connection
    system: str
    tone: str
    word: str
    shape: str
    waiting: int
    # Since when the oldest of them waits.
    oldest_at: datetime.datetime | None
    errors: int
    strip: Sequence[str]
    strip_words: str
    last: SyncJob | None
    schedule: Schedule | None
    next_words: str


def healths(connections: Sequence[Connection]) -> list[Health]:
    """One connection of a company is open: only that one has jobs and rows worth counting."""
    schedules = {
        row.connection_id: row for row in Schedule.objects.filter(connection__in=connections)
    }
    return [_health(connection, schedules.get(connection.pk)) for connection in connections]


def bounded(rows: QuerySet[Any]) -> int:
    """How many there are; one more than the limit when nobody counts on."""
    return rows.order_by()[: LIMIT + 1].count()


def system_name(kind: str) -> str:
    known = KINDS.get(kind)
    return known.label if known else kind.replace("_", " ").capitalize()


def _health(connection: Connection, schedule: Schedule | None) -> Health:
    jobs = list(connection.jobs.order_by("-pk")[:STRIP]) if connection.is_open else []
    tone, word, shape = _state(connection, jobs)
    queue = SyncQueueItem.objects.open().filter(connection=connection)
    errors = SyncError.objects.unresolved().filter(connection=connection)
    # An item is made at the first change, so that the first one is the oldest.
    own = queue.filter(company=connection.company_id)
    oldest = own.order_by("pk").first() if connection.is_open else None
    return Health(
        connection=connection,
        system=system_name(connection.kind),
        tone=tone,
        word=word,
        shape=shape,
        waiting=bounded(queue) if connection.is_open else 0,
        oldest_at=oldest.first_changed_at if oldest else None,
        errors=bounded(errors) if connection.is_open else 0,
        strip=[marks.tone(job) for job in reversed(jobs)],
        strip_words=_strip_words(jobs),
        last=jobs[0] if jobs else None,
        schedule=schedule,
        next_words=_next_words(connection, jobs, schedule),
    )


def _state(connection: Connection, jobs: Sequence[SyncJob]) -> tuple[str, str, str]:
    """The most important thing to know, as tone, word and shape."""
    now = timezone.now()
    if connection.state == ConnectionState.CLOSED:
        return "idle", _("Closed"), "link_off"
    if connection.state == ConnectionState.RECONNECT:
        return "bad", _("Reconnection needed"), "link_off"
    if is_paused(connection, now):
        return "idle", _("Paused"), "pause_circle"
    if jobs and not jobs[0].is_finished:
        return "live", _("Running"), ""
    if connection.retry_at and connection.retry_at > now:
        return "warn", _("Waiting for %s") % system_name(connection.kind), "schedule"
    if connection.state == ConnectionState.MATCHING:
        return "warn", _("Matching"), "join_inner"
    finished = {
        "ok": ("ok", _("Healthy"), ""),
        "warn": ("warn", _("With errors"), ""),
        "bad": ("bad", _("Failed"), ""),
        "idle": ("ok", _("Connected"), ""),
    }
    return finished[marks.tone(jobs[0])] if jobs else finished["idle"]


def is_paused(connection: Connection, now: datetime.datetime) -> bool:
    until = connection.paused_until
    return connection.paused_at is not None and (until is None or until > now)


def _next_words(connection: Connection, jobs: Sequence[SyncJob], schedule: Schedule | None) -> str:
    now = timezone.now()
    if jobs and not jobs[0].is_finished:
        return _("Running now")
    if is_paused(connection, now):
        until = connection.paused_until
        return _("Paused, goes on: %s") % moments.words(until, now=now) if until else _("Paused")
    if connection.retry_at and connection.retry_at > now:
        return _("Tries again: %s") % moments.words(connection.retry_at, now=now)
    if schedule and schedule.is_enabled and schedule.next_at:
        return _("Next: %s") % moments.words(schedule.next_at, now=now)
    return in_words(schedule) if schedule and schedule.is_enabled else _("Only by hand")


def _strip_words(jobs: Sequence[SyncJob]) -> str:
    """The strip for those who do not see it."""
    tones = [marks.tone(job) for job in jobs]
    count = ngettext("The last Sync Job", "The last %(count)d Sync Jobs", len(jobs))
    return _("%(jobs)s: %(ok)d without errors, %(warn)d with errors, %(bad)d failed") % {
        "jobs": count % {"count": len(jobs)},
        "ok": tones.count("ok"),
        "warn": tones.count("warn"),
        "bad": tones.count("bad"),
    }
