"""`python -m tests.faults.production`: how long a killed worker is missed in production.

Another worker must have taken over and send other records within 90 s of the kill, and what was in
flight must be settled within the provider's time-out + 60 s of when it was sent.
"""

from __future__ import annotations

import contextlib
import io
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.faults.ground import UNHURRIED, prepared

TAKEOVER_SECONDS = 90.0
SETTLE_SECONDS = 60.0
CUSTOMERS = 400


@contextmanager
def stage() -> Iterator[tuple[Any, Any]]:
    with prepared(UNHURRIED) as ground:
        from tests.books import point_at, running_books
        from tests.faults.books import Books
        from tests.faults.fleet import Fleet

        with running_books(ground.folder / "books.sqlite") as running:
            books = Books(running.address)
            point_at(books)
            fleet = Fleet(ground.folder, {})
            try:
                fleet.start()
                yield books, fleet
            finally:
                fleet.stop()


def story(books: Any, fleet: Any, *, whole_worker: bool) -> tuple[float, float, int]:
    """Seconds until others are sent, until what was in flight is settled, and creates too many."""
    from django.core.management import call_command

    from connectors.models import Connection
    from jobs.control import open_job
    from jobs.models import Exchange, SyncJob
    from records.models import Customer
    from tests import factories

    books.reset()
    company = factories.company(name=f"Company {time.time_ns()}")
    with contextlib.redirect_stdout(io.StringIO()):
        call_command("connect", "quickbooks_online", company=company.name, json=True)
    connection = Connection.objects.get(company=company)
    Customer.objects.bulk_create(
        Customer(company=company, name=f"Customer {number}") for number in range(CUSTOMERS)
    )
    batch = {"method": "POST", "path": "/batch"}
    books.set_faults({"fault": "latency", "seconds": 1, "times": 0, "match": batch})
    open_job(connection=connection)
    _killed(fleet, whole_worker=whole_worker)
    killed_at = time.monotonic()
    writes = Exchange.objects.filter(connection=connection, is_write=True)
    in_flight = list(writes.filter(settled_at=None).values_list("pk", flat=True))
    assert in_flight, "the worker was killed with nothing in flight"
    last = writes.order_by("pk").last()
    others = writes.filter(pk__gt=last.pk, received_at__isnull=False)
    takeover = _seconds_until(others.exists, since=killed_at)
    books.set_faults()
    _seconds_until(lambda: not SyncJob.objects.open().filter(connection=connection).exists())
    late = max(
        (exchange.settled_at - exchange.created_at).total_seconds()
        for exchange in Exchange.objects.filter(pk__in=in_flight)
    )
    many = sum(count - 1 for count in books.creates_per_marker().values())
    assert len(books.all("Customer")) == CUSTOMERS, "not every customer arrived"
    return takeover, late, many


def _killed(fleet: Any, *, whole_worker: bool) -> None:
    """In the midst of it: the third answer has come and was not stored."""
    if not whole_worker:
        fleet.order("KILL", "export.sent", times=3, name="production")
        _seconds_until(lambda: fleet.taken("KILL"))
        return
    fleet.order("STOP", "export.sent", times=3, name="production")
    pid = _seconds_until_value(lambda: fleet.taken("STOP"))
    fleet.kill_the_worker_of(pid)


def _seconds_until(condition: Any, *, since: float | None = None) -> float:
    _seconds_until_value(condition)
    return time.monotonic() - (since or 0)


def _seconds_until_value(condition: Any) -> Any:
    deadline = time.monotonic() + 400
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not happen within 400 s"
        time.sleep(0.1)
    return value


def main() -> int:
    is_good = True
    with stage() as (books, fleet):
        from connectors.quickbooks_online.connector import QuickBooksOnline

        limit = QuickBooksOnline.limits.timeout + SETTLE_SECONDS
        for name, whole in (("process", False), ("whole worker", True)):
            takeover, late, many = story(books, fleet, whole_worker=whole)
            holds = takeover <= TAKEOVER_SECONDS and late <= limit and not many
            is_good = is_good and holds
            sys.stdout.write(
                f"Production settings, a {name} killed: others were sent after {takeover:.0f} s "
                f"(at most {TAKEOVER_SECONDS:.0f}), what was in flight was settled "
                f"{late:.0f} s after it was sent (at most {limit:.0f}), "
                f"duplicates: {many}.{'' if holds else ' FAILED'}\n"
            )
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
