"""Changing to another company, and the page that says no."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from companies.middleware import SESSION_KEY
from companies.walls import companies_of
from ui.pages import page


@require_POST
def switch_company(request: HttpRequest) -> HttpResponse:
    """POST company=<id>&next=<address>: goes on there as that company."""
    chosen = request.POST.get("company", "")
    company = companies_of(request.user).filter(pk=chosen).first() if chosen.isdecimal() else None
    if company is None:
        raise PermissionDenied(
            _("You do not belong to this company. Ask one of its administrators to add you.")
        )
    request.session[SESSION_KEY] = company.pk
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return redirect(target if is_ours else "/")


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The project's handler403: inside the shell, with the reason and what to do."""
    sentence = str(exception) or _(
        "Your role does not allow this. Ask an administrator of the company for it."
    )
    return page(
        request, "companies/refused.html", status=403, title=_("Not allowed"), sentence=sentence
    )
