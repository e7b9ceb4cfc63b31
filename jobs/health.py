"""How a company's connection is doing: in words, a colour, and its last thirty jobs."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from companies.models import Company
from connectors.models import Connection, ConnectionState, Link
from connectors.registry import KINDS
from jobs import marks
from jobs.models import Schedule, SyncError, SyncJob
from jobs.timing import in_words
from syncqueue.models import State, SyncQueueItem
from ui import moments

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
    errors: int
    strip: Sequence[str]
    strip_words: str
    last: SyncJob | None
    schedule: Schedule | None
    next_words: str

    @property
    def schedule_words(self) -> str:
        return schedule_words(self.schedule)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How much of what is synchronized is the same on both sides."""

    needs_person: int
    agreed: int
    total: int


def healths(connections: Sequence[Connection]) -> list[Health]:
    """Four queries: of the connections of a company one is open, and only that one has a strip."""
    ids = [connection.pk for connection in connections]
    errors = _counts(SyncError.objects.unresolved().filter(connection__in=ids))
    waiting = _counts(SyncQueueItem.objects.open().filter(connection__in=ids))
    schedules = {row.connection_id: row for row in Schedule.objects.filter(connection__in=ids)}
    return [
        _health(
            connection,
            jobs=list(connection.jobs.order_by("-pk")[:STRIP]) if connection.is_open else [],
            errors=errors.get(connection.pk, 0),
            waiting=waiting.get(connection.pk, 0),
            schedule=schedules.get(connection.pk),
        )
        for connection in connections
    ]


def agreement(company: Company | None) -> Agreement:
    """Records that are linked and have nothing open, out of all that are linked or waiting."""
    items = SyncQueueItem.objects.open().filter(company=company)
    links = Link.objects.filter(company=company, gone_at=None)
    same = links.filter(
        connection=OuterRef("connection"),
        record_type=OuterRef("record_type"),
        record_id=OuterRef("record_id"),
    )
    counts = items.annotate(has_link=Exists(same)).aggregate(
        all=Count("pk"),
        linked=Count("pk", filter=Q(has_link=True)),
        person=Count("pk", filter=Q(state__in=[State.FAILED, State.CONFLICT], held_at=None)),
    )
    agreed = max(links.count() - counts["linked"], 0)
    return Agreement(counts["person"], agreed, agreed + counts["all"])


def system_name(kind: str) -> str:
    known = KINDS.get(kind)
    return known.label if known else kind.replace("_", " ").capitalize()


def schedule_words(schedule: Schedule | None) -> str:
    """One sentence: when jobs start by themselves."""
    return in_words(schedule) if schedule and schedule.is_enabled else _("Only by hand")


def _health(
    connection: Connection,
    *,
    jobs: Sequence[SyncJob],
    errors: int,
    waiting: int,
    schedule: Schedule | None,
) -> Health:
    tone, word, shape = _state(connection, jobs)
    return Health(
        connection=connection,
        system=system_name(connection.kind),
        tone=tone,
        word=word,
        shape=shape,
        waiting=waiting,
        errors=errors,
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
    if _is_paused(connection, now):
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


def _is_paused(connection: Connection, now: datetime.datetime) -> bool:
    until = connection.paused_until
    return connection.paused_at is not None and (until is None or until > now)


def _next_words(connection: Connection, jobs: Sequence[SyncJob], schedule: Schedule | None) -> str:
    now = timezone.now()
    if jobs and not jobs[0].is_finished:
        return _("Running now")
    if connection.retry_at and connection.retry_at > now:
        return _("Tries again: %s") % moments.words(connection.retry_at, now=now)
    if schedule and schedule.is_enabled and schedule.next_at:
        return _("Next: %s") % moments.words(schedule.next_at, now=now)
    return schedule_words(schedule)


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


def _counts(rows: Any) -> dict[int, int]:
    return dict(rows.order_by().values_list("connection").annotate(Count("pk")))
