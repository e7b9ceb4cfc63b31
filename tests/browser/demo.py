"""A company in the middle of a working day, for pictures and browser tests: rows, no jobs run."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal

from django.contrib.auth.models import User
from django.utils import timezone

from companies.models import Company, Role
from connectors.documents import RecordType, to_json
from connectors.models import Connection, Link
from jobs import mapping
from jobs.errors import explain, fingerprint
from jobs.models import (
    Attempt,
    ErrorPhase,
    Exchange,
    ExchangeBody,
    JobOutcome,
    JobState,
    Schedule,
    SyncError,
    SyncJob,
    Trigger,
)
from records import models as records
from syncqueue.models import Operation, State, SyncQueueItem
from tests import factories
from tests.browser import demo_conflicts, demo_setup

PASSWORD = "northwind-2026"
# Of the invoices, in their order: those of a closed period, and those with a wrong memo.
CLOSED, WRONG = range(20, 34), range(34, 37)
NAMES = (
    "Around the Horn",
    "Berglunds snabbköp",
    "Bon app'",
    "Chop-suey Chinese",
    "Eastern Connection",
    "Ernst Handel",
    "Folies gourmandes",
    "Hungry Owl All-Night Grocers",
)
ITEMS = ("Chai", "Chang", "Aniseed Syrup", "Ikura", "Konbu", "Tofu", "Pavlova", "Gula Malacca")
# By the last digit of a job's number; all others succeed.
OUTCOMES = {2: JobOutcome.WITH_ERRORS, 6: JobOutcome.FAILED, 9: JobOutcome.WITH_ERRORS}


def company() -> tuple[Company, User, Connection]:
    """Northwind Traders, its operator Nancy, and its books."""
    northwind = factories.company(name="Northwind Traders", time_zone="America/New_York")
    nancy = factories.member(
        company=northwind,
        role=Role.ADMINISTRATOR,
        may_see_bodies=True,
        username="nancy",
        password=PASSWORD,
        first_name="Nancy",
        last_name="Davolio",
        email="nancy@northwind.example",
    )
    books = factories.connection(
        company=northwind, name="Northwind Traders Inc.", account_id="9341453908"
    )
    Schedule.objects.create(
        connection=books,
        company=northwind,
        is_enabled=True,
        interval_minutes=240,
        time_zone="America/New_York",
        next_at=timezone.now() + datetime.timedelta(hours=2),
    )
    return northwind, nancy, books


def fill(*, jobs: int = 12) -> User:
    """Jobs (at least eleven), the last of them running, with exchanges, errors and a queue."""
    chance = random.Random(7)
    northwind, nancy, books = company()
    _records(northwind, books)
    made = [_job(books, nancy, number, jobs, chance) for number in range(jobs - 1)]
    running = running_job(books, nancy)
    _exchanges(running, running.requests, refused=6)
    _exchanges(made[-1], 23, refused=3)
    _errors(running, made)
    _queue(books, nancy)
    _agreements(books)
    _attempts(running)
    demo_conflicts.decisions(books, made[-1])
    demo_setup.fill(northwind, nancy, books)
    return nancy


def running_job(books: Connection, user: User | None = None) -> SyncJob:
    """A job that is about half way through the invoices."""
    ago = timezone.now() - datetime.timedelta(minutes=12)
    return SyncJob.objects.create(
        connection=books,
        company=books.company,
        created_by=user,
        state=JobState.EXPORTING,
        created_at=ago,
        sent_request_at=ago + datetime.timedelta(seconds=2),
        received_response_at=timezone.now() - datetime.timedelta(seconds=3),
        phase="Exporting invoices",
        progress=122,
        progress_total=144,
        imported=13,
        unchanged=37,
        blocked=9,
        requests=7,
    )


def finish(job: SyncJob, *, outcome: JobOutcome = JobOutcome.SUCCEEDED) -> None:
    """What the worker would do at the end."""
    job.state, job.outcome = JobState.FINISHED, outcome
    job.completed_at = timezone.now()
    job.save()


def error(job: SyncJob, *, reason: str = "validation", **fields: object) -> SyncError:
    """An open error, counted on its job as the engine counts it."""
    label = str(fields.get("label", ""))
    defaults = {
        "phase": ErrorPhase.EXPORT,
        "reason": reason,
        "message": f"{label}: the name has characters that accounting does not take.",
        "advice": str(explain(reason).advice),
        "fingerprint": fingerprint(job.connection_id, reason, label),
    }
    made = SyncError.objects.create(
        job=job, connection=job.connection, company=job.company, **defaults | fields
    )
    job.error_count += 1
    job.failed += 1
    job.save(update_fields=["error_count", "failed"])
    return made


def _records(northwind: Company, books: Connection) -> None:
    for name in NAMES:
        factories.customer(company=northwind, name=name)
    for name in ITEMS:
        factories.item(company=northwind, name=name)
    customers = list(records.Customer.objects.filter(company=northwind).order_by("pk"))
    items = list(records.Item.objects.filter(company=northwind).order_by("pk"))
    for number in range(10248, 10290):
        line = {
            "item": items[number % 8],
            "quantity": 1 + number % 5,
            "unit_price": Decimal("18.4"),
        }
        factories.invoice(
            company=northwind,
            customer=customers[number % 8],
            number=f"INV-{number}",
            due_date=datetime.date(2026, 3, 31),
            lines=[line],
        )
    SyncQueueItem.objects.all().delete()
    for model in (records.Customer, records.Item, records.Invoice):
        for row in model.objects.filter(company=northwind):
            Link.objects.create(
                connection=books,
                company=northwind,
                record_type=model.record_type,
                record_id=row.pk,
                external_id=str(row.pk),
            )


def _job(books: Connection, user: User, number: int, total: int, chance: random.Random) -> SyncJob:
    start = timezone.now() - datetime.timedelta(hours=4 * (total - number), minutes=number % 50)
    outcome = (
        JobOutcome.CANCELED if number == 25 else OUTCOMES.get(number % 10, JobOutcome.SUCCEEDED)
    )
    took = datetime.timedelta(minutes=chance.randint(4, 9))
    return SyncJob.objects.create(
        connection=books,
        company=books.company,
        trigger=Trigger.MANUAL if number % 6 == 0 else Trigger.SCHEDULE,
        created_by=user if number % 6 == 0 else None,
        state=JobState.FINISHED,
        outcome=outcome,
        created_at=start,
        sent_request_at=start + datetime.timedelta(seconds=3),
        received_response_at=start + took * 0.8,
        completed_at=start + took,
        exported=0 if number == total - 2 else chance.randint(0, 480),
        imported=chance.randint(0, 40),
        unchanged=chance.randint(0, 60),
        requests=chance.randint(4, 30),
        explanation="QuickBooks Online did not answer five times in a row."
        if outcome == JobOutcome.FAILED
        else "",
    )


def _exchanges(job: SyncJob, count: int, *, refused: int) -> None:
    """Batches of 30, of which every seventh has so many refused."""
    at = job.sent_request_at or job.created_at
    writes = 0
    for number in range(count):
        is_read, is_refused = number % 4 == 3, number % 7 == 2
        sent = at + datetime.timedelta(seconds=2 * number)
        what = "12 changed objects" if is_read else "30 invoices"
        exchange = Exchange.objects.create(
            job=job,
            connection=job.connection,
            company=job.company,
            is_write=not is_read,
            method="GET" if is_read else "POST",
            url="https://quickbooks.example/v3/company/9341453908/"
            + ("cdc" if is_read else "batch"),
            summary=f"{what}, 2 refused" if is_refused else what,
            sent_at=sent,
            created_at=sent,
            received_at=sent + datetime.timedelta(seconds=1),
            status=400 if is_refused else 200,
            took_ms=600 + 110 * (number % 8),
            key="" if is_read else "k5q2m7x3a4b6c2d3e4f5",
        )
        if not is_read:
            _batch(exchange, writes, refused if is_refused else 0)
            writes += 1
        ExchangeBody.objects.create(
            exchange=exchange,
            company=job.company,
            request_headers={"Authorization": "Bearer abcdef123456", "Accept": "application/json"},
            request=b'{"BatchItemRequest":[{"bId":"1","operation":"create","Invoice":'
            b'{"DocNumber":"INV-10248","TotalAmt":440.00,"BillEmail":{"Address":"a@b.example"}}}]}',
            response_headers={"Content-Type": "application/json", "intuit_tid": "1-66f2"},
            response=b'{"BatchItemResponse":[{"bId":"1","Invoice":{"Id":"145","SyncToken":"0"}}]}',
        )


def _batch(exchange: Exchange, number: int, refused: int) -> None:
    """What a batch sent, long finished: the items are gone. The first two are customers."""
    first = 1_000_000 + 1000 * exchange.pk
    Attempt.objects.bulk_create(
        Attempt(
            exchange=exchange,
            company=exchange.company,
            item_id=first + place,
            record_type="invoice" if number > 1 else "customer",
            record_id=first + place,
            push_id=str(place),
            operation="create",
            sent_generation=1,
            outcome="rejected" if place < refused else "accepted",
            applied_at=exchange.received_at,
        )
        for place in range(30)
    )
    exchange.job.exported += 30 - refused
    exchange.job.save(update_fields=["exported"])


def _errors(running: SyncJob, made: list[SyncJob]) -> None:
    company = running.company
    invoices = list(records.Invoice.objects.filter(company=company).order_by("pk"))
    refused = [job for job in made if job.outcome == JobOutcome.WITH_ERRORS]
    for job in made:
        if job.outcome == JobOutcome.FAILED:
            error(job, reason="transient", message="QuickBooks Online did not answer.")
    for number, invoice in enumerate(invoices[CLOSED.start : CLOSED.stop]):
        _error_of(
            refused[-1] if number < 9 else running,
            invoice,
            "closed_period",
            code="6210",
            cause="closed",
            said="The books are closed up to 31 October 2026. This invoice is dated 29 October.",
        )
    horn = records.Customer.objects.filter(company=company).order_by("pk").first()
    assert horn is not None
    _error_of(
        running,
        horn,
        "duplicate",
        code="6240",
        cause="horn",
        said="QuickBooks keeps names unique. A vendor of this name was created there on 3 May.",
    )
    for invoice in invoices[WRONG.start : WRONG.stop]:
        _error_of(
            refused[-2],
            invoice,
            "validation",
            code="2040",
            cause="memo",
            said="The memo contains a character that QuickBooks does not take.",
        )
    _error_of(
        refused[-2],
        invoices[18],
        "transient",
        code="10000",
        cause="down",
        said="QuickBooks answered with an application error.",
    )
    for job in refused[:-2]:
        for invoice in invoices[:3]:
            one = _error_of(
                job,
                invoice,
                "mapping",
                code="",
                cause=f"map{job.pk}",
                said="The item has no income account.",
            )
            one.resolved_at, one.resolved_by_job = job.completed_at, job
            one.save()


def _error_of(
    job: SyncJob, record: records.Record, reason: str, *, code: str, cause: str, said: str
) -> SyncError:
    return error(
        job,
        reason=reason,
        record_type=record.record_type,
        record_id=record.pk,
        label=str(record),
        code=code,
        message=f"{record}: {said}",
        detail=said,
        fingerprint=fingerprint(cause),
        amount=Decimal("600.89") if record.record_type == "invoice" else None,
        occurred_at=job.received_response_at,
    )


def _queue(books: Connection, user: User) -> None:
    horn = records.Customer.objects.filter(company=books.company).order_by("pk").first()
    assert horn is not None
    _item(books, horn, user, state=State.FAILED, refusal="The name is taken in QuickBooks.")
    states = [State.WAITING] * 4 + [State.BLOCKED]
    invoices = records.Invoice.objects.filter(company=books.company).order_by("pk")
    for number, invoice in enumerate(invoices):
        state = State.FAILED if number in {*CLOSED, *WRONG} else states[number % len(states)]
        extra: dict[str, object] = {}
        if state == State.FAILED:
            said = "The books are closed for this date" if number in CLOSED else "A wrong memo"
            extra = {"refusal": said}
        if state == State.BLOCKED:
            extra = {"blocked_by_type": "customer", "blocked_by_id": horn.pk}
        if number % 9 == 4:
            extra |= {
                "held_at": timezone.now(),
                "held_by": user,
                "hold_reason": "Ask the accountant first",
            }
        ago = datetime.timedelta(minutes=7 * number)
        _item(books, invoice, user, state=state, changed_at=timezone.now() - ago, **extra)


def _agreements(books: Connection) -> None:
    """What both sides last agreed on: the invoices had other dates and memos then."""
    links = Link.objects.filter(connection=books, record_type="invoice").order_by("pk")
    ids = [link.record_id for link in links]
    loaded = mapping.load(record_type=RecordType.INVOICE, ids=ids)
    resolver = mapping.Resolver(books)
    resolver.load(mapping.references(RecordType.INVOICE, loaded.values()))
    for link in links:
        document = mapping.to_document(RecordType.INVOICE, loaded[link.record_id], resolver.resolve)
        link.ours = {**to_json(document), "due_date": "2026-02-16", "memo": "Net 14"}
        link.save(update_fields=["ours"])


def _attempts(job: SyncJob) -> None:
    """INV-10250 was sent twice: refused, and then accepted."""
    exchanges = Exchange.objects.filter(job=job, is_write=True).order_by("pk")[:2]
    item = SyncQueueItem.objects.get(label="INV-10250")
    said = (("rejected", "The memo has a character that is not taken."), ("accepted", ""))
    for exchange, (outcome, message) in zip(exchanges, said, strict=True):
        Attempt.objects.create(
            exchange=exchange,
            company=job.company,
            item=item,
            record_type=item.record_type,
            record_id=item.record_id,
            push_id="1",
            operation="update",
            sent_generation=1,
            outcome=outcome,
            message=message,
            external_id="145" if outcome == "accepted" else "",
            applied_at=exchange.received_at,
        )


def _item(books: Connection, record: records.Record, user: User, **fields: object) -> SyncQueueItem:
    return SyncQueueItem.objects.create(
        connection=books,
        company=books.company,
        record_type=record.record_type,
        record_id=record.pk,
        label=str(record),
        amount=getattr(record, "total", None),
        first_operation=Operation.UPDATE,
        operation=Operation.UPDATE,
        changed_fields=["due_date", "memo"],
        rank=30,
        changed_by=user,
        origin="web",
        **fields,
    )
