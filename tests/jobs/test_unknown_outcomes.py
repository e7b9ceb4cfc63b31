"""Requests without a decisive answer: nothing is lost, and nothing is sent twice."""

from __future__ import annotations

import pytest

from companies.models import Company
from connectors.models import Connection, ConnectionState
from jobs.control import open_job
from jobs.foreground import follow
from jobs.models import Exchange, JobOutcome, SyncError
from jobs.runner import run_slice
from syncqueue.models import State, SyncQueueItem
from tests import factories
from tests.books import Books, connected
from tests.jobs.jobrun import run_job

pytestmark = pytest.mark.django_db(transaction=True)
BATCH = {"method": "POST", "path": "/batch"}


@pytest.fixture
def company(books: Books, settings) -> Company:
    settings.SYNC_PROVIDER_TIMEOUT_SECONDS = 1.0
    return factories.company()


@pytest.fixture
def connection(company: Company) -> Connection:
    return connected(company)


def keys_of_writes() -> list[str]:
    return list(Exchange.objects.filter(is_write=True).order_by("pk").values_list("key", flat=True))


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "cut_after"},
        {"fault": "cut_before"},
        {"fault": "truncate"},
        {"fault": "status", "status": 503, "when": "after"},
        {"fault": "status", "status": 503, "when": "before"},
        {"fault": "latency", "seconds": 2, "when": "after"},
        {"fault": "latency", "seconds": 2, "when": "before"},
    ],
    ids=lambda fault: "-".join(str(value) for value in fault.values()),
)
def test_each_record_arrives_once(
    books: Books, company: Company, connection: Connection, fault: dict
) -> None:
    customers = [factories.customer(company=company) for _ in range(5)]
    item = factories.item(company=company)
    for customer in customers:
        factories.invoice(company=company, customer=customer, lines=[{"item": item}])
    books.set_faults({"match": BATCH, "times": 2, **fault})

    job = run_job(connection)

    assert job.outcome == JobOutcome.SUCCEEDED, job.explanation
    assert sorted(row["DisplayName"] for row in books.all("Customer")) == sorted(
        customer.name for customer in customers
    )
    assert len(books.all("Invoice")) == 5
    assert set(books.creates_per_marker().values()) == {1}
    assert not SyncQueueItem.objects.open().exists()
    assert not Exchange.objects.filter(settled_at=None).exists()


def test_without_any_response_the_same_bytes_are_sent_with_the_same_key(
    books: Books, company: Company, connection: Connection
) -> None:
    factories.customer(company=company)
    books.set_faults({"match": BATCH, "fault": "cut_before"})

    run_job(connection)

    assert len(keys_of_writes()) == 1


def test_after_an_error_response_it_goes_into_a_new_exchange(
    books: Books, company: Company, connection: Connection
) -> None:
    factories.customer(company=company)
    books.set_faults({"match": BATCH, "fault": "status", "status": 500, "when": "before"})

    run_job(connection)

    assert len(set(keys_of_writes())) == 2


def test_an_edit_while_the_answer_is_unknown_follows(
    books: Books, company: Company, connection: Connection
) -> None:
    customer = factories.customer(company=company, name="Before")
    books.set_faults({"match": BATCH, "fault": "cut_after"})
    job = open_job(connection=connection).job
    assert job
    assert run_slice(job_id=job.pk) is not None  # It waits for the provider's time-out.
    assert SyncQueueItem.objects.get().state == State.UNKNOWN

    customer.name = "After"
    customer.save()
    assert SyncQueueItem.objects.get().state == State.UNKNOWN
    follow(job, tell=lambda job: None)

    [row] = books.all("Customer")
    assert row["DisplayName"] == "After"
    assert not SyncQueueItem.objects.open().exists()


def test_too_many_requests_make_the_job_wait_and_nothing_fails(
    books: Books, company: Company, connection: Connection
) -> None:
    factories.customer(company=company)
    books.set_faults({"match": BATCH, "fault": "status", "status": 429})
    job = open_job(connection=connection).job
    assert job

    delay = run_slice(job_id=job.pk)

    assert delay
    assert delay > 30
    assert SyncQueueItem.objects.get().state == State.WAITING
    job.refresh_from_db()
    assert not job.is_finished
    assert job.error_count == 0
    again = run_slice(job_id=job.pk)
    assert again
    assert again > 30  # Whoever rings earlier is sent away.
    assert len(keys_of_writes()) == 1


def test_an_expired_access_token_is_renewed(
    books: Books, company: Company, connection: Connection
) -> None:
    factories.customer(company=company)
    connection.set_credentials({**connection.credentials, "access_token": "expired"})
    connection.save()

    job = run_job(connection)

    assert job.outcome == JobOutcome.SUCCEEDED, job.explanation
    assert len(books.all("Customer")) == 1


def test_without_access_the_connection_asks_to_reconnect_and_nothing_fails(
    books: Books, company: Company, connection: Connection
) -> None:
    factories.customer(company=company)
    connection.set_credentials(
        {"access_token": "wrong", "refresh_token": "wrong", "expires_at": 2**40}
    )
    connection.save()

    job = run_job(connection)

    assert job.outcome == JobOutcome.FAILED
    assert "Reconnect" in job.explanation
    assert job.error_count == SyncError.objects.count() == 1
    connection.refresh_from_db()
    assert connection.state == ConnectionState.RECONNECT
    assert SyncQueueItem.objects.get().state == State.WAITING
    assert open_job(connection=connection).refusal


def test_after_five_outages_the_job_ends_and_says_when_it_tries_again(
    books: Books, company: Company, connection: Connection
) -> None:
    factories.customer(company=company)
    books.set_faults({"match": {"path": "/v3/"}, "fault": "status", "status": 503, "times": 0})

    job = run_job(connection)

    assert job.outcome == JobOutcome.WITH_ERRORS
    assert "Trying again at" in job.explanation
    assert job.error_count == 1

    books.set_faults()
    job = run_job(connection)

    assert job.outcome == JobOutcome.SUCCEEDED, job.explanation
    assert not SyncError.objects.unresolved().exists()
    assert len(books.all("Customer")) == 1
