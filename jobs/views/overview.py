"""The first page: is everything in agreement, and if not, what to do. Also the connections."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from companies.models import Role
from companies.roles import may
from companies.walls import CompanyRequest, for_company
from connectors.models import Connection, ConnectionState
from connectors.registry import KINDS
from jobs.health import agreement, healths
from jobs.tables import latest_table
from jobs.views.sync_jobs import jobs_of
from ui.pages import page

LATEST = 6


@require_safe
def overview(request: CompanyRequest) -> HttpResponse:
    connections = _connections(request).exclude(state=ConnectionState.CLOSED)
    found = healths(list(connections.order_by("pk")))
    latest = list(jobs_of(request).order_by("-pk").values_list("pk", flat=True)[:LATEST])
    return page(
        request,
        "jobs/overview.html",
        title=_("Overview"),
        healths=found,
        errors=sum(health.errors for health in found),
        agreement=agreement(request.company),
        last_checked=jobs_of(request).finished().order_by("-completed_at", "-pk").first(),
        table=latest_table(jobs_of(request).filter(pk__in=latest)),
        has_jobs=bool(latest),
        may_operate=may(request.user, request.company, Role.OPERATOR),
    )


@require_safe
def connections(request: CompanyRequest) -> HttpResponse:
    """Read only: connecting and the schedule have pages of their own."""
    rows = list(_connections(request).order_by("-pk"))
    return page(
        request,
        "jobs/connections.html",
        title=_("Connections"),
        healths=healths(rows),
        has_open=any(connection.is_open for connection in rows),
        kinds=sorted(KINDS.values(), key=lambda kind: kind.label),
        may_administer=may(request.user, request.company, Role.ADMINISTRATOR),
    )


def _connections(request: CompanyRequest) -> QuerySet[Connection]:
    return for_company(Connection.objects.all(), request.company)
