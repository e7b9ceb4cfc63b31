"""What happens when the accounting system cannot do its work: wait, open the circuit, reconnect.

An outage is never a record's fault: items keep waiting, and nothing is marked failed.
"""

from __future__ import annotations

import datetime
import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError
from django.utils import timezone

from connectors.interface import Outage, Reason
from connectors.models import Connection, ConnectionState
from connectors.registry import KINDS
from jobs import faults, words
from jobs.lease import fenced
from jobs.models import ErrorPhase
from jobs.work import Halt, Stop, Work

T = TypeVar("T")
OUTAGES_UNTIL_OPEN = 5
DEFAULT_RATE_WAIT = 60.0
CIRCUIT_SECONDS = (60, 300, 900, 1800)
_REPEATABLE = ("40P01", "40001", "55P03")  # deadlock, serialization, lock time-out


def repeated(work: Work, apply: Callable[[], T]) -> T:
    """One fenced transaction, repeated when it lost a deadlock or waited too long for a lock."""
    for last in (False, False, True):
        try:
            with fenced(work.lease):
                return apply()
        except OperationalError as error:
            if last or getattr(error.__cause__, "pgcode", None) not in _REPEATABLE:
                raise
            time.sleep(random.uniform(0.05, 0.3))
    raise AssertionError("unreachable")


def handle(work: Work, outage: Outage) -> None:
    """Decide how the job goes on: returns to try at once, raises Stop to go on later, or Halt."""
    if outage.reason is Reason.AUTH:
        _no_access(work, outage)
    elif outage.reason is Reason.RATE_LIMIT:
        _wait_for_rate(work, outage)
    else:
        _no_answer(work, outage)


def over(work: Work) -> None:
    """The provider answers: forget the outages before."""
    if not (work.connection.outages_in_a_row or work.connection.retry_at):
        return
    work.connection.outages_in_a_row = 0
    work.connection.retry_at = None
    with fenced(work.lease):
        _save(work, outages_in_a_row=0, retry_at=None, retry_reason="")
        faults.resolve_auth(work)


def _no_access(work: Work, outage: Outage) -> None:
    """The first refusal: ask for a new access token. The second: a person has to reconnect."""
    work.connection.refresh_from_db()
    if work.connection.state != ConnectionState.RECONNECT and not work.has_renewed_access:
        work.has_renewed_access = True
        KINDS[work.connection.kind].forget(work.connection)
        return
    explanation = words.reconnect(str(work.connection))
    with fenced(work.lease):
        _save(work, state=ConnectionState.RECONNECT)
        faults.record_once(work, _fault(outage, explanation))
    raise Halt(explanation, is_failure=True)


def _wait_for_rate(work: Work, outage: Outage) -> None:
    """The job goes on when the provider allows; who rings earlier is sent away (see runner)."""
    seconds = outage.retry_after or DEFAULT_RATE_WAIT
    at = timezone.now() + datetime.timedelta(seconds=seconds)
    with fenced(work.lease):
        _save(work, retry_at=at, retry_reason=outage.message[:300])
        work.update_job(
            phase=words.waits_until(str(work.connection), at, work.connection.company.time_zone)
        )
    raise Stop(delay=seconds)


def _no_answer(work: Work, outage: Outage) -> None:
    connection = work.connection
    connection.outages_in_a_row += 1
    if connection.outages_in_a_row < OUTAGES_UNTIL_OPEN:
        with fenced(work.lease):
            _save(work, outages_in_a_row=connection.outages_in_a_row)
        time.sleep(min(2 ** (connection.outages_in_a_row - 1), 8) * random.uniform(0.2, 0.5))
        return
    opened = connection.outages_in_a_row - OUTAGES_UNTIL_OPEN
    wait = CIRCUIT_SECONDS[min(opened, len(CIRCUIT_SECONDS) - 1)]
    at = timezone.now() + datetime.timedelta(seconds=wait)
    explanation = words.tries_again(str(connection), at, connection.company.time_zone)
    with fenced(work.lease):
        _save(
            work,
            outages_in_a_row=connection.outages_in_a_row,
            retry_at=at,
            retry_reason=outage.message[:300],
        )
        faults.record_once(work, _fault(outage, explanation))
    raise Halt(explanation, is_failure=False)


def _fault(outage: Outage, message: str) -> faults.Fault:
    return faults.Fault(
        reason=outage.reason,
        message=message,
        phase=ErrorPhase.JOB,
        code=outage.code,
        detail=outage.message,
        cause=("outage",),
    )


def _save(work: Work, **columns: object) -> None:
    Connection.objects.filter(pk=work.connection.pk).update(**columns)
