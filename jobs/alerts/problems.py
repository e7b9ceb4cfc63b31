"""Which problems a company has at this moment: causes of errors, no access, no answer, silence."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from companies.models import Company
from connectors.interface import Reason
from connectors.models import Connection, ConnectionState
from jobs import causes, words
from jobs.errors import EXPLANATIONS
from jobs.health import is_paused
from jobs.models import Alert, ErrorPhase, JobOutcome, SyncError, SyncJob
from jobs.outages import OUTAGES_UNTIL_OPEN

# Of more causes than this nobody reads every one.
MOST_CAUSES = 100
ERROR, RECONNECT, OUTAGE, SILENCE = "error", "reconnect", "outage", "silence"


@dataclass(frozen=True, slots=True)
class Problem:
    """`key` tells it from the others of its connection; `path` is the page that helps."""

    connection: Connection
    kind: str
    key: str
    title: str
    text: str

    @property
    def path(self) -> str:
        return path_of(self.kind, self.key)


def kind_of(key: str) -> str:
    return key.partition(":")[0]


def path_of(kind: str, key: str) -> str:
    if kind == ERROR:
        return f"{reverse('sync-errors')}?cause={key.partition(':')[2]}"
    return reverse("sync-jobs" if kind == SILENCE else "connections")


def is_wanted(alert: Alert, kind: str) -> bool:
    if kind == ERROR:
        return alert.about_errors
    if kind == SILENCE:
        return alert.hours_without_success is not None
    return alert.about_connection


def present(alert: Alert, *, now: datetime.datetime) -> list[Problem]:
    """All that is wrong in the company of the alert, wanted or not: what is not here is over."""
    found: list[Problem] = []
    for connection in _open_connections(alert.company):
        access = _of_access(connection)
        found += access
        found += _of_errors(connection)
        if alert.hours_without_success and not access:
            found += _of_silence(connection, alert.hours_without_success, now)
    return found


def _open_connections(company: Company) -> list[Connection]:
    return list(Connection.objects.open().filter(company=company).select_related("company"))


def _of_access(connection: Connection) -> list[Problem]:
    """No access is worse than no answer; at most one of them is told."""
    name = str(connection)
    if connection.state == ConnectionState.RECONNECT:
        title = _("%s no longer lets us in") % name
        return [Problem(connection, RECONNECT, RECONNECT, title, words.reconnect(name))]
    if connection.outages_in_a_row >= OUTAGES_UNTIL_OPEN:
        title = _("%s does not answer") % name
        text = _("It is tried again by itself, and everything waits in the queue.")
        return [Problem(connection, OUTAGE, OUTAGE, title, text)]
    return []


def _of_errors(connection: Connection) -> Iterator[Problem]:
    """One for each cause that a person has to do something about."""
    healing = [str(reason) for reason, one in EXPLANATIONS.items() if one.is_self_healing]
    errors = SyncError.objects.unresolved().filter(connection=connection)
    errors = errors.exclude(reason__in=healing).exclude(phase=ErrorPhase.JOB, reason=Reason.AUTH)
    for cause in causes.described(errors, causes.groups(errors)[:MOST_CAUSES]):
        key = f"{ERROR}:{cause.fingerprint}"
        yield Problem(connection, ERROR, key, str(cause.title), str(cause.advice))


def _of_silence(connection: Connection, hours: int, now: datetime.datetime) -> Iterator[Problem]:
    """Counts from the last job without errors, the end of a pause, or connecting."""
    if is_paused(connection, now):
        return
    finished = SyncJob.objects.filter(connection=connection, outcome=JobOutcome.SUCCEEDED)
    last = finished.aggregate(last=Max("completed_at"))["last"]
    since = max(filter(None, (last, connection.paused_until, connection.created_at)))
    if now - since < datetime.timedelta(hours=hours):
        return
    title = ngettext(
        "No Sync Job with %(name)s has finished without errors for %(hours)d hour",
        "No Sync Job with %(name)s has finished without errors for %(hours)d hours",
        hours,
    ) % {"name": connection, "hours": hours}
    text = _("Look whether Sync Jobs start, and what stops them.")
    yield Problem(connection, SILENCE, SILENCE, title, text)
