"""The doorbell: what accounting announces opens a Sync Job, and nothing else."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Callable

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from connectors.models import Connection, ConnectionState, Cursor, Link
from connectors.quickbooks_online.reading import OVERLAP
from jobs.control import open_job
from jobs.models import JobOutcome, JobState, SyncJob, Trigger
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


def test_a_job_that_is_importing_runs_again(connection: Connection) -> None:
    open_job(connection=connection)
    SyncJob.objects.update(state=JobState.IMPORTING)
    assert announce([event(connection.account_id)]) == 200
    job = SyncJob.objects.get()
    assert (job.trigger, job.run_again) == (Trigger.MANUAL, True)


def test_a_job_that_has_not_begun_to_import_reads_the_change_anyway(
    connection: Connection,
) -> None:
    open_job(connection=connection)
    assert announce([event(connection.account_id)]) == 200
    assert SyncJob.objects.get().run_again is False


def test_a_job_of_a_few_records_runs_again_for_the_rest(connection: Connection) -> None:
    open_job(connection=connection, scope={"types": ["customer"]})
    assert announce([event(connection.account_id)]) == 200
    assert SyncJob.objects.get().run_again is True


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


READ_AT = datetime.datetime(2026, 11, 20, 12, 0, tzinfo=datetime.UTC)


@pytest.fixture
def exported(connection: Connection) -> Connection:
    """A job has just written customer 58 and then read what had changed until noon."""
    customer = factories.customer(company=connection.company)
    Link.objects.create(
        connection=connection,
        company=connection.company,
        record_type="customer",
        record_id=customer.pk,
        external_id="58",
    )
    since = (READ_AT - OVERLAP).isoformat()
    Cursor.objects.create(connection=connection, record_type="customer", position={"since": since})
    open_job(connection=connection)
    SyncJob.objects.update(
        state=JobState.FINISHED, outcome=JobOutcome.SUCCEEDED, completed_at=Now(), exported=1
    )
    return connection


def changed(connection: Connection, external_id: str, *, seconds: int) -> dict[str, object]:
    at = (READ_AT + datetime.timedelta(seconds=seconds)).isoformat()
    about = {"intuitentityid": external_id, "time": at}
    return {**event(connection.account_id, "qbo.customer.updated.v1"), **about}


def test_the_echo_of_an_export_opens_no_job(exported: Connection) -> None:
    assert announce([changed(exported, "58", seconds=-5)]) == 200
    assert SyncJob.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [("58", 1), ("59", -5)],
    ids=["later than the import", "an object we know nothing of"],
)
def test_what_is_no_echo_rings(exported: Connection, change: tuple[str, int]) -> None:
    external_id, seconds = change
    echo = changed(exported, "58", seconds=-5)
    assert announce([echo, changed(exported, external_id, seconds=seconds)]) == 200
    assert SyncJob.objects.filter(trigger=Trigger.WEBHOOK).exists()


def test_a_change_without_a_time_rings(exported: Connection) -> None:
    assert announce([{**changed(exported, "58", seconds=-5), "time": ""}]) == 200
    assert SyncJob.objects.filter(trigger=Trigger.WEBHOOK).exists()


def test_after_a_job_that_wrote_nothing_every_change_rings(exported: Connection) -> None:
    SyncJob.objects.update(exported=0)
    assert announce([changed(exported, "58", seconds=-5)]) == 200
    assert SyncJob.objects.filter(trigger=Trigger.WEBHOOK).exists()


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
