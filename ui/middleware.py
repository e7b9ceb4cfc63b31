"""What every answer has: a policy for browsers, and times as the company reads them."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

# Nothing from elsewhere and no inline script. unfold's Alpine needs 'unsafe-eval', its colours
# and its charts need inline style.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'; "
    "form-action 'self'"
)


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return middleware


def company_time_zone(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Comes after the middleware that sets `request.company`."""

    def middleware(request: HttpRequest) -> HttpResponse:
        company = getattr(request, "company", None)
        with timezone.override(ZoneInfo(company.time_zone) if company else None):
            return get_response(request)

    return middleware
