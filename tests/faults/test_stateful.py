"""A property test: any mixture of edits on both sides, faults, jobs and killed jobs ends in peace.

Everything happens in this process, but for the slices that are killed: these are forked.
"""

from __future__ import annotations

import os
import random
import signal
import time

import pytest
from django.db.models.functions import Now
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from connectors.models import Connection, ConnectionState
from jobs.control import open_job
from jobs.models import SyncJob
from jobs.runner import run_slice
from syncqueue.models import SyncQueueItem
from tests import factories
from tests.books import connected
from tests.faults import plan
from tests.faults.books import Books
from tests.faults.checks import Checks
from tests.faults.forks import forked
from tests.faults.world import World

pytestmark = pytest.mark.django_db(transaction=True)
# `make faults` asks for more.
EXAMPLES = int(os.environ.get("SYNCAPP_TEST_EXAMPLES", "4"))
SEEDS = some.integers(0, 2**32)
SLICES_UNTIL_PEACE = 60


class BothSides(RuleBasedStateMachine):
    """One company of ours, its books, and whatever may happen to them."""

    books: Books

    @initialize(has_late_copies=some.booleans())
    def begin(self, has_late_copies: bool) -> None:
        self.books.reset()
        self.has_late_copies = has_late_copies
        company = factories.company()
        self.world = World(company, connected(company), self.books, company.pk)
        for what in ("new_customer", "new_item", "new_invoice"):
            self.world.carry_out(plan.Act("ours", what, 0))

    @rule(what=some.sampled_from(sorted(plan.OUR_EDITS)), seed=SEEDS)
    def we_edit(self, what: str, seed: int) -> None:
        self.world.carry_out(plan.Act("ours", what, seed))

    @rule(what=some.sampled_from(sorted(plan.THEIR_EDITS)), seed=SEEDS)
    def they_edit(self, what: str, seed: int) -> None:
        self.world.carry_out(plan.Act("theirs", what, seed))

    @rule(seeds=some.lists(SEEDS, min_size=1, max_size=2))
    def something_goes_wrong(self, seeds: list[int]) -> None:
        make = plan.draw_fault
        late = self.has_late_copies
        self.books.plan([make(random.Random(seed), has_late_copies=late) for seed in seeds])

    @rule(slices=some.integers(1, 3))
    def a_job_works(self, slices: int) -> None:
        job = self._job()
        for _ in range(slices if job else 0):
            run_slice(job_id=job.pk)

    @rule(step=some.sampled_from(plan.STEPS), times=some.integers(1, 2))
    def a_job_is_killed(self, step: str, times: int) -> None:
        if job := self._job():
            forked(job, signal.SIGKILL, f"{step}:{times}")

    @rule(changed=some.sampled_from([{"expires_at": 0}, {"access_token": "revoked"}]))
    def a_token_dies(self, changed: dict[str, object]) -> None:
        row = Connection.objects.get(pk=self.world.connection.pk)
        row.set_credentials({**row.credentials, **changed})
        row.save(update_fields=["sealed_credentials"])

    @rule()
    def a_minute_passes(self) -> None:
        mine = {"connection": self.world.connection}
        Connection.objects.filter(pk=self.world.connection.pk).update(retry_at=None)
        SyncQueueItem.objects.waiting().filter(**mine).update(next_attempt_at=Now())
        SyncJob.objects.open().filter(**mine, lease_expires_at__isnull=False).update(
            lease_expires_at=Now()
        )

    @invariant()
    def nothing_is_created_twice(self) -> None:
        if hasattr(self, "world"):
            twice = [name for name, n in self.books.creates_per_marker().items() if n > 1]
            assert not twice

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.books.plan([])
        for _ in range(3):
            self._finish_a_job()
        assert Checks(self.world).violations() == []

    def _job(self) -> SyncJob | None:
        """The open job, or a new one; none while nobody lets us in."""
        return open_job(connection=Connection.objects.get(pk=self.world.connection.pk)).job

    def _finish_a_job(self) -> None:
        if Connection.objects.get(pk=self.world.connection.pk).state == ConnectionState.RECONNECT:
            connected(self.world.company)
        job = self._job()
        assert job
        for _ in range(SLICES_UNTIL_PEACE):
            self.a_minute_passes()
            delay = run_slice(job_id=job.pk)
            if delay is None:
                break
            time.sleep(min(delay, 1))
        job.refresh_from_db()
        assert job.is_finished


def test_whatever_happens_ends_in_peace(books: Books, settings_of_a_second: None) -> None:
    BothSides.books = books
    run_state_machine_as_test(
        BothSides,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=12,
            deadline=None,
            derandomize=EXAMPLES < 10,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


@pytest.fixture
def settings_of_a_second(settings) -> None:
    settings.SYNC_PROVIDER_TIMEOUT_SECONDS = plan.TIMEOUT
    settings.SYNC_SLICE_SECONDS = 3
