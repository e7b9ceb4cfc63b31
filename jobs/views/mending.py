"""Re-dating, using another account or the like, linking to what is there: asked, then done."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from companies.models import Role
from companies.roles import requires
from companies.walls import CompanyRequest
from connectors.documents import RecordType
from connectors.interface import Outage, Remote
from connectors.models import Connection, Link
from jobs import culprits, mending, side_by_side
from jobs.culprits import Culprit
from jobs.looking import look_up
from jobs.models import SyncError, SyncErrorQuerySet
from jobs.views.repairs import answer_mended, ask, back, chosen_date, today, wanted
from records.models import RECORD_MODELS
from syncqueue.words import type_name
from ui.listings import signed_in

# More than these are not offered in one list.
CHOICES = 1000


@require_POST
@requires(Role.ACCOUNTANT)
def redate(request: CompanyRequest) -> HttpResponse:
    """Asks for the new date: the books are closed for the present one."""
    errors = wanted(request)
    date, connection = chosen_date(request), _connection(errors)
    if date is None or connection is None:
        return ask(
            request,
            errors,
            "jobs/errors_redate.html",
            _("Move to another date"),
            answer="date",
            today=today(),
        )
    mended = mending.redate(
        connection=connection, errors=errors, date=date, user=signed_in(request)
    )
    said = ngettext("%d record has a new date.", "%d records have a new date.", mended.count)
    return answer_mended(request, mended, said % mended.count)


@require_POST
@requires(Role.ACCOUNTANT)
def use_instead(request: CompanyRequest) -> HttpResponse:
    """Asks what to use instead of what is inactive or gone; the likeliest is chosen already."""
    errors = wanted(request)
    connection, culprit = _connection(errors), _culprit(errors)
    if connection is None or culprit is None:
        messages.info(
            request, _("Nothing that is inactive there could be named. Correct the record.")
        )
        return redirect(back(request))
    chosen = request.POST.get("instead", "")
    if not chosen.isdecimal():
        return _ask_instead(request, errors, connection, culprit)
    mended = mending.use_instead(
        connection=connection,
        errors=errors,
        missing=culprit.key,
        instead=int(chosen),
        user=signed_in(request),
    )
    said = ngettext("%d record is sent again.", "%d records are sent again.", mended.count)
    return answer_mended(request, mended, said % mended.count)


@require_POST
@requires(Role.ACCOUNTANT)
def link(request: CompanyRequest) -> HttpResponse:
    """Shows ours and theirs side by side; then links the two."""
    errors = wanted(request).select_related("connection")
    error = errors.order_by("pk").first()
    if error is None:
        return ask(request, errors, "jobs/errors_link.html", "", answer="do")
    external_id = request.POST.get("external_id", "").strip() or error.external_id
    remote, problem = _looked_up(error, external_id)
    do = request.POST.get("do", "")
    if remote is None or do not in {"keep", "send"}:
        return _ask_link(request, error, external_id, remote, problem)
    mended = mending.link_to(
        error=error, remote=remote, send_ours=do == "send", user=signed_in(request)
    )
    return answer_mended(request, mended, _("%s is linked.") % error.label)


def _connection(errors: SyncErrorQuerySet) -> Connection | None:
    first = errors.select_related("connection").order_by("pk").first()
    return first.connection if first else None


def _culprit(errors: SyncErrorQuerySet) -> Culprit | None:
    newest = errors.select_related("connection", "attempt").order_by("-pk").first()
    return culprits.of_errors([newest]).get(newest.pk) if newest else None


def _ask_instead(
    request: CompanyRequest, errors: SyncErrorQuerySet, connection: Connection, culprit: Culprit
) -> HttpResponse:
    return ask(
        request,
        errors,
        "jobs/errors_use_instead.html",
        _("Use another one"),
        answer="instead",
        culprit=culprit,
        what=type_name(culprit.record_type).lower(),
        choices=_choices(connection, culprit),
    )


def _choices(connection: Connection, culprit: Culprit) -> list[Any]:
    """What accounting has and is in use, of the same kind first."""
    links = Link.objects.filter(
        connection=connection, record_type=culprit.record_type, gone_at=None, is_finished=True
    ).exclude(theirs__is_active=False)
    manager: Any = RECORD_MODELS[culprit.record_type]._default_manager
    rows = manager.filter(pk__in=links.values("record_id"), deleted_at=None)
    label = RECORD_MODELS[culprit.record_type].label_field
    found = rows.exclude(pk=culprit.record.pk).order_by(label, "pk")[:CHOICES]
    kind = getattr(culprit.record, "kind", None)
    return sorted(found, key=lambda one: getattr(one, "kind", None) != kind)


def _looked_up(error: SyncError, external_id: str) -> tuple[Remote | None, str]:
    """Their object, or why it cannot be shown."""
    if not external_id:
        return None, ""
    try:
        remote = look_up(
            connection=error.connection,
            record_type=RecordType(error.record_type),
            external_id=external_id,
        )
    except Outage as outage:
        said = _("The accounting system could not be asked: %s Try again in a minute.")
        return None, said % outage.message
    return remote, "" if remote else _("There is nothing with this number in accounting.")


def _ask_link(
    request: CompanyRequest,
    error: SyncError,
    external_id: str,
    remote: Remote | None,
    problem: str,
) -> HttpResponse:
    return ask(
        request,
        type(error).objects.filter(pk=error.pk),
        "jobs/errors_link.html",
        _("Link to the existing one"),
        answer="do",
        error=error,
        external_id=external_id,
        remote=remote,
        problem=problem,
        rows=side_by_side.with_remote(error, remote) if remote else [],
    )
