"""What administrators of the demo company have set up: people, a check-up, alerts, a log of it."""

from __future__ import annotations

import datetime

from django.contrib.auth.models import User
from django.utils import timezone

from companies.audit import audit
from companies.models import AuditEntry, Company, Role
from connectors.models import Connection
from jobs.models import Alert, AlertNotice
from tests import factories

CAUTIONS = [
    {
        "code": "custom_numbers",
        "message": "QuickBooks numbers invoices itself.",
        "advice": "Turn on Custom transaction numbers, or our numbers do not appear there.",
    },
    {
        "code": "closed",
        "message": "The books are closed up to 31 October 2026.",
        "advice": "What is dated until then waits as an error until the period is reopened.",
    },
]
DONE = (
    ("connect", "Northwind Traders Inc.", {}),
    ("membership.create", "Andrew Fuller", {"role": "accountant"}),
    ("schedule.change", "Northwind Traders Inc.", {"schedule": "Every 4 hours"}),
    ("queue.hold", "INV-10252", {"reason": "Ask the accountant first", "count": 1}),
    ("errors.retry", "14 errors", {"count": 14}),
    ("connection.pause", "Northwind Traders Inc.", {"reason": "Month end"}),
    ("connection.resume", "Northwind Traders Inc.", {}),
)


def fill(northwind: Company, nancy: User, books: Connection) -> None:
    now = timezone.now()
    books.cautions, books.checked_at, books.created_by = CAUTIONS, now, nancy
    books.save()
    _people(northwind)
    _alerts(northwind, nancy, books, now)
    for number, (action, target, detail) in enumerate(DONE):
        made = audit(company=northwind, user=nancy, action=action, target=target, **detail)
        at = now - datetime.timedelta(hours=30 - 4 * number)
        AuditEntry.objects.filter(pk=made.pk).update(at=at)


def _people(northwind: Company) -> None:
    people = (
        ("andrew", "Andrew", "Fuller", Role.ACCOUNTANT),
        ("janet", "Janet", "Leverling", Role.OPERATOR),
        ("steven", "Steven", "Buchanan", Role.VIEWER),
    )
    for username, first, last, role in people:
        factories.member(
            company=northwind,
            role=role,
            username=username,
            first_name=first,
            last_name=last,
            email=f"{username}@northwind.example",
        )


def _alerts(northwind: Company, nancy: User, books: Connection, now: datetime.datetime) -> None:
    alert = Alert.objects.create(
        user=nancy, company=northwind, by_email=True, hours_without_success=24
    )
    told = (
        ("error:1", "14 invoices: the books are closed for this date", 2, None),
        ("outage", "Northwind Traders Inc. does not answer", 40, 39),
    )
    for problem, title, ago, over in told:
        at = now - datetime.timedelta(hours=ago)
        end = now - datetime.timedelta(hours=over) if over else None
        AlertNotice.objects.create(
            alert=alert,
            connection=books,
            problem=problem,
            title=title,
            noticed_at=at,
            told_at=at,
            over_at=end,
            told_over_at=end,
        )
