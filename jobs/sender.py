"""The journal around every request: what is sent is written down before, the answer after.

Only the main thread touches the database; a small pool of threads moves bytes.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.conf import settings
from django.db import connection as database
from django.db.models.functions import Now

from connectors import http
from connectors.interface import Outage, Reason, Request, Response, Steps
from connectors.registry import authorization_for
from jobs.lease import LeaseLost, fenced
from jobs.models import Exchange
from jobs.steps import reach
from jobs.work import Work

T = TypeVar("T")
# Half a second more: the first request of a minute may have been longer on its way than the last.
MINUTE = 60.5


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one exchange. Without a response, `failure` says why, and `was_sent`
    whether the request may have reached the provider."""

    exchange_id: int
    request: Request
    response: Response | None
    failure: str = ""
    was_sent: bool = True
    took: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A reading generator whose first request is under way."""

    steps: Steps[T]
    first: Future[Answer]


class Sender:
    """Sends the requests of one slice, within the provider's limits."""

    def __init__(self, work: Work) -> None:
        self._work = work
        limits = work.connector.limits
        self._pace = Pace(limits.requests_per_minute)
        self._write_pace = Pace(limits.writes_per_minute)
        for seconds, is_write in sent_lately(work):
            self._pace.note(ago=seconds)
            if is_write:
                self._write_pace.note(ago=seconds)
        self._pool = ThreadPoolExecutor(
            max_workers=max(limits.concurrency.values(), default=1),
            thread_name_prefix="sender",
        )
        self._authorization: Mapping[str, str] = {}

    def close(self) -> None:
        self._pool.shutdown(wait=True)

    def get_ready(self, *, to_write: bool) -> None:
        """Everything that may take long or fail before a request: the pace and the access.

        Called before the request is written down, so that what is in the journal is sent at once.
        Raises Outage without access, Stop or Canceled while it waits for the pace.
        """
        self._pace.wait(self._work)
        if to_write:
            self._write_pace.wait(self._work)
        self._authorization = authorization_for(self._work.connection)

    def must_wait(self, *, to_write: bool) -> bool:
        """Whether the pace does not allow another request now."""
        return self._pace.seconds_left() > 0 or (to_write and self._write_pace.seconds_left() > 0)

    def submit(self, exchange_id: int, request: Request) -> Future[Answer]:
        """Send an exchange that is in the journal already."""
        self._pace.note()
        if request.pushes:
            self._write_pace.note()
        self._work.lease.step(self._work.timeout + settings.SYNC_LEASE_SECONDS)
        return self._pool.submit(self._send, exchange_id, request, self._authorization)

    def read(self, steps: Steps[T]) -> T:
        """Drive a reading generator to its result, one journaled request after the other."""
        try:
            first = next(steps)
        except StopIteration as end:  # There is nothing to ask.
            answer: T = end.value
            return answer
        return self.finish(Reading(steps, self._ask(first)))

    def start(self, steps: Steps[T]) -> Reading[T]:
        """Send the first request; what it answers is not looked at before `finish`."""
        return Reading(steps, self._ask(next(steps)))

    def finish(self, reading: Reading[T]) -> T:
        try:
            request = reading.steps.send(self._answered(reading.first))
            while True:
                request = reading.steps.send(self._answered(self._ask(request)))
        except StopIteration as end:
            value: T = end.value
            return value

    def _ask(self, request: Request) -> Future[Answer]:
        self._work.breathe()
        self.get_ready(to_write=False)
        with fenced(self._work.lease):
            exchange_id = write_down(self._work, [request])[0]
        return self.submit(exchange_id, request)

    def _answered(self, asked: Future[Answer]) -> Response:
        answer = asked.result()
        with fenced(self._work.lease):
            store_answer(self._work, answer)
        if answer.response is None:
            raise Outage(Reason.TRANSIENT, answer.failure, is_decided=True)
        return answer.response

    def _send(self, exchange_id: int, request: Request, authorization: Mapping[str, str]) -> Answer:
        started = time.monotonic()
        try:
            self._work.lease.assert_time_to_send()
            if request.pushes:
                reach("export.sending")
            response = http.send(request, authorization=authorization, timeout=self._work.timeout)
        except http.NoResponse as failure:
            took = time.monotonic() - started
            return Answer(exchange_id, request, None, str(failure), failure.was_sent, took)
        except LeaseLost:
            return Answer(exchange_id, request, None, "The lease had run out", was_sent=False)
        return Answer(exchange_id, request, response, took=time.monotonic() - started)


class Pace:
    """Keeps to a rate: at most so many requests of the connection within any minute."""

    def __init__(self, per_minute: int) -> None:
        self._sent: deque[float] = deque(maxlen=per_minute)

    def seconds_left(self) -> float:
        """Until one more request is allowed."""
        if len(self._sent) < (self._sent.maxlen or 0):
            return 0
        return self._sent[0] + MINUTE - time.monotonic()

    def wait(self, work: Work) -> None:
        """Sleep until one more request is allowed, waking up to stop when asked."""
        while (left := self.seconds_left()) > 0:
            work.breathe()
            time.sleep(min(left, 0.5))

    def note(self, *, ago: float = 0) -> None:
        self._sent.append(time.monotonic() - ago)


def sent_lately(work: Work) -> list[tuple[float, bool]]:
    """(seconds ago, whether it wrote) of the connection's requests that still count, oldest
    first: a new slice keeps to the rate that the one before has used up."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM clock_timestamp() - sent_at)::float, is_write"
            " FROM jobs_exchange WHERE connection_id = %s"
            " AND created_at > now() - %s * interval '1 second' ORDER BY sent_at",
            [work.connection.pk, MINUTE],
        )
        return [(seconds, is_write) for seconds, is_write in cursor.fetchall()]


# One statement for the journal: each costs a round trip, and every batch needs them.
_WRITE_DOWN = """
WITH given AS (
    SELECT * FROM unnest(%(is_write)s::boolean[], %(method)s::text[], %(url)s::text[],
        %(summary)s::text[], %(key)s::text[], %(headers)s::jsonb[], %(body)s::bytea[])
        WITH ORDINALITY AS g(is_write, method, url, summary, key, headers, body, position)
), numbered AS (
    SELECT nextval(pg_get_serial_sequence('jobs_exchange', 'id')) AS id, given.* FROM given
), exchanges AS (
    INSERT INTO jobs_exchange (id, job_id, connection_id, company_id, is_write, method, url,
        summary, key, created_at, sent_at, provider_id, failure)
    SELECT id, %(job)s, %(connection)s, %(company)s, is_write, method, url, summary, key,
        clock_timestamp(), clock_timestamp(), '', '' FROM numbered ORDER BY position
), bodies AS (
    INSERT INTO jobs_exchangebody (exchange_id, company_id, request_headers, request,
        response_headers)
    SELECT id, %(company)s, headers, body, '{}' FROM numbered
), counted AS (
    UPDATE jobs_syncjob SET sent_request_at = coalesce(sent_request_at, clock_timestamp()),
        requests = requests + cardinality(%(key)s::text[])
    WHERE id = %(job)s
)
SELECT id FROM numbered ORDER BY position
"""


def write_down(work: Work, requests: Sequence[Request]) -> list[int]:
    """Put requests into the journal, exact bytes and keys, before they are sent. Fenced."""
    with database.cursor() as cursor:
        cursor.execute(
            _WRITE_DOWN,
            {
                "job": work.job.pk,
                "connection": work.connection.pk,
                "company": work.connection.company_id,
                "is_write": [bool(request.pushes) for request in requests],
                "method": [request.method for request in requests],
                "url": [request.url for request in requests],
                "summary": [request.summary for request in requests],
                "key": [request.key for request in requests],
                "headers": [json.dumps(dict(request.headers)) for request in requests],
                "body": [request.body for request in requests],
            },
        )
        return [exchange_id for (exchange_id,) in cursor.fetchall()]


_STORE_ANSWER = """
WITH exchange AS (
    UPDATE jobs_exchange SET received_at = clock_timestamp(), status = %(status)s,
        provider_id = %(provider_id)s, took_ms = %(took)s,
        settled_at = CASE WHEN %(is_read)s THEN clock_timestamp() ELSE settled_at END
    WHERE id = %(id)s
), job AS (
    UPDATE jobs_syncjob SET received_response_at = clock_timestamp() WHERE id = %(job)s
)
UPDATE jobs_exchangebody SET response_headers = %(headers)s::jsonb, response = %(body)s
WHERE exchange_id = %(id)s
"""


def store_answer(work: Work, answer: Answer) -> None:
    """Put what came back into the journal. Fenced."""
    is_read = not answer.request.pushes
    took = round(answer.took * 1000)
    if answer.response is None:
        columns: dict[str, object] = {"took_ms": took, "failure": answer.failure[:300]}
        if is_read:
            columns["settled_at"] = Now()
        Exchange.objects.filter(pk=answer.exchange_id).update(**columns)
        return
    headers = answer.response.headers
    with database.cursor() as cursor:
        cursor.execute(
            _STORE_ANSWER,
            {
                "id": answer.exchange_id,
                "job": work.job.pk,
                "status": answer.response.status,
                "provider_id": headers.get("intuit_tid", headers.get("x-request-id", ""))[:100],
                "took": took,
                "is_read": is_read,
                "headers": json.dumps(dict(headers)),
                "body": answer.response.body,
            },
        )


def request_of(exchange: Exchange, pushes: Sequence[str]) -> Request:
    """The very request of an exchange, from the journal; `exchange.body` must be there."""
    return Request(
        method=exchange.method,
        url=exchange.url,
        headers=exchange.body.request_headers,
        body=bytes(exchange.body.request),
        key=exchange.key,
        pushes=tuple(pushes),
        summary=exchange.summary,
    )
