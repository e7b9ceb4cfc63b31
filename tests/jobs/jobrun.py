"""Runs one job to its end in the test's own process."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from companies.models import Company
from connectors.models import Connection
from jobs.control import open_job
from jobs.foreground import follow
from jobs.models import SyncJob
from records.models import Invoice
from tests import factories


def run_job(connection: Connection, **options: Any) -> SyncJob:
    opened = open_job(connection=connection, **options)
    assert opened.job, opened.refusal
    return follow_job(opened.job)


def follow_job(job: SyncJob) -> SyncJob:
    return follow(job, tell=lambda job: None)


def invoice(company: Company, **fields: Any) -> Invoice:
    """An issued invoice of 10.00 that accounting accepts."""
    line = {"item": factories.item(company=company), "quantity": 2, "unit_price": Decimal("5")}
    return factories.invoice(company=company, lines=[line], **fields)
