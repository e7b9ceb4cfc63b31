"""The provider's rates are planned, also across the slices of a job."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from connectors.registry import connector_for
from jobs.lease import acquire
from jobs.models import Exchange, SyncJob
from jobs.sender import Sender
from jobs.work import Work
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def _sender(*, sent_seconds_ago: float, settings: object) -> Sender:
    """Of a new slice; the one before has used up the writes of a minute."""
    settings.QUICKBOOKS_ONLINE = {"api_url": "http://127.0.0.1:9", "rate_factor": 1.0}
    connection = factories.connection(company=factories.company())
    job = SyncJob.objects.create(connection=connection, company=connection.company)
    at = timezone.now() - datetime.timedelta(seconds=sent_seconds_ago)
    connector = connector_for(connection)
    for _ in range(connector.limits.writes_per_minute):
        Exchange.objects.create(
            job=job,
            connection=connection,
            company=connection.company,
            is_write=True,
            created_at=at,
            sent_at=at,
        )
    lease = acquire(job_id=job.pk, owner="test")
    assert lease
    return Sender(Work(job, connection, connector, lease))


def test_a_new_slice_keeps_to_the_rate_that_the_one_before_used_up(settings: object) -> None:
    sender = _sender(sent_seconds_ago=20, settings=settings)

    assert sender.must_wait(to_write=True)
    assert not sender.must_wait(to_write=False)


def test_after_a_minute_the_rate_is_free_again(settings: object) -> None:
    assert not _sender(sent_seconds_ago=70, settings=settings).must_wait(to_write=True)
