"""The schedule of a connection: when Sync Jobs start, shown while it is being changed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from companies.models import Role
from companies.roles import requires
from companies.walls import CompanyRequest, for_company
from connectors.models import Connection
from jobs import schedule as scheduling
from jobs.models import Schedule
from jobs.schedule_form import ScheduleForm, would_be
from jobs.timing import Plan, plan
from ui.listings import signed_in
from ui.pages import page


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.ADMINISTRATOR)
def schedule(request: CompanyRequest, pk: int) -> HttpResponse:
    """POST with "show" says what the form would mean, and saves nothing."""
    connection = get_object_or_404(for_company(Connection.objects.open(), request.company), pk=pk)
    present = _present(connection)
    shown: Plan | None = plan(present, now=timezone.now())
    form = ScheduleForm(request.POST if request.method == "POST" else None, instance=present)
    if form.is_bound:
        wanted = would_be(form)
        shown = _preview(wanted)
        if wanted is not None and "show" not in request.POST:
            return _saved(request, wanted)
    if getattr(request, "htmx", False):
        return render(request, "jobs/schedule_plan.html", {"plan": shown})
    return page(
        request,
        "jobs/schedule.html",
        title=_("Schedule of %s") % connection,
        form=form,
        plan=shown,
    )


def _present(connection: Connection) -> Schedule:
    """The connection's schedule, or the one that it would begin with."""
    return Schedule.objects.filter(connection=connection).first() or Schedule(
        connection=connection,
        company=connection.company,
        interval_minutes=60,
        time_zone=connection.company.time_zone,
    )


def _preview(wanted: Schedule | None) -> Plan | None:
    return plan(wanted, now=timezone.now()) if wanted else None


def _saved(request: CompanyRequest, wanted: Schedule) -> HttpResponse:
    now = timezone.now()
    scheduling.set_up(schedule=wanted, user=signed_in(request), now=now)
    messages.success(request, _("Sync Jobs start: %s.") % plan(wanted, now=now).sentence)
    return redirect("connections")
