"""Sync Jobs against a real Tryton: what arrives in its ledger, what is refused, what comes back."""

from __future__ import annotations

import dataclasses
import datetime
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from connectors.models import Connection, Link
from jobs.control import open_job
from jobs.foreground import follow
from jobs.models import JobOutcome, SyncError, SyncJob
from records.models import Customer
from syncapp.tryton_server import TrytonServer
from syncapp.tryton_server.rpc import Client
from syncqueue.models import State, SyncQueueItem
from tests import factories
from tests.tryton.conftest import connected, run_job
from tests.tryton.proxy import proxy
from tests.workers import ROOT, environment

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime.date(2026, 11, 20)
# Runs a job, and dies directly after a request of this kind was answered.
KILLED_AFTER = """
import os, signal, sys
import django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "syncapp.settings")
django.setup()
from connectors import http
from jobs.runner import run_slice
send = http.send
def send_and_die(request, **options):
    response = send(request, **options)
    if request.summary.startswith(sys.argv[2]) and "invoice" in request.summary:
        os.kill(os.getpid(), signal.SIGKILL)
    return response
http.send = send_and_die
run_slice(job_id=int(sys.argv[1]))
"""


def decimal_of(value: dict[str, str]) -> Decimal:
    return Decimal(value["decimal"])


def test_a_document_and_its_payment_reach_the_ledger_and_nothing_is_sent_twice(
    server: TrytonServer, client: Client, tmp_path: Path
) -> None:
    company = factories.company()
    connection = connected(company, server, tmp_path)
    customer = factories.customer(company=company, name="Around the Horn", country="UK")
    item = factories.item(company=company, name="Chai", unit_price=Decimal("18"))
    line = {"item": item, "quantity": 3, "unit_price": Decimal("0.335")}
    invoices = [
        factories.invoice(company=company, customer=customer, date=DAY, lines=[line])
        for _ in range(3)
    ]
    factories.payment(company=company, date=DAY, applications=[(invoices[0], invoices[0].total)])

    job = run_job(connection)

    assert job.outcome == JobOutcome.SUCCEEDED, list(SyncError.objects.values("reason", "message"))
    assert job.exported == 6
    rows = client.find("account.invoice", [], "state", "reference", "untaxed_amount")
    assert [row["reference"] for row in rows] == [one.number for one in invoices]
    assert {row["state"] for row in rows} <= {"posted", "paid"}
    assert {decimal_of(row["untaxed_amount"]) for row in rows} == {Decimal("1.01")}
    assert not SyncQueueItem.objects.open().exists()
    invoices[0].refresh_from_db()
    assert invoices[0].balance == 0
    moves = client("model.account.move.search_count", [])

    job = run_job(connection)

    assert (job.exported, job.imported, job.error_count) == (0, 0, 0)
    assert client("model.account.move.search_count", []) == moves


def test_a_party_renamed_in_tryton_is_renamed_here(
    server: TrytonServer, client: Client, tmp_path: Path
) -> None:
    company = factories.company()
    connection = connected(company, server, tmp_path)
    customer = factories.customer(company=company, name="Old name", city="Berlin")
    run_job(connection)
    party = int(Link.objects.get(record_type="customer", record_id=customer.pk).external_id)
    client.write("party.party", [party], name="New name")
    address = client.find("party.address", [["party", "=", party]], "id")[0]["id"]
    client.write("party.address", [address], city="Hamburg")

    job = run_job(connection)

    customer.refresh_from_db()
    assert (customer.name, customer.city) == ("New name", "Hamburg")
    assert job.imported == 1
    assert not SyncQueueItem.objects.open().exists()


def test_a_party_deleted_in_tryton_is_a_conflict_here(
    server: TrytonServer, client: Client, tmp_path: Path
) -> None:
    company = factories.company()
    connection = connected(company, server, tmp_path)
    customer = factories.customer(company=company, name="Never invoiced")
    run_job(connection)
    party = int(Link.objects.get(record_type="customer", record_id=customer.pk).external_id)
    client("model.party.party.delete", [party])

    job = run_job(connection)

    [error] = SyncError.objects.filter(job=job)
    assert (error.reason, error.record_id) == ("gone", customer.pk)
    assert SyncQueueItem.objects.open().get().state == State.CONFLICT
    assert run_job(connection).error_count == 0


def test_a_locked_period_and_an_unmapped_tax_are_errors_that_say_what_to_do(
    server: TrytonServer, client: Client, tmp_path: Path
) -> None:
    company = factories.company()
    connection = connected(company, server, tmp_path)
    line = {"item": factories.item(company=company), "quantity": 1, "unit_price": Decimal("5")}
    factories.invoice(company=company, date=datetime.date(2024, 2, 3), lines=[line])
    ours_only = factories.tax_code(company=company, name="Hotel tax")
    taxed = {**line, "tax_code": ours_only}
    untaxed = [factories.invoice(company=company, date=DAY, lines=[taxed]) for _ in range(2)]
    good = factories.invoice(company=company, date=DAY, lines=[line])
    period = client.id_of("account.period", ["name", "=", "2024-02"])
    client.button("account.period", "close", [period])

    job = run_job(connection)

    tax, closed = SyncError.objects.filter(job=job).order_by("reason").reverse()
    assert (tax.reason, closed.reason) == ("mapping", "closed_period")
    assert "Hotel tax" in tax.message
    assert "2024-02-03" in closed.message
    assert tax.advice
    assert closed.advice
    rows = client.find("account.invoice", [], "reference")
    assert [row["reference"] for row in rows] == [good.number]
    waiting = SyncQueueItem.objects.open().filter(state=State.BLOCKED)
    assert {item.record_id for item in waiting} == {one.pk for one in untaxed}


def test_a_taken_sku_is_one_error_and_the_rest_of_the_batch_arrives(
    server: TrytonServer, client: Client, tmp_path: Path
) -> None:
    company = factories.company()
    connection = connected(company, server, tmp_path)
    first = factories.item(company=company, name="First", sku="S-1")
    run_job(connection)
    factories.item(company=company, name="Other", sku="S-1")
    factories.item(company=company, name="Good", sku="S-2")

    job = run_job(connection)

    [error] = SyncError.objects.filter(job=job)
    assert (error.reason, error.field) == ("duplicate", "sku")
    names = {
        row["template."]["name"] for row in client.find("product.product", [], "template.name")
    }
    assert names == {first.name, "Good"}


def test_an_expired_session_is_renewed_and_a_rejected_password_is_tried_once(
    server: TrytonServer, client: Client, tmp_path: Path
) -> None:
    company = factories.company()
    connection = connected(company, server, tmp_path)
    factories.customer(company=company)
    connection.set_credentials({**connection.credentials, "token": "0" * 64})
    connection.save()

    job = run_job(connection)

    assert job.outcome == JobOutcome.SUCCEEDED, job.explanation

    Customer.objects.update(city="Rome")
    connection.refresh_from_db()
    connection.set_credentials({**connection.credentials, "token": "", "password": "wrong"})
    connection.save()
    job = run_job(connection)

    assert job.outcome == JobOutcome.FAILED
    assert SyncQueueItem.objects.get(finished_at=None).state == State.WAITING
    assert open_job(connection=Connection.objects.get(pk=connection.pk)).refusal


@pytest.mark.parametrize("step", ["Create", "Post"])
def test_a_kill_between_two_calls_leaves_neither_a_duplicate_nor_a_draft(
    server: TrytonServer, client: Client, tmp_path: Path, settings: object, step: str
) -> None:
    """The answer to a call is lost: it was carried out, and nobody wrote down that it was."""
    settings.SYNC_PROVIDER_TIMEOUT_SECONDS = 8.0
    company = factories.company()
    connection = connected(company, server, tmp_path)
    line = {"item": factories.item(company=company), "quantity": 1, "unit_price": Decimal("5")}
    invoices = [factories.invoice(company=company, date=DAY, lines=[line]) for _ in range(3)]
    command = [
        sys.executable,
        "-c",
        KILLED_AFTER,
        str(open_job(connection=connection).job.pk),
        step,
    ]
    killed = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]
    SyncJob.objects.update(lease_expires_at=timezone.now())

    job = follow(SyncJob.objects.open().get(), tell=lambda job: None)

    assert job.outcome == JobOutcome.SUCCEEDED, list(SyncError.objects.values("reason", "message"))
    rows = client.find("account.invoice", [], "state", "reference")
    assert sorted(row["reference"] for row in rows) == sorted(one.number for one in invoices)
    assert {row["state"] for row in rows} == {"posted"}
    assert not SyncQueueItem.objects.open().exists()


@pytest.mark.parametrize("when", ["fail_before", "fail_after"])
def test_a_503_is_tried_again_and_nothing_is_sent_twice(
    server: TrytonServer, client: Client, tmp_path: Path, settings: object, when: str
) -> None:
    """Contention in Tryton, which undoes all; or a proxy that gave up while Tryton worked on."""
    settings.SYNC_PROVIDER_TIMEOUT_SECONDS = 3.0
    company = factories.company()
    line = {"item": factories.item(company=company), "quantity": 1, "unit_price": Decimal("5")}
    invoices = [factories.invoice(company=company, date=DAY, lines=[line]) for _ in range(3)]
    factories.payment(company=company, date=DAY, applications=[(invoices[0], invoices[0].total)])
    with proxy(server.address) as between:
        reached = dataclasses.replace(server, address=between.address)
        connection = connected(company, reached, tmp_path, initial_load=True)
        methods = [
            "model.party.party.create",
            "model.account.invoice.create",
            "model.account.invoice.post",
            "model.account.move.create",
            "model.account.move.post",
        ]
        setattr(between, when, methods)

        job = run_job(connection)

    assert not methods
    assert job.outcome == JobOutcome.SUCCEEDED, list(SyncError.objects.values("reason", "message"))
    rows = client.find("account.invoice", [], "state", "reference")
    assert sorted(row["reference"] for row in rows) == sorted(one.number for one in invoices)
    assert {row["state"] for row in rows} <= {"posted", "paid"}
    payments = client.find("account.move", [["journal.type", "=", "cash"]], "state")
    assert [row["state"] for row in payments] == ["posted"]
