"""What needs a decision in the company of the demo: rows, no jobs run."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.utils import timezone

from connectors.models import Connection, Link
from jobs.errors import fingerprint
from jobs.models import (
    Attempt,
    AttemptOutcome,
    ErrorPhase,
    Exchange,
    ExchangeBody,
    SyncError,
    SyncJob,
)
from records import models as records
from records.models import Record
from syncqueue.models import Operation, State, SyncQueueItem
from tests import factories


def decisions(books: Connection, job: SyncJob) -> None:
    """A customer that both sides changed, an invoice with other lines, one that is gone."""
    company = books.company
    ernst = records.Customer.objects.get(company=company, name="Ernst Handel")
    conflict(
        books,
        job,
        ernst,
        name={"agreed": "Ernst Handel", "ours": "Ernst Handel", "theirs": "Ernst Handel GmbH"},
        tax_number={"agreed": "ATU1", "ours": "ATU12345675", "theirs": "ATU99999999"},
    )
    invoices = records.Invoice.objects.filter(company=company).order_by("-pk")
    chai = records.Item.objects.get(company=company, name="Chai")
    there = Link.objects.get(connection=books, record_type="item", record_id=chai.pk).external_id
    line = {"key": "1", "description": "Work", "quantity": "1", "unit_price": "10", "amount": "10"}
    theirs = {**line, "quantity": "3", "amount": "30", "item": there, "description": ""}
    conflict(
        books, job, invoices[1], lines={"agreed": [line], "ours": [line], "theirs": [line, theirs]}
    )
    gone(books, job, invoices[0])


def conflict(
    books: Connection, job: SyncJob, record: Record, **fields: dict[str, Any]
) -> SyncQueueItem:
    link = Link.objects.get(connection=books, record_type=record.record_type, record_id=record.pk)
    link.conflicts, link.version = fields, "3"
    link.theirs = {name: sides["theirs"] for name, sides in fields.items()}
    link.save()
    names = ", ".join(name.replace("_", " ") for name in fields)
    return _waiting(books, job, record, "stale_version", f"both sides changed {names}.")


def gone(books: Connection, job: SyncJob, record: Record) -> SyncQueueItem:
    Link.objects.filter(
        connection=books, record_type=record.record_type, record_id=record.pk
    ).update(gone_at=timezone.now())
    return _waiting(books, job, record, "gone", "it was deleted or voided in accounting.")


def inactive_account(books: Connection, job: SyncJob, *, waiting: int = 37) -> records.Item:
    """An item whose account was made inactive there, and the invoices that wait for it."""
    company = books.company
    accounts = [
        factories.account(company=company, name=name) for name in ("4000 Sales", "4100 Sales")
    ]
    for account in accounts:
        Link.objects.create(
            connection=books,
            company=company,
            record_type="account",
            record_id=account.pk,
            external_id=f"A{account.pk}",
            theirs={"name": account.name, "is_active": account == accounts[1]},
        )
    item = factories.item(company=company, name="Filo Mix", income_account=accounts[0])
    line = {"item": item, "quantity": 1, "unit_price": Decimal("337.50")}
    for number in range(waiting):
        factories.invoice(company=company, number=f"INV-{20000 + number}", lines=[line])
    of_items = SyncQueueItem.objects.filter(record_type="item", record_id=item.pk)
    of_items.update(state=State.FAILED)
    SyncQueueItem.objects.filter(record_type="invoice", label__startswith="INV-2").update(
        state=State.BLOCKED, blocked_by_type="item", blocked_by_id=item.pk
    )
    SyncQueueItem.objects.filter(record_type="customer").delete()
    refused(
        books,
        job,
        of_items.get(),
        content={"name": item.name, "income_account": f"A{accounts[0].pk}"},
    )
    return item


def refused(
    books: Connection, job: SyncJob, item: SyncQueueItem, *, content: dict[str, Any]
) -> SyncError:
    """Sent and refused, with what was sent."""
    exchange = Exchange.objects.create(
        job=job,
        connection=books,
        company=books.company,
        is_write=True,
        method="POST",
        url="https://quickbooks.example/v3/company/9341453908/batch",
        summary="2 records, 1 refused",
        sent_at=timezone.now(),
        received_at=timezone.now(),
        settled_at=timezone.now(),
        status=200,
    )
    request = {"bId": str(item.pk), "operation": "create", "Item": {"Name": item.label}}
    answer = {"bId": str(item.pk), "Fault": {"Error": [{"code": "610"}]}}
    ExchangeBody.objects.create(
        exchange=exchange,
        company=books.company,
        request=json.dumps({"BatchItemRequest": [{"bId": "0"}, request]}).encode(),
        response=json.dumps({"BatchItemResponse": [{"bId": "0"}, answer]}).encode(),
    )
    attempt = Attempt.objects.create(
        exchange=exchange,
        company=books.company,
        item=item,
        record_type=item.record_type,
        record_id=item.record_id,
        push_id=str(item.pk),
        operation="create",
        sent_generation=1,
        content=content,
        outcome=AttemptOutcome.REJECTED,
        applied_at=timezone.now(),
    )
    said = "Something you're trying to use has been made inactive."
    return SyncError.objects.create(
        job=job,
        connection=books,
        company=books.company,
        item=item,
        attempt=attempt,
        phase=ErrorPhase.EXPORT,
        record_type=item.record_type,
        record_id=item.record_id,
        label=item.label,
        reason="missing_reference",
        code="610",
        message=f"{item.label}: {said}",
        detail=f"Object Not Found : {said}",
        fingerprint=fingerprint(books.pk, "missing_reference", "610"),
    )


def _waiting(
    books: Connection, job: SyncJob, record: Record, reason: str, said: str
) -> SyncQueueItem:
    values: dict[str, Any] = {
        "label": str(record),
        "first_operation": Operation.UPDATE,
        "operation": Operation.UPDATE,
        "rank": 30,
        "state": State.CONFLICT,
    }
    item, _is_new = SyncQueueItem.objects.update_or_create(
        connection=books,
        company=books.company,
        record_type=record.record_type,
        record_id=record.pk,
        finished_at=None,
        defaults=values,
    )
    SyncError.objects.create(
        job=job,
        connection=books,
        company=books.company,
        item=item,
        phase=ErrorPhase.IMPORT,
        record_type=record.record_type,
        record_id=record.pk,
        label=str(record),
        reason=reason,
        code="conflict",
        message=f"{record}: {said}",
        fingerprint=fingerprint(reason, record.record_type, record.pk),
    )
    return item
