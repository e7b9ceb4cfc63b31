"""What the page of a record says about accounting: link, place in the queue, latest tries."""

from __future__ import annotations

from django.template.loader import render_to_string

from companies.walls import CompanyRequest
from connectors.models import Connection, Link
from jobs.models import Attempt, SyncError
from records.models import Record
from syncqueue.models import SyncQueueItem

LATEST = 5


def accounting(request: CompanyRequest, record: Record) -> str:
    """Empty while the company is not connected."""
    connection = Connection.objects.open().filter(company_id=record.company_id).first()
    if connection is None:
        return ""
    of_record = {"record_type": record.record_type, "record_id": record.pk}
    attempts = Attempt.objects.filter(**of_record, company_id=record.company_id)
    return render_to_string(
        "jobs/record_panel.html",
        {
            "connection": connection,
            "link": Link.objects.filter(connection=connection, **of_record).first(),
            "item": SyncQueueItem.objects.open().filter(connection=connection, **of_record).first(),
            "attempts": attempts.select_related("exchange").order_by("-pk")[:LATEST],
            "faults": SyncError.objects.unresolved().filter(connection=connection, **of_record),
        },
        request,
    )
