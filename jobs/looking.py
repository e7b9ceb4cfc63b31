"""Looks up one object in accounting for a person who waits for the page."""

from __future__ import annotations

from typing import TypeVar

from connectors import http
from connectors.documents import RecordType
from connectors.interface import Outage, Reason, Remote, Request, Response, Steps
from connectors.models import Connection
from connectors.registry import authorization_for, connector_for

# A person waits: longer than this is "could not be reached".
SECONDS = 10.0

T = TypeVar("T")


def look_up(*, connection: Connection, record_type: RecordType, external_id: str) -> Remote | None:
    """Their object as it is now; None when it is not there. Raises Outage. Not inside a
    transaction: the access may be refreshed."""
    steps = connector_for(connection).fetch(record_type, [external_id])
    return driven(connection, steps).get(external_id)


def driven(connection: Connection, steps: Steps[T]) -> T:
    try:
        request = next(steps)
        while True:
            request = steps.send(_answer(connection, request))
    except StopIteration as end:
        value: T = end.value
        return value


def _answer(connection: Connection, request: Request) -> Response:
    try:
        return http.send(request, authorization=authorization_for(connection), timeout=SECONDS)
    except http.NoResponse as failure:
        raise Outage(Reason.TRANSIENT, str(failure), is_decided=True) from failure
