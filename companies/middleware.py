"""Which company a request is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse

from companies.models import Company
from companies.roles import memberships_of
from companies.walls import CompanyRequest, companies_of

SESSION_KEY = "company_id"


def current_company(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Sets `request.company`: the one chosen last, else the first by name, else None."""

    def middleware(request: HttpRequest) -> HttpResponse:
        cast(CompanyRequest, request).company = _company_of(request)
        return get_response(request)

    return middleware


def _company_of(request: HttpRequest) -> Company | None:
    if not request.user.is_authenticated:
        return None
    chosen: int = request.session.get(SESSION_KEY, 0)
    if request.user.is_superuser:
        companies = companies_of(request.user)
        return companies.filter(pk=chosen).first() or companies.first()
    # A membership that ended meanwhile is not found here, whatever the session says.
    memberships = memberships_of(request.user)
    membership = memberships.get(chosen) or next(iter(memberships.values()), None)
    return membership.company if membership else None
