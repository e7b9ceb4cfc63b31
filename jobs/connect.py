"""Opens a connection: from the moment it exists, changes of its company are captured."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from companies.models import Company
from connectors.models import Connection, ConnectionState, Cursor, Link, Match
from jobs import connecting
from jobs.control import Opened, open_job
from jobs.models import Schedule, Trigger
from jobs.plan import NAMES
from syncqueue.models import State, SyncQueueItem

# The reason on items that were skipped because their connection was closed.
CLOSED = "closed"


class CannotConnect(Exception):
    """The message says why, and what to do."""


@transaction.atomic
def connect(
    *,
    company: Company,
    kind: str,
    account_id: str,
    credentials: dict[str, Any],
    user: User | None,
    accept_exact: bool = False,
    initial_load: bool = False,
    not_before: datetime.date | None = None,
    settings: dict[str, Any] | None = None,
) -> tuple[Connection, Opened]:
    """Open, reopen or renew the connection, and a job that compares and prepares. `not_before`:
    documents of an earlier date stay out of accounting. `settings`: where the books are, for a
    system that has no fixed address.

    Raises CannotConnect when the company is connected with other books.
    """
    connection = _renewed(company, kind, account_id) or _reopened(company, kind, account_id)
    connection = connection or Connection(
        company=company, kind=kind, account_id=account_id, created_by=user
    )
    connection.set_credentials(credentials)
    connection.settings = {**connection.settings, **(settings or {})}
    if not_before:
        connection.settings["not_before"] = not_before.isoformat()
    # What the matching page offers, if it has to be asked first.
    connection.settings["initial_load"] = initial_load
    connection.save()
    Schedule.objects.get_or_create(
        connection=connection,
        defaults={
            "company": company,
            "interval_minutes": 60,
            "time_zone": company.time_zone,
        },
    )
    scope = connecting.scope(accept_exact=accept_exact, initial_load=initial_load)
    return connection, open_job(
        connection=connection, trigger=Trigger.MANUAL, user=user, scope=scope
    )


@transaction.atomic
def close(connection: Connection) -> int:
    """End a connection: what waits is skipped, links and journal stay for coming back."""
    connection.state = ConnectionState.CLOSED
    connection.sealed_credentials = ""
    connection.closed_at = datetime.datetime.now(datetime.UTC)
    connection.save(update_fields=["state", "sealed_credentials", "closed_at"])
    Schedule.objects.filter(connection=connection).update(is_enabled=False)
    return (
        SyncQueueItem.objects.open()
        .filter(connection=connection)
        .update(
            state=State.SKIPPED,
            finished_at=connection.closed_at,
            reason=CLOSED,
            refusal=_("The connection was closed."),
        )
    )


def _renewed(company: Company, kind: str, account_id: str) -> Connection | None:
    connection = Connection.objects.open().filter(company=company).first()
    if connection is None:
        return None
    if (connection.kind, connection.account_id) != (kind, account_id):
        raise CannotConnect(
            _("“%(company)s” is connected with “%(books)s”. Close that connection first.")
            % {"company": company, "books": connection}
        )
    if connection.state == ConnectionState.RECONNECT:
        is_matched = _was_matched(connection)
        connection.state = ConnectionState.READY if is_matched else ConnectionState.MATCHING
    return connection


def _was_matched(connection: Connection) -> bool:
    """Names are imported and exported only after matching was confirmed."""
    if _cursors_of_names(connection).exists():
        return True
    links = Link.objects.filter(connection=connection, record_type__in=NAMES)
    return links.exists() and not Match.objects.filter(connection=connection).unconfirmed().exists()


def _reopened(company: Company, kind: str, account_id: str) -> Connection | None:
    """Coming back to books that were connected before reuses their links."""
    former = Connection.objects.filter(company=company, kind=kind, account_id=account_id)
    connection = former.order_by("-pk").first()
    if connection:
        connection.state = ConnectionState.MATCHING
        connection.closed_at = None
        # What changed there meanwhile is looked through from the start.
        _cursors_of_names(connection).delete()
    return connection


def _cursors_of_names(connection: Connection) -> QuerySet[Cursor]:
    return Cursor.objects.filter(connection=connection, record_type__in=NAMES)
