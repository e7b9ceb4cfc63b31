"""What exactly was sent, and what came back: of a whole request, or of one record in it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from companies.roles import may_see_bodies
from companies.walls import CompanyRequest
from jobs.masking import masked, masked_headers, masked_part
from jobs.models import Attempt, Exchange, ExchangeBody
from jobs.views.sync_jobs import jobs_of
from ui.pages import page


@require_safe
def exchange(request: CompanyRequest, pk: int, exchange_pk: int) -> HttpResponse:
    """?attempt=ID: only the part of this record, where the request has parts."""
    job = get_object_or_404(jobs_of(request), pk=pk)
    found = get_object_or_404(job.exchanges.all(), pk=exchange_pk)
    attempts = found.attempts.select_related("item").order_by("pk")
    wanted = request.GET.get("attempt", "")
    about = attempts.filter(pk=int(wanted)).first() if wanted.isdecimal() else None
    may_see = may_see_bodies(request.user, request.company)
    return page(
        request,
        "jobs/exchange.html",
        title=_("Exchange %d") % found.pk,
        job=job,
        exchange=found,
        address=masked(found.url),
        about=about,
        attempts=[about] if about else attempts[:100],
        may_see=may_see,
        body=shown_body(found, about) if may_see else None,
    )


def shown_body(found: Exchange, about: Attempt | None = None) -> dict[str, Any] | None:
    """Headers and bodies as a person may see them; None when they were deleted after their time.
    `is_part`: only what belongs to the one record."""
    body = ExchangeBody.objects.filter(pk=found.pk).first()
    if body is None:
        return None
    sent = _text(bytes(body.request))
    received = None if body.response is None else _text(bytes(body.response))
    part = masked_part(sent, about.push_id) if about else ""
    answer = masked_part(received or "", about.push_id) if about else ""
    return {
        "request_headers": masked_headers(body.request_headers),
        "request": part or masked(sent),
        "response_headers": masked_headers(body.response_headers),
        "response": None if received is None else answer or masked(received),
        "is_part": bool(part),
    }


def _text(body: bytes) -> str:
    return body.decode("utf-8", errors="replace")
