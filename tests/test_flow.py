"""The whole story: records, a job by a real worker over HTTP, an error, its repair, a rename."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from companies.models import Role
from jobs.models import JobOutcome, SyncError, SyncJob
from records.models import Customer
from syncqueue.models import State, SyncQueueItem
from tests import factories
from tests.books import point_at, running_books, until
from tests.workers import running_worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_company_keeps_its_books_in_agreement(tmp_path: Path, settings: object) -> None:
    company = factories.company(name="Harbor Foods")
    clerk = factories.member(company=company, role=Role.ACCOUNTANT)
    browser = Client()
    browser.force_login(clerk)
    with running_books(tmp_path / "books.sqlite") as books:
        point_at(books)
        # Records that were there before, and a connection that queues them.
        good = factories.customer(company=company, name="Good Customer", email="a@example.com")
        bad = factories.customer(company=company, name="Bad: Customer")
        item = factories.item(company=company, name="Tea", unit_price=Decimal("2.5"))
        line = {"item": item, "quantity": 4, "unit_price": Decimal("2.5")}
        invoices = [factories.invoice(company=company, customer=good, lines=[line])]
        invoices.append(factories.invoice(company=company, customer=bad, lines=[line]))
        factories.invoice(company=company, customer=good, lines=[line], status="draft")
        call_command(
            "connect",
            "quickbooks_online",
            company=company.name,
            accept_exact=True,
            initial_load=True,
            json=True,
        )

        with running_worker(tmp_path / "worker.log", SYNCAPP_BEAT_SECONDS="1"):
            # New Sync Job, by the button.
            browser.post(reverse("sync-job-new"))
            job = until(lambda: SyncJob.objects.finished().order_by("-pk").first())
            job = until(
                lambda: SyncJob.objects.finished().filter(trigger="manual", scope={}).first()
            )
            assert job.created_by == clerk
            assert job.outcome == JobOutcome.WITH_ERRORS
            assert None not in (job.sent_request_at, job.received_response_at, job.completed_at)
            assert len(books.all("Invoice")) == 1
            [error] = SyncError.objects.filter(job=job)
            assert error.record_id == bad.pk
            assert (
                SyncQueueItem.objects.get(record_id=invoices[1].pk, record_type="invoice").state
                == State.BLOCKED
            )

            # The error count leads to the error, which says what to do.
            page = browser.get(reverse("sync-errors"), {"job": job.pk})
            assert error.message in page.content.decode()

            # The correction is sent with the next job, and what waited follows.
            Customer.objects.filter(pk=bad.pk).update(name="Bad Customer")
            browser.post(reverse("sync-job-new"))
            until(lambda: len(books.all("Invoice")) == 2)
            until(lambda: not SyncJob.objects.open().exists())
            assert not SyncError.objects.unresolved().exists()

            # A name changed in accounting comes back.
            books.edit(
                "Customer", books.named("Customer", "Good Customer")["Id"], DisplayName="Renamed"
            )
            browser.post(reverse("sync-job-new"))
            until(lambda: Customer.objects.filter(pk=good.pk, name="Renamed").exists())
            until(lambda: not SyncJob.objects.open().exists())

            # Nothing is left, and another job writes nothing.
            assert not SyncQueueItem.objects.open().exists()
            written = books.log()
            browser.post(reverse("sync-job-new"))
            until(lambda: not SyncJob.objects.open().exists())
            assert books.log() == written
            assert set(books.creates_per_marker().values()) == {1}
