"""The first page: is everything in agreement, and if not, what to do."""

from __future__ import annotations

from typing import cast

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from companies.models import Role
from companies.roles import may
from companies.walls import CompanyRequest, for_company
from connectors.models import Connection, ConnectionQuerySet
from jobs.health import healths
from jobs.tables import latest_table
from jobs.trend import trend
from jobs.verdict import needing_person, needs_of, verdict_of
from jobs.views.sync_jobs import jobs_of
from ui.pages import page

LATEST = 6


@require_safe
def overview(request: CompanyRequest) -> HttpResponse:
    connections = cast(ConnectionQuerySet, for_company(Connection.objects.all(), request.company))
    health = next(iter(healths(list(connections.open()))), None)
    needs = needs_of(health.connection) if health else []
    needing = needing_person(health.connection) if health else 0
    last = jobs_of(request).finished().order_by("-completed_at", "-pk").first()
    latest = list(jobs_of(request).order_by("-pk").values_list("pk", flat=True)[:LATEST])
    company = request.company
    return page(
        request,
        "jobs/overview.html",
        title=_("Overview"),
        verdict=verdict_of(health, needing=needing, needs=needs, last=last),
        health=health,
        needs=needs,
        trend=trend(company=company, now=timezone.now()) if company and latest else None,
        table=latest_table(jobs_of(request).filter(pk__in=latest)),
        has_jobs=bool(latest),
        may_operate=may(request.user, company, Role.OPERATOR),
    )
