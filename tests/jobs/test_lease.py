"""Who may work on a job, and who may not any more."""

from __future__ import annotations

import time

import pytest

from jobs.control import open_job
from jobs.lease import Lease, LeaseLost, acquire, fenced, heartbeat, release
from jobs.models import SyncJob
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def job(settings) -> SyncJob:
    settings.SYNC_LEASE_SECONDS = 0.5
    settings.SYNC_HEARTBEAT_SECONDS = 0.1
    made = open_job(connection=factories.connection(company=factories.company())).job
    assert made
    return made


def take(job: SyncJob, owner: str = "a") -> Lease:
    lease = acquire(job_id=job.pk, owner=owner)
    assert lease
    return lease


def test_one_worker_at_a_time(job: SyncJob) -> None:
    take(job, "a")
    assert acquire(job_id=job.pk, owner="b") is None


def test_a_released_job_goes_on_without_counting_as_taken_over(job: SyncJob) -> None:
    release(take(job, "a"))
    lease = take(job, "b")
    job.refresh_from_db()
    assert (job.takeovers, lease.is_takeover) == (0, False)


def test_an_expired_lease_is_taken_over_and_its_former_owner_writes_nothing(job: SyncJob) -> None:
    zombie = take(job, "a")
    time.sleep(0.6)
    heir = take(job, "b")

    with pytest.raises(LeaseLost), fenced(zombie):
        SyncJob.objects.filter(pk=job.pk).update(exported=99)

    with fenced(heir):
        SyncJob.objects.filter(pk=job.pk).update(imported=1)
    job.refresh_from_db()
    assert (job.exported, job.imported, job.takeovers) == (0, 1, 1)
    assert not zombie.renew()


def test_a_process_that_slept_through_its_lease_sends_nothing(job: SyncJob) -> None:
    lease = take(job)
    lease.assert_time_to_send()
    time.sleep(0.6)
    with pytest.raises(LeaseLost):
        lease.assert_time_to_send()


def test_the_heartbeat_keeps_the_lease(job: SyncJob) -> None:
    lease = take(job, "a")
    lease.step(5)
    with heartbeat(lease):
        time.sleep(0.9)
        assert acquire(job_id=job.pk, owner="b") is None
        lease.assert_time_to_send()


def test_the_heartbeat_gives_up_on_a_step_that_overran(job: SyncJob) -> None:
    lease = take(job, "a")
    lease.step(0.2)
    with heartbeat(lease):
        time.sleep(1.0)
        assert acquire(job_id=job.pk, owner="b") is not None


def test_a_finished_job_cannot_be_acquired(job: SyncJob) -> None:
    SyncJob.objects.filter(pk=job.pk).update(
        completed_at=job.created_at, state="finished", outcome="succeeded"
    )
    assert acquire(job_id=job.pk, owner="a") is None
