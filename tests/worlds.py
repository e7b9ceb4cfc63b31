"""One of everything a company can have, or many: for tests that walk over every page."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.utils import timezone

from companies.audit import audit
from companies.models import AuditEntry, Company, Membership, Role
from connectors.models import Connection, Link, Match
from jobs.errors import fingerprint
from jobs.models import (
    Alert,
    Attempt,
    AttemptOutcome,
    ErrorComment,
    ErrorGroup,
    ErrorPhase,
    Exchange,
    ExchangeBody,
    JobOutcome,
    JobState,
    Schedule,
    SyncError,
    SyncJob,
)
from records import models as records
from syncqueue.models import Operation, State, SyncQueueItem
from tests import factories


@dataclass(slots=True)
class World:
    """A company with a connection and rows of every kind. `name` is in every text of them."""

    company: Company
    member: User
    connection: Connection
    schedule: Schedule
    name: str
    # By the name of what it is; the newest of each.
    rows: dict[str, Model]

    def id_of(self, what: str) -> int | str:
        """The key of a row; what begins with "=" stands for itself, "$name" is a column of the
        error: "$fingerprint"."""
        if what.startswith("="):
            return what[1:]
        if what.startswith("$"):
            return str(getattr(self.rows["error"], what[1:]))
        own = {"company": self.company, "member": self.member, "connection": self.connection}
        row = own.get(what) or self.rows[what]
        return int(row.pk)


def world(*, name: str, rows: int = 1) -> World:
    """A company of that name with so many rows of each kind."""
    company = factories.company(name=name)
    member = factories.member(company=company, role=Role.VIEWER, username=f"{name}-member")
    connection = factories.connection(company=company, name=f"{name} books", created_by=member)
    schedule = Schedule.objects.create(connection=connection, company=company, interval_minutes=60)
    made = World(company, member, connection, schedule, name, {"schedule": schedule})
    made.rows["membership"] = Membership.objects.get(user=member)
    made.rows["group"] = Group.objects.create(name=name)
    made.rows["alert"] = Alert.objects.create(user=member, company=company, by_email=True)
    add(made, rows)
    return made


def add(made: World, rows: int) -> None:
    """So many more rows of each kind, each with another name."""
    for _again in range(rows):
        _add_records(made)
        _add_journal(made)
        _add_people(made)


def _add_records(made: World) -> None:
    company, text = made.company, f"{made.name} {factories.number()}"
    account = factories.account(company=company, name=text)
    vendor = factories.vendor(company=company, name=text)
    purchase = {"company": company, "vendor": vendor, "number": text}
    customer = factories.customer(company=company, name=text)
    invoice = factories.invoice(company=company, customer=customer, number=text)
    made.rows |= {
        "account": account,
        "taxcode": factories.tax_code(company=company, name=text),
        "paymentterm": factories.payment_term(company=company, name=text),
        "paymentmethod": factories.payment_method(company=company, name=text),
        "customer": customer,
        "vendor": vendor,
        "item": factories.item(company=company, name=text, income_account=account),
        "invoice": invoice,
        "creditmemo": factories.credit_memo(company=company, customer=customer, number=text),
        "bill": factories.bill(**purchase),
        "vendorcredit": records.VendorCredit.objects.create(
            **purchase, status=records.Status.ISSUED
        ),
        "payment": factories.payment(company=company, customer=customer, reference=text),
    }


def _add_journal(made: World) -> None:
    """A finished job whose export was refused, and what came of it."""
    company, connection = made.company, made.connection
    invoice, text = made.rows["invoice"], f"{made.name} {factories.number()}"
    about = {"record_type": "invoice", "record_id": invoice.pk}
    own: dict[str, Any] = {"company": company, "connection": connection}
    SyncQueueItem.objects.filter(connection=connection, **about).delete()
    queue_item = SyncQueueItem.objects.create(
        **own,
        **about,
        label=text,
        first_operation=Operation.CREATE,
        operation=Operation.CREATE,
        rank=30,
        state=State.FAILED,
        changed_by=made.member,
    )
    job = SyncJob.objects.create(
        **own,
        state=JobState.FINISHED,
        outcome=JobOutcome.WITH_ERRORS,
        created_at=timezone.now() - datetime.timedelta(minutes=1),
        completed_at=timezone.now(),
        created_by=made.member,
        error_count=1,
        failed=1,
        explanation=text,
    )
    exchange = _exchange(job, text)
    attempt = Attempt.objects.create(
        exchange=exchange,
        company=company,
        item=queue_item,
        **about,
        push_id="0",
        operation="create",
        sent_generation=1,
        outcome=AttemptOutcome.REJECTED,
        message=text,
        applied_at=timezone.now(),
    )
    error = SyncError.objects.create(
        **own,
        **about,
        job=job,
        item=queue_item,
        attempt=attempt,
        phase=ErrorPhase.EXPORT,
        label=text,
        reason="validation",
        message=text,
        detail=text,
        fingerprint=fingerprint(text),
        amount=10,
        currency="USD",
    )
    group = ErrorGroup.objects.create(**own, fingerprint=error.fingerprint, assigned_to=made.member)
    made.rows |= {
        "job": job,
        "exchange": exchange,
        "attempt": attempt,
        "queue_item": queue_item,
        "error": error,
        "error_group": group,
        "comment": ErrorComment.objects.create(
            group=group, company=company, author=made.member, text=text
        ),
        "link": _link(made, text),
        "match": Match.objects.create(
            **own,
            record_type="customer",
            record_id=made.rows["customer"].pk,
            external_id=text,
            record_label=text,
        ),
    }


def _exchange(job: SyncJob, text: str) -> Exchange:
    exchange = Exchange.objects.create(
        job=job,
        connection_id=job.connection_id,
        company_id=job.company_id,
        is_write=True,
        method="POST",
        url="https://books.example/v3/company/123456789/batch",
        summary=text,
        status=200,
        settled_at=timezone.now(),
    )
    ExchangeBody.objects.create(exchange=exchange, company_id=job.company_id, response=b"{}")
    return exchange


def _link(made: World, text: str) -> Link:
    """Of a customer whose name both sides changed."""
    sides = {"agreed": text, "ours": f"{text} here", "theirs": f"{text} there"}
    customer = made.rows["customer"]
    about = {"record_type": "customer", "record_id": customer.pk}
    items = SyncQueueItem.objects.filter(connection=made.connection, **about)
    items.update(state=State.CONFLICT)
    made.rows["conflict"] = items.get()
    return Link.objects.create(
        connection=made.connection,
        company=made.company,
        **about,
        external_id=str(factories.number()),
        ours={"name": text},
        theirs={"name": text},
        conflicts={"name": sides},
    )


def _add_people(made: World) -> None:
    text = f"{made.name} {factories.number()}"
    entry: AuditEntry = audit(
        company=made.company, user=made.member, action="queue.hold", target=text
    )
    made.rows["auditentry"] = entry
