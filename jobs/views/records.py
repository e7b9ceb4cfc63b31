"""What a person asks of one record: send it now, pull it, and why it is sent again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from companies.models import Role
from companies.roles import may, may_see_bodies, requires
from companies.walls import CompanyRequest, for_company
from connectors.documents import RecordType
from jobs import differences, sync_now
from jobs.control import Opened
from jobs.history import of_record
from jobs.in_books import InBooks, in_books
from jobs.preview import preview
from jobs.record_panel import ALL
from jobs.views.sync_jobs import open_connection, tell
from records.models import RECORD_MODELS, Record
from syncqueue.views import back_of, chosen_of
from syncqueue.words import record_url
from ui.listings import signed_in
from ui.pages import page


@require_POST
@requires(Role.OPERATOR)
def record_sync_now(request: CompanyRequest, kind: str, pk: int) -> HttpResponse:
    record, connection = _record(request, kind, pk), open_connection(request)
    if connection is None:
        return _not_connected(request, record)
    opened = sync_now.sync_record(connection=connection, record=record, user=signed_in(request))
    return _said(request, opened, _address(record))


@require_POST
@requires(Role.OPERATOR)
def record_pull(request: CompanyRequest, kind: str, pk: int) -> HttpResponse:
    record, connection = _record(request, kind, pk), open_connection(request)
    if connection is None:
        return _not_connected(request, record)
    opened = sync_now.pull_record(connection=connection, record=record, user=signed_in(request))
    return _said(request, opened, _address(record))


@require_POST
@requires(Role.OPERATOR)
def items_sync_now(request: CompanyRequest) -> HttpResponse:
    """The chosen records of the Sync Queue."""
    connection, items = open_connection(request), chosen_of(request)
    if connection is None:
        messages.warning(request, _("No accounting system is connected. Connect one first."))
        return redirect(back_of(request))
    opened = sync_now.sync_items(connection=connection, items=items, user=signed_in(request))
    return _said(request, opened, back_of(request))


@require_safe
def record_why(request: CompanyRequest, kind: str, pk: int) -> HttpResponse:
    """What differs, since when and by whom, and what would be sent; then the whole history."""
    record = _record(request, kind, pk)
    stands = in_books(record)
    return page(
        request,
        "jobs/record_why.html",
        title=_("Why again?"),
        record=record,
        url=record_url(kind, pk),
        back=request.path,
        stands=stands,
        events=of_record(record, limit=ALL),
        may_operate=may(request.user, request.company, Role.OPERATOR),
        may_see=may_see_bodies(request.user, request.company),
        **(_differing(record, stands) if stands else {}),
    )


def _differing(record: Record, stands: InBooks) -> Mapping[str, Any]:
    key = (RecordType(record.record_type), record.pk)
    return {
        "changes": differences.of_records(stands.connection, {key}).get(key),
        "nothing_agreed": sync_now.not_exportable(record)
        or _("Nothing was agreed yet: accounting does not have it."),
        "plan": preview(connection=stands.connection, record=record),
        "item": stands.item,
    }


def _record(request: CompanyRequest, kind: str, pk: int) -> Record:
    model = RECORD_MODELS.get(kind)
    if model is None:
        raise Http404
    return get_object_or_404(for_company(model._default_manager.all(), request.company), pk=pk)


def _address(record: Record) -> str:
    return record_url(record.record_type, record.pk)


def _said(request: CompanyRequest, opened: Opened, back: str) -> HttpResponse:
    """A new job is seen on its page; a refusal where the person was."""
    tell(request, opened, sends_again=True)
    if opened.job is not None and opened.is_new:
        return redirect("sync-job", pk=opened.job.pk)
    return redirect(back)


def _not_connected(request: CompanyRequest, record: Record) -> HttpResponse:
    messages.warning(request, _("No accounting system is connected. Connect one first."))
    return redirect(_address(record))
