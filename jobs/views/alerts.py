"""What the signed-in person is told about the company, and what they were told."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from companies.models import Role
from companies.roles import requires
from companies.walls import CompanyRequest
from jobs.alerts import choosing
from jobs.alerts.form import AlertForm
from jobs.alerts.problems import kind_of, path_of
from jobs.alerts.telling import channels
from jobs.models import Alert, AlertNotice
from ui.listings import signed_in
from ui.pages import page

LATEST = 10


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.VIEWER)
def alerts(request: CompanyRequest) -> HttpResponse:
    alert = _own(request) or Alert(user=signed_in(request), company=request.company)
    form = AlertForm(request.POST if request.method == "POST" else None, instance=alert)
    if request.method == "POST" and form.is_valid():
        secret = choosing.set_up(alert=form.instance)
        messages.success(request, _saved(form.instance))
        return _shown(request, form.instance, secret=secret) if secret else redirect("alerts")
    return _shown(request, alert, form=form)


@require_POST
@requires(Role.VIEWER)
def test(request: CompanyRequest) -> HttpResponse:
    told = choosing.send_test(alert=_existing(request))
    for has_arrived, sentence in told:
        (messages.success if has_arrived else messages.error)(request, sentence)
    if not told:
        messages.info(request, _("Choose e-mail or a webhook first, and save."))
    return redirect("alerts")


@require_POST
@requires(Role.ADMINISTRATOR)
def renew_secret(request: CompanyRequest) -> HttpResponse:
    """Answered at once: the secret is kept nowhere that it could be shown from again."""
    alert = _existing(request)
    return _shown(request, alert, secret=choosing.renew_secret(alert=alert))


def _shown(
    request: CompanyRequest, alert: Alert, *, form: AlertForm | None = None, secret: str = ""
) -> HttpResponse:
    notices = alert.notices.select_related("connection") if alert.pk else AlertNotice.objects.none()
    latest = notices.order_by(F("over_at").desc(nulls_first=True), "-pk")[:LATEST]
    return page(
        request,
        "jobs/alerts.html",
        title=_("Alerts"),
        alert=alert,
        form=form or AlertForm(instance=alert),
        secret=secret,
        channels=channels(alert),
        notices=[(one, path_of(kind_of(one.problem), one.problem)) for one in latest],
        unsent=_unsent(alert),
        has_mail_server=settings.HAS_MAIL_SERVER,
    )


def _unsent(alert: Alert) -> object:
    """The newest message that has not arrived, and why."""
    if not alert.pk:
        return None
    return alert.messages.filter(sent_at=None).exclude(failure="").order_by("-pk").first()


def _own(request: CompanyRequest) -> Alert | None:
    rows = Alert.objects.select_related("user", "company")
    return rows.filter(user=signed_in(request), company=request.company).first()


def _existing(request: CompanyRequest) -> Alert:
    rows = Alert.objects.select_related("user", "company")
    return get_object_or_404(rows, user=signed_in(request), company=request.company)


def _saved(alert: Alert) -> str:
    if not channels(alert):
        return _("You are told nothing about %s.") % alert.company
    return _("You are told about problems of %s.") % alert.company
