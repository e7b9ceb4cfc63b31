"""The doorbell: what accounting announces opens a Sync Job, and nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from connectors.models import Connection, ConnectionState
from jobs.control import open_job
from jobs.models import SyncJob, Trigger
from jobs.webhooks import MOST_BYTES
from tests import factories
from tests.connectors.quickbooks_online.test_webhooks import TOKEN, event, signed
from tests.simulators.quickbooks_online.driver import Books as Simulated
from tests.simulators.quickbooks_online.driver import Simulator

ADDRESS = "/webhooks/quickbooks_online/"


@pytest.fixture
def verified(settings: object) -> None:
    settings.QUICKBOOKS_ONLINE = {**settings.QUICKBOOKS_ONLINE, "webhook_token": TOKEN}


@pytest.fixture
def connection(db: None, verified: None) -> Connection:
    return factories.connection(company=factories.company())


def announce(body: object, headers: dict[str, str] | None = None) -> int:
    """What Intuit's server would send: no session, no cookie, no CSRF token."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    client = Client(enforce_csrf_checks=True)
    signature = signed(data) if headers is None else headers
    answer = client.post(ADDRESS, data, content_type="application/json", headers=signature)
    assert not answer.cookies
    return answer.status_code


def test_the_address_is_the_one_that_is_documented() -> None:
    assert reverse("webhook", args=["quickbooks_online"]) == ADDRESS


def test_a_change_over_there_opens_a_job(connection: Connection) -> None:
    assert announce([event(connection.account_id), event(connection.account_id)]) == 200
    assert SyncJob.objects.get().trigger == Trigger.WEBHOOK


def test_a_job_that_is_open_runs_again(connection: Connection) -> None:
    open_job(connection=connection)
    assert announce([event(connection.account_id)]) == 200
    job = SyncJob.objects.get()
    assert (job.trigger, job.run_again) == (Trigger.MANUAL, True)


def test_each_company_in_a_body_gets_its_job(connection: Connection) -> None:
    other = factories.connection(company=factories.company())
    factories.connection(company=factories.company())
    events = [event(connection.account_id), event(other.account_id), event("of nobody")]
    assert announce(events) == 200
    assert set(SyncJob.objects.values_list("connection", flat=True)) == {connection.pk, other.pk}


@pytest.mark.parametrize(
    "state", [ConnectionState.MATCHING, ConnectionState.RECONNECT, ConnectionState.CLOSED]
)
def test_only_a_connection_that_is_ready_is_rung_for(
    connection: Connection, state: ConnectionState
) -> None:
    Connection.objects.update(state=state)
    assert announce([event(connection.account_id)]) == 200
    assert not SyncJob.objects.exists()


def test_a_wrong_signature_changes_nothing(connection: Connection) -> None:
    body = [event(connection.account_id)]
    assert announce(body, {}) == 401
    assert announce(body, {"intuit-signature": "x"}) == 401
    assert announce(body, signed(json.dumps(body).encode(), "another")) == 401
    assert not SyncJob.objects.exists()


def test_a_body_too_large_is_not_even_read(connection: Connection) -> None:
    assert announce(b" " * (MOST_BYTES + 1)) == 413


def test_only_posts_to_systems_that_announce_are_heard(connection: Connection) -> None:
    assert Client().get(ADDRESS).status_code == 405
    assert Client().post("/webhooks/tryton/", b"{}", content_type="text/plain").status_code == 404
    assert Client().post("/webhooks/nothing/", b"{}", content_type="text/plain").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_change_in_the_simulators_books_arrives(
    live_server: object, verified: None, tmp_path: object
) -> None:
    options = ("--webhook-url", live_server.url + ADDRESS, "--webhook-token", TOKEN)
    simulator = Simulator(tmp_path / "books.db", "--auto-approve", *options)
    try:
        books = Simulated(simulator)
        factories.connection(company=factories.company(), account_id=books.realm)
        books.customer()
        wait_until(SyncJob.objects.filter(trigger=Trigger.WEBHOOK).exists)
    finally:
        simulator.stop()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
