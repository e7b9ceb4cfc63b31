"""The buttons that mend: each is about the chosen errors, those of one cause, or all that the page
shows. What needs an answer first, a reason or a date, asks for it on a page of its own."""

from __future__ import annotations

import datetime
from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from companies.models import Role
from companies.roles import requires
from companies.walls import CompanyRequest
from jobs import control, repairs
from jobs.filters import ERROR_VIEWS, SyncErrorFilter
from jobs.models import SyncErrorQuerySet
from jobs.repairs import Mended
from jobs.views.errors import narrowed
from jobs.views.people import members
from jobs.views.sync_jobs import open_connection, tell
from ui.listings import signed_in
from ui.pages import page

NAMED = 8
# What the asking page hands on of what it was asked with.
SELECTION = ("cause", "all", "job", "q", "type", "reason", "whose", "view", "pick", "back")


@require_POST
@requires(Role.OPERATOR)
def retry(request: CompanyRequest) -> HttpResponse:
    """Their records wait again, and a job sends them."""
    connection = open_connection(request)
    errors = wanted(request)
    if connection is None:
        messages.warning(request, _("No accounting system is connected. Connect one first."))
    elif not errors.exists():
        messages.info(request, _("Choose errors first. These are resolved already."))
    else:
        opened = control.retry(connection=connection, errors=errors, user=signed_in(request))
        tell(request, opened, sends_again=True)
        if opened.job and opened.is_new:
            return redirect("sync-job", pk=opened.job.pk)
    return redirect(back(request))


@require_POST
@requires(Role.OPERATOR)
def hold(request: CompanyRequest) -> HttpResponse:
    """Keeps the records behind these errors from being sent until somebody releases them."""
    mended = repairs.hold(
        errors=wanted(request), user=signed_in(request), reason=_("From the errors")
    )
    said = ngettext("%d record is held.", "%d records are held.", mended.count)
    return _said(request, said % mended.count)


@require_POST
@requires(Role.OPERATOR)
def release(request: CompanyRequest) -> HttpResponse:
    mended = repairs.release(errors=wanted(request), user=signed_in(request))
    said = ngettext("%d record is released.", "%d records are released.", mended.count)
    return _said(request, said % mended.count)


@require_POST
@requires(Role.OPERATOR)
def skip(request: CompanyRequest) -> HttpResponse:
    """Asks for the reason first: a skipped record is not sent until it is edited again."""
    reason = request.POST.get("why", "").strip()
    errors = wanted(request)
    if not reason:
        return ask(request, errors, "jobs/errors_skip.html", _("Skip records"), answer="why")
    mended = repairs.skip(errors=errors, user=signed_in(request), reason=reason)
    said = ngettext("%d record is skipped.", "%d records are skipped.", mended.count)
    return _said(request, said % mended.count, mended)


@require_POST
@requires(Role.ACCOUNTANT)
def done(request: CompanyRequest) -> HttpResponse:
    """It is in the books already, or was entered there by hand."""
    errors = wanted(request)
    if "note" not in request.POST:
        return ask(request, errors, "jobs/errors_done.html", _("Mark as done"), answer="note")
    mended = repairs.mark_as_done(
        errors=errors,
        user=signed_in(request),
        note=request.POST["note"].strip(),
        external_id=request.POST.get("external_id", "").strip(),
    )
    said = ngettext("%d record is marked as done.", "%d records are marked as done.", mended.count)
    return _said(request, said % mended.count, mended)


@require_POST
@requires(Role.OPERATOR)
def assign(request: CompanyRequest) -> HttpResponse:
    """To one of the members; "" to nobody in particular."""
    chosen = request.POST.get("to", "")
    to = next((one for one in members(request) if str(one.pk) == chosen), None)
    causes = wanted(request).order_by().values_list("fingerprint", flat=True).distinct()
    connection = open_connection(request)
    if connection is None or (chosen and to is None):
        return _said(request, _("Choose one of the members of the company."))
    for fingerprint in causes:
        repairs.assign(
            connection=connection, fingerprint=fingerprint, to=to, user=signed_in(request)
        )
    if to is None:
        return _said(request, _("Nobody in particular looks after it now."))
    name = to.get_full_name() or to.get_username()
    return _said(request, _("%s looks after it now.") % name)


@require_POST
@requires(Role.OPERATOR)
def comment(request: CompanyRequest, fingerprint: str) -> HttpResponse:
    text = request.POST.get("text", "").strip()
    first = narrowed(request, {"cause": fingerprint}).select_related("connection").first()
    if first is not None and text:
        repairs.comment(
            connection=first.connection,
            fingerprint=fingerprint,
            text=text,
            user=signed_in(request),
        )
    return redirect(reverse("sync-errors-cause", args=[fingerprint]) + "#comments")


def wanted(request: CompanyRequest) -> SyncErrorQuerySet:
    """The open errors a posted form is about."""
    rows = narrowed(request, request.POST).unresolved()
    view = next((one for one in ERROR_VIEWS if one.key == request.POST.get("view")), None)
    if view is not None:
        rows = rows.filter(view.condition)
    rows = cast(SyncErrorQuerySet, SyncErrorFilter(request.POST, rows, request=request).qs)
    if "pick" in request.POST or ("cause" not in request.POST and "all" not in request.POST):
        ids = [int(value) for value in request.POST.getlist("pick") if value.isdecimal()]
        rows = rows.filter(pk__in=ids)
    return rows


def ask(
    request: CompanyRequest,
    errors: SyncErrorQuerySet,
    template: str,
    title: str,
    *,
    answer: str,
    **context: Any,
) -> HttpResponse:
    """The page that asks before something is done; it posts to the same address again."""
    first = list(errors.order_by("pk")[:NAMED])
    if not first:
        return _said(request, _("Choose errors first. These are resolved already."))
    count = errors.order_by().count()
    kept = [(name, value) for name in SELECTION for value in request.POST.getlist(name)]
    return page(
        request,
        template,
        title=title,
        first=first,
        count=count,
        more=count - len(first),
        kept=kept,
        back=back(request),
        is_missing=answer in request.POST,
        **context,
    )


def answer_mended(request: CompanyRequest, mended: Mended, said: str) -> HttpResponse:
    """After something was mended, its job is what a person wants to see."""
    if mended.refusal:
        messages.error(request, mended.refusal)
        return redirect(back(request))
    messages.info(request, said)
    if mended.opened is None:
        return redirect(back(request))
    tell(request, mended.opened, sends_again=True)
    if mended.opened.job and mended.opened.is_new:
        return redirect("sync-job", pk=mended.opened.job.pk)
    return redirect(back(request))


def chosen_date(request: CompanyRequest) -> datetime.date | None:
    try:
        return parse_date(request.POST.get("date", ""))
    except ValueError:  # A date such as 31 February.
        return None


def today() -> datetime.date:
    return timezone.localdate()


def back(request: CompanyRequest) -> str:
    address = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()):
        return address
    return reverse("sync-errors")


def _said(request: CompanyRequest, words: str, mended: Mended | None = None) -> HttpResponse:
    if mended and mended.left:
        words += " " + _("What was sent and not answered yet cannot be changed.")
    if mended and mended.refusal:
        words = mended.refusal
    messages.info(request, words)
    return redirect(back(request))
