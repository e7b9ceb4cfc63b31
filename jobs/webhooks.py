"""A doorbell for accounting systems: a notification opens a Sync Job, which looks for itself."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from connectors.documents import RecordType
from connectors.interface import Announcement
from connectors.models import Connection, ConnectionState, Cursor, Link
from connectors.registry import KINDS, Kind
from jobs.control import open_job
from jobs.models import SyncJob, Trigger

# What Intuit sends is a few kilobytes.
MOST_BYTES = 1_000_000
# So long after a job announcements may be echoes of its export.
ECHOES = datetime.timedelta(minutes=15)
BEFORE_ALL = datetime.datetime.min.replace(tzinfo=datetime.UTC)


@csrf_exempt
@login_not_required
@require_POST
def hear(request: HttpRequest, kind: str) -> HttpResponse:
    """Answered at once, as the provider wants it; the signature is the log-in."""
    known = KINDS.get(kind)
    if known is None or known.announced is None:
        raise Http404
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return HttpResponse(status=413)
    announced = known.announced(request.headers, request.body)
    if announced is None:
        return HttpResponse(status=401)
    ring_for(kind=known, announced=announced, now=timezone.now())
    return HttpResponse(status=200)


def ring_for(*, kind: Kind, announced: Sequence[Announcement], now: datetime.datetime) -> int:
    """A job for each connection with one of these books (an open one runs again); how many."""
    heard = Connection.objects.filter(
        kind=kind.name,
        account_id__in={each.account_id for each in announced},
        state=ConnectionState.READY,
    )
    jobs = 0
    for connection in heard:
        changes = [each for each in announced if each.account_id == connection.account_id]
        if not _is_echo(connection, kind, changes, now):
            jobs += open_job(connection=connection, trigger=Trigger.WEBHOOK).job is not None
    return jobs


def _is_echo(
    connection: Connection, kind: Kind, changes: Sequence[Announcement], now: datetime.datetime
) -> bool:
    """Whether a job that wrote has read all this itself: its export is announced like any change,
    and its import came after it. What only *might* have been read rings; a change that was being
    made during that import is read by the next one, which overlaps with it."""
    if kind.read_until is None or not _has_just_written(connection, now):
        return False
    cursors = Cursor.objects.filter(connection=connection)
    read = {each.record_type: kind.read_until(each.position) for each in cursors}
    objects = {(each.record_type, each.external_id) for each in changes}
    return _are_linked(connection, objects) and all(
        each.at is not None and each.at <= (read.get(str(each.record_type)) or BEFORE_ALL)
        for each in changes
    )


def _has_just_written(connection: Connection, now: datetime.datetime) -> bool:
    latest = SyncJob.objects.finished().filter(connection=connection).order_by("-id").first()
    return bool(
        latest and latest.exported and latest.completed_at and now - latest.completed_at < ECHOES
    )


def _are_linked(connection: Connection, objects: set[tuple[RecordType | None, str]]) -> bool:
    links = Link.objects.filter(
        connection=connection,
        record_type__in={record_type for record_type, _ in objects if record_type},
        external_id__in={external_id for _, external_id in objects},
    )
    return objects <= set(links.values_list("record_type", "external_id"))
