"""The connections of a company: how each is doing, and what an administrator may do with it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from companies.audit import audit
from companies.models import Role
from companies.roles import may, requires
from companies.walls import CompanyRequest, for_company
from connectors.interface import Outage
from connectors.models import Connection, ConnectionState
from connectors.registry import KINDS
from jobs import connections
from jobs.connect import CannotConnect, connect
from jobs.connection_forms import LogInForm, PauseForm, known_access
from jobs.health import Health, healths, is_paused, system_name
from jobs.models import SyncJob
from jobs.timing import Plan, plan
from syncqueue.models import SyncQueueItem
from ui import moments
from ui.listings import signed_in
from ui.pages import page

require_page = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Card:
    """A connection as the page shows it."""

    health: Health
    plan: Plan
    is_paused: bool

    @property
    def has_log_in(self) -> bool:
        return has_log_in(self.health.connection.kind)


def has_log_in(kind: str) -> bool:
    """Whether a person logs in with a form of ours, and not at the accounting system."""
    known = KINDS.get(kind)
    return known is not None and known.log_in is not None


@require_safe
def index(request: CompanyRequest) -> HttpResponse:
    rows = list(_connections(request).select_related("created_by").order_by("-pk"))
    cards = [_card(health) for health in healths(rows)]
    return page(
        request,
        "jobs/connections.html",
        title=_("Connections"),
        open_card=next((card for card in cards if card.health.connection.is_open), None),
        closed=[card for card in cards if not card.health.connection.is_open],
        kinds=[
            {"name": kind.name, "label": kind.label, "has_log_in": has_log_in(kind.name)}
            for kind in sorted(KINDS.values(), key=lambda kind: kind.label)
        ],
        may_administer=may(request.user, request.company, Role.ADMINISTRATOR),
    )


@require_page
@requires(Role.ADMINISTRATOR)
def pause(request: CompanyRequest, pk: int) -> HttpResponse:
    connection, now = _open_connection(request, pk), timezone.now()
    form = PauseForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return page(
            request,
            "jobs/pause.html",
            title=_("Pause %s") % connection,
            connection=connection,
            form=form,
            monday=connections.monday_morning(now=now, zone=connection.company.time_zone),
            running=SyncJob.objects.open().filter(connection=connection).first(),
        )
    until = form.until_when(now=now, zone=connection.company.time_zone)
    connections.pause(
        connection=connection,
        user=signed_in(request),
        reason=form.cleaned_data["reason"],
        until=until,
        now=now,
    )
    messages.success(request, _paused(connection, until))
    return redirect("connections")


@require_POST
@requires(Role.ADMINISTRATOR)
def resume(request: CompanyRequest, pk: int) -> HttpResponse:
    connection = _open_connection(request, pk)
    if connections.resume(connection=connection, user=signed_in(request), now=timezone.now()):
        messages.success(request, _("%s goes on with the next Sync Job.") % connection)
    else:
        messages.info(request, _("%s was not paused.") % connection)
    return redirect("connections")


@require_POST
@requires(Role.ADMINISTRATOR)
def check(request: CompanyRequest, pk: int) -> HttpResponse:
    """Test the connection and look at the settings there, now."""
    connection = _open_connection(request, pk)
    try:
        found = connections.check_up(connection=connection, user=signed_in(request))
    except Outage as outage:
        messages.error(request, outage.message)
        return redirect("connections")
    messages.success(request, _found(connection, found))
    return redirect("connections")


@require_page
@requires(Role.ADMINISTRATOR)
def disconnect(request: CompanyRequest, pk: int) -> HttpResponse:
    connection = _open_connection(request, pk)
    if request.method != "POST":
        waiting = SyncQueueItem.objects.open().filter(connection=connection)
        return page(
            request,
            "jobs/disconnect.html",
            title=_("Disconnect %s") % connection,
            connection=connection,
            system=system_name(connection.kind),
            waiting=waiting.count(),
            links=connection.links.count(),
            running=SyncJob.objects.open().filter(connection=connection).first(),
        )
    ended = connections.disconnect(connection=connection, user=signed_in(request))
    messages.success(request, _ended(connection, ended))
    return redirect("connections")


@require_page
@requires(Role.ADMINISTRATOR)
def log_in(request: CompanyRequest, kind: str) -> HttpResponse:
    """Connect or reconnect a system with a user and a password; the others go there to approve."""
    known = KINDS.get(kind)
    if known is None or known.log_in is None:
        raise Http404
    former = _connections(request).filter(kind=kind).order_by("-pk").first()
    form = LogInForm(request.POST or None, initial=known_access(former))
    if request.method == "POST" and form.is_valid():
        answer = _logged_in(request, kind, form)
        if answer is not None:
            return answer
    return page(
        request,
        "jobs/connection_log_in.html",
        title=_("Connect %s") % known.label,
        system=known.label,
        form=form,
    )


def _logged_in(request: CompanyRequest, kind: str, form: LogInForm) -> HttpResponse | None:
    """Opens the connection and leads to its job; None when the form shall be shown again."""
    company, opens = request.company, KINDS[kind].log_in
    assert company is not None  # `requires` has looked
    assert opens is not None  # the view has looked
    try:
        access = opens(**form.cleaned_data)
        connection, opened = connect(
            company=company,
            kind=kind,
            account_id=access.account_id,
            credentials=access.credentials,
            settings=access.settings,
            user=signed_in(request),
        )
    except (CannotConnect, Outage, ValueError) as refusal:
        form.add_error(None, str(refusal))
        return None
    audit(company=company, user=request.user, action="connect", target=connection)
    if opened.job is None:
        messages.error(request, opened.refusal)
        return redirect("connections")
    return redirect("sync-job", opened.job.pk)


def _connections(request: CompanyRequest) -> QuerySet[Connection]:
    return for_company(Connection.objects.select_related("company"), request.company)


def _open_connection(request: CompanyRequest, pk: int) -> Connection:
    return get_object_or_404(_connections(request).exclude(state=ConnectionState.CLOSED), pk=pk)


def _card(health: Health) -> Card:
    connection, now = health.connection, timezone.now()
    pauses = is_paused(connection, now)
    until = connection.paused_until if pauses else None
    return Card(health, plan(health.schedule, now=now, not_before=until), pauses)


def _paused(connection: Connection, until: datetime.datetime | None) -> str:
    if until is None:
        return _("%s is paused until somebody resumes it. Changes are noticed meanwhile.") % (
            connection
        )
    return _("%(name)s is paused: %(until)s it goes on by itself.") % {
        "name": connection,
        "until": moments.words(until, now=timezone.now()),
    }


def _found(connection: Connection, found: connections.Checked) -> str:
    said = _("%(system)s answered in %(seconds).1f s as %(name)s.") % {
        "system": system_name(connection.kind),
        "seconds": found.seconds,
        "name": found.name,
    }
    count = len(found.cautions)
    if not count:
        return f"{said} " + _("Its settings fit.")
    return f"{said} " + ngettext(
        "%(count)d of its settings needs a look: see below.",
        "%(count)d of its settings need a look: see below.",
        count,
    ) % {"count": count}


def _ended(connection: Connection, ended: connections.Ended) -> str:
    said = _("%s is disconnected. Its links and its history stay for coming back.") % connection
    if ended.skipped:
        said += " " + ngettext(
            "%(count)d record that waited is skipped.",
            "%(count)d records that waited are skipped.",
            ended.skipped,
        ) % {"count": ended.skipped}
    return said
