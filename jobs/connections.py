"""What a person does with a connection: pause it, resume it, check it, end it."""

from __future__ import annotations

import datetime
import time
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.audit import audit
from connectors.interface import Caution, Health, Outage, Reason
from connectors.models import Connection, ConnectionState
from connectors.registry import KINDS, connector_for, revoke_access
from jobs import looking, words
from jobs.connect import close
from jobs.control import cancel
from jobs.models import SyncJob

MONDAY = 0
MORNING = datetime.time(8)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check-up found; `seconds` is how long it took."""

    name: str
    cautions: Sequence[Caution]
    seconds: float


@dataclass(frozen=True, slots=True)
class Ended:
    """`skipped`: how many records waited. `is_revoked`: the other side has confirmed that our
    access is over; some kinds have no way to say so."""

    skipped: int
    is_revoked: bool


def monday_morning(*, now: datetime.datetime, zone: str) -> datetime.datetime:
    """The next Monday, 8:00, by the clocks of the zone."""
    local = now.astimezone(ZoneInfo(zone))
    day = local.date() + datetime.timedelta(days=(MONDAY - local.weekday()) % 7)
    moment = datetime.datetime.combine(day, MORNING, tzinfo=ZoneInfo(zone))
    return moment if moment > now else moment + datetime.timedelta(days=7)


@transaction.atomic
def pause(
    *,
    connection: Connection,
    user: User,
    reason: str,
    until: datetime.datetime | None,
    now: datetime.datetime,
) -> SyncJob | None:
    """Nothing is sent before `until` (None: before somebody resumes). Returns the open job, which
    stops after the batch that is on its way."""
    Connection.objects.open().filter(pk=connection.pk).update(
        paused_at=now, paused_until=until, pause_reason=reason
    )
    audit(
        company=connection.company,
        user=user,
        action="connection.pause",
        target=connection,
        reason=reason,
        until=until.isoformat() if until else "",
    )
    return _stop_job(connection, user)


@transaction.atomic
def resume(*, connection: Connection, user: User | None, now: datetime.datetime) -> bool:
    """False if it was not paused. When the pause ended is kept: silence counts from then."""
    is_paused_now = Connection.objects.open().filter(pk=connection.pk, paused_at__isnull=False)
    if not is_paused_now.update(paused_at=None, paused_until=now, pause_reason=""):
        return False
    audit(
        company=connection.company,
        user=user,
        action="connection.resume" if user else "connection.resumed",
        target=connection,
    )
    return True


def resume_due(*, now: datetime.datetime) -> int:
    """End the pauses whose time has come; how many."""
    paused = Connection.objects.open().filter(paused_at__isnull=False)
    due = paused.filter(paused_until__lte=now).select_related("company")
    return sum(resume(connection=each, user=None, now=now) for each in due)


def check_up(*, connection: Connection, user: User) -> Checked:
    """Ask the accounting system now who it is and which of its settings will bite. Raises Outage;
    refused access is asked for once more, then a person has to reconnect."""
    started = time.monotonic()
    if connection.state == ConnectionState.RECONNECT:
        # A refused password must not be tried again and again.
        raise Outage(Reason.AUTH, words.reconnect(str(connection)), is_decided=True)
    health = _asked(connection)
    connection.name = health.company_name
    connection.preferences = dict(health.preferences)
    connection.cautions = [
        {"code": c.code, "message": c.message, "advice": c.advice} for c in health.cautions
    ]
    connection.checked_at = timezone.now()
    connection.save(update_fields=["name", "preferences", "cautions", "checked_at"])
    audit(company=connection.company, user=user, action="connection.check", target=connection)
    return Checked(connection.name, health.cautions, time.monotonic() - started)


def disconnect(*, connection: Connection, user: User) -> Ended:
    """End our access, and the connection with it: what waits is skipped, links and journal stay
    for coming back. Not inside a transaction."""
    is_revoked = revoke_access(connection)
    with transaction.atomic():
        _stop_job(connection, user)
        skipped = close(connection)
        audit(
            company=connection.company,
            user=user,
            action="connection.close",
            target=connection,
            skipped=skipped,
        )
    return Ended(skipped, is_revoked)


def _stop_job(connection: Connection, user: User) -> SyncJob | None:
    job = SyncJob.objects.open().filter(connection=connection).first()
    if job:
        cancel(job=job, user=user)
    return job


def _asked(connection: Connection) -> Health:
    try:
        return looking.driven(connection, connector_for(connection).check())
    except Outage as outage:
        if outage.reason is not Reason.AUTH:
            raise
    KINDS[connection.kind].forget(connection)
    try:
        return looking.driven(connection, connector_for(connection).check())
    except Outage as outage:
        if outage.reason is Reason.AUTH:
            _needs_reconnecting(connection)
            said = _("%s no longer lets us in. Reconnect.") % connection
            raise Outage(Reason.AUTH, said, is_decided=True) from outage
        raise


def _needs_reconnecting(connection: Connection) -> None:
    connection.state = ConnectionState.RECONNECT
    Connection.objects.open().filter(pk=connection.pk).update(state=connection.state)
