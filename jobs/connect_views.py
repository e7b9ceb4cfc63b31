"""Connecting in the browser: there and back, with `state` against forgery."""

from __future__ import annotations

import time

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from companies.audit import audit
from companies.models import Role
from companies.roles import requires
from companies.walls import CompanyRequest
from connectors import oauth
from connectors.interface import Outage
from connectors.registry import KINDS
from jobs.connect import CannotConnect, connect

STATE_KEY = "connect_state"


def callback_address(kind: str) -> str:
    """What must be registered with the provider as the redirect address."""
    return settings.SITE_URL + reverse("connect-callback", args=[kind])


def _app(kind: str) -> oauth.OAuthApp:
    known = KINDS.get(kind)
    if known is None or known.app is None:
        raise Http404
    return known.app()


@require_GET
@requires(Role.ADMINISTRATOR)
def begin(request: CompanyRequest, kind: str) -> HttpResponse:
    """Send the person to the accounting system to approve."""
    app = _app(kind)
    if not app.client_id:
        messages.error(
            request,
            _("Set the client id and secret of your %(system)s app first: docs/connect.md.")
            % {"system": KINDS[kind].label},
        )
        return redirect("connections")
    state = oauth.new_state()
    request.session[STATE_KEY] = state
    address = oauth.authorize_url(app=app, redirect_uri=callback_address(kind), state=state)
    return redirect(address)


@require_GET
@requires(Role.ADMINISTRATOR)
def callback(request: CompanyRequest, kind: str) -> HttpResponse:
    """The person is back: take the credentials, open the connection, compare both sides."""
    app = _app(kind)
    state = request.session.pop(STATE_KEY, "")
    if not state or not constant_time_compare(state, request.GET.get("state", "")):
        messages.error(request, _("That answer was not for you or came late. Connect again."))
        return redirect("connections")
    if "code" not in request.GET or "realmId" not in request.GET:
        messages.warning(request, _("The connection was not approved. Nothing has changed."))
        return redirect("connections")
    company, user = request.company, request.user
    assert company is not None  # `requires` has looked
    assert user.is_authenticated
    try:
        credentials = oauth.exchange_code(
            app=app,
            code=request.GET["code"],
            redirect_uri=callback_address(kind),
            now=time.time(),
        )
        connection, opened = connect(
            company=company,
            kind=kind,
            account_id=request.GET["realmId"],
            credentials=credentials,
            user=user,
        )
    except (CannotConnect, Outage) as refusal:
        messages.error(request, str(refusal))
        return redirect("connections")
    audit(company=company, user=user, action="connect", target=str(connection))
    if opened.job is None:
        messages.error(request, opened.refusal)
        return redirect("connections")
    # There the date from which on documents are synchronized can be chosen while the job compares.
    return redirect("matching", connection.pk)
