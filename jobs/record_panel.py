"""What the page of a record says about accounting, and what the page of a queue item says of what
was sent before."""

from __future__ import annotations

from django.template.loader import render_to_string

from companies.models import Role
from companies.roles import may
from companies.walls import CompanyRequest
from jobs.history import history, of_record
from jobs.in_books import in_books
from jobs.models import SyncError
from records.models import Record
from records.panels import Shown
from syncqueue.models import SyncQueueItem
from syncqueue.words import record_url

LATEST = 5
ALL = 200


def accounting(request: CompanyRequest, record: Record) -> Shown | None:
    """None while the company is not connected."""
    stands = in_books(record)
    if stands is None:
        return None
    faults = SyncError.objects.unresolved().filter(
        connection=stands.connection, record_type=record.record_type, record_id=record.pk
    )
    context = {
        "stands": stands,
        "record": record,
        "events": of_record(record, limit=LATEST),
        "faults": list(faults.order_by("-pk")[:LATEST]),
        "may_operate": may(request.user, request.company, Role.OPERATOR),
        "back": record_url(record.record_type, record.pk),
    }
    return Shown(
        above=render_to_string("jobs/record_notice.html", context, request),
        below=render_to_string("jobs/record_panel.html", context, request),
    )


def sent_before(request: CompanyRequest, item: SyncQueueItem) -> str:
    """The history of the item's record, for the item's own page."""
    events = history(
        company_id=item.company_id,
        record_type=item.record_type,
        record_id=item.record_id,
        limit=ALL,
    )
    return render_to_string("jobs/record_history.html", {"events": events}, request)
