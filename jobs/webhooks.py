"""A doorbell for accounting systems: a notification opens a Sync Job, which looks for itself."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from connectors.models import Connection, ConnectionState
from connectors.registry import KINDS
from jobs.control import open_job
from jobs.models import Trigger

# What Intuit sends is a few kilobytes.
MOST_BYTES = 1_000_000


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
    account_ids = known.announced(request.headers, request.body)
    if account_ids is None:
        return HttpResponse(status=401)
    ring_for(kind=kind, account_ids=account_ids)
    return HttpResponse(status=200)


def ring_for(*, kind: str, account_ids: Collection[str]) -> int:
    """A job for each connection with one of these books (an open one runs again); how many."""
    heard = Connection.objects.filter(
        kind=kind, account_id__in=account_ids, state=ConnectionState.READY
    )
    opened = [open_job(connection=each, trigger=Trigger.WEBHOOK) for each in heard]
    return sum(each.job is not None for each in opened)
