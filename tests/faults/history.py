"""Tells one history: sets the stage, lets it all happen, waits for peace, and looks."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management import call_command
from django.db import connection as database
from django.db.models.functions import Now
from django.utils import timezone

from companies.models import Company
from connectors.models import Connection, ConnectionState
from jobs.control import cancel, open_job
from jobs.models import SyncJob, Trigger
from syncqueue.models import State, SyncQueueItem
from tests import factories
from tests.faults.books import Books
from tests.faults.checks import Checks
from tests.faults.explain import explain
from tests.faults.fleet import Fleet, has_ended, proceed
from tests.faults.ground import Ground
from tests.faults.plan import Act, Episode, History
from tests.faults.world import World

# How long an episode goes on when its job has not finished by then.
EPISODE_SECONDS = 5.0
# A job that does not end by itself, with all faults off, is a fault of ours.
RECOVERY_SECONDS = 60.0
JOBS_UNTIL_PEACE = 3


@dataclass
class Result:
    """What came of one history."""

    seed: int
    violations: list[str] = field(default_factory=list)
    injected: Counter[str] = field(default_factory=Counter)
    killed: list[int] = field(default_factory=list)
    recovery: float = 0.0
    jobs: int = 0
    records: int = 0
    took: float = 0.0


class Stage:
    """The servers, books and workers, kept from one history to the next."""

    def __init__(self, ground: Ground, books: Books, fleet: Fleet) -> None:
        self.ground = ground
        self.books = books
        self.fleet = fleet

    def tell(self, history: History) -> Result:
        began = time.monotonic()
        result = Result(history.seed)
        told = _Told(self, history, result)
        try:
            told.run()
        finally:
            told.clear_up()
        result.took = time.monotonic() - began
        return result


class _Told:
    """One history while it is told."""

    def __init__(self, stage: Stage, history: History, result: Result) -> None:
        self.ground, self.books, self.fleet = stage.ground, stage.books, stage.fleet
        self.history = history
        self.result = result
        self.stopped: list[int] = []
        self.is_over = threading.Event()
        self.helpers: list[threading.Thread] = []
        self.notes: list[str] = []
        self.books.injected = result.injected

    def run(self) -> None:
        self._open()
        for act in self.history.first:
            self.world.carry_out(act)
        for number, episode in enumerate(self.history.episodes):
            self._episode(number, episode)
        self._make_peace()
        self.result.violations += Checks(self.world).violations()
        if self.result.violations:
            text = "\n".join([*self.result.violations, *self.notes, *explain(self.world)])
            (self.ground.folder.parent / f"syncapp-history-{self.history.seed}.txt").write_text(
                text
            )
        jobs = SyncJob.objects.filter(connection=self.connection)
        self.result.jobs = jobs.count()
        self.result.records = len(self.books.log())

    def clear_up(self) -> None:
        """Nothing of this history reaches into the next one."""
        self.is_over.set()
        for pid in self.stopped:
            proceed(pid)
        for helper in self.helpers:
            helper.join()
        self.fleet.withdraw()
        self.books.set_faults()
        self.fleet.replenish()
        Connection.objects.filter(company=self.world.company).update(state=ConnectionState.CLOSED)
        open_ones = SyncJob.objects.open().filter(company=self.world.company)
        open_ones.update(state="finished", outcome="failed", completed_at=Now())

    def _open(self) -> None:
        self.books.reset()
        if self.history.clock:
            fault = {"fault": "clock", "seconds": self.history.clock, "times": 1}
            self.books.plan([fault])
        company = factories.company(name=f"Company {self.history.seed} {time.time_ns()}")
        _connect(company)
        self.connection = Connection.objects.get(company=company)
        self.world = World(company, self.connection, self.books, self.history.seed)

    def _episode(self, number: int, episode: Episode) -> None:
        for act in episode.before:
            self.world.carry_out(act)
        self.books.plan(episode.faults)
        self.fleet.withdraw()
        for order in episode.orders:
            name = f"{self.history.seed}.{number}"
            self.fleet.order(order.what, order.step, times=order.times, name=name)
        self._press(episode.presses)
        self._pending = list(episode.orders)
        for act in episode.during:
            self._wait(act.wait)
            self._do(act)
        deadline = time.monotonic() + EPISODE_SECONDS
        while time.monotonic() < deadline and self._open_jobs().exists():
            self._wait(0.05)

    def _wait(self, seconds: float) -> None:
        """Meanwhile sees to those who carried out an order: killed or stopped at a step."""
        until = time.monotonic() + seconds
        while True:
            if pid := self.fleet.taken("KILL"):
                self._note_kill(pid, "killed at a step")
            if pid := self.fleet.taken("STOP"):
                self._in_the_gap(pid)
            if time.monotonic() >= until:
                return
            time.sleep(0.02)

    def _note_kill(self, pid: int, how: str) -> None:
        assert has_ended(pid), f"process {pid} should have ended"
        self._note(f"{how}: {pid}")
        self.result.killed.append(pid)
        self.result.injected[how] += 1

    def _in_the_gap(self, pid: int) -> None:
        """A process sleeps at a step: edit meanwhile, and wake it, late enough for a zombie."""
        order = next(order for order in self._pending if order.what == "STOP")
        self._note(f"{pid} stopped at {order.step} for {order.sleep} s")
        self.stopped.append(pid)
        is_long = order.sleep > settings.SYNC_LEASE_SECONDS
        self.result.injected["stopped beyond the lease" if is_long else "edit in a gap"] += 1
        self._wake(pid, order.sleep)
        # It may hold the rows that are edited: then the edit waits until it wakes.
        for act in order.edits:
            self.world.carry_out(act)

    def _wake(self, pid: int, seconds: float) -> None:
        waking = threading.Timer(seconds, proceed, args=[pid])
        waking.start()
        self.helpers.append(waking)

    def _note(self, text: str) -> None:
        self.notes.append(f"{time.strftime('%M:%S')} {text}")

    def _press(self, times: int) -> None:
        """New Sync Job, by one user or by two at the same moment."""
        threads = [threading.Thread(target=self._open_one) for _ in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if times > 1:
            self.result.injected["two users press the button"] += 1

    def _open_one(self) -> None:
        try:
            open_job(connection=self.connection, trigger=Trigger.MANUAL)
        finally:
            database.close()

    def _do(self, act: Act) -> None:
        self._note(f"{act.side} {act.what}")
        if act.side == "event":
            getattr(self, f"_{act.what}")(act)
        else:
            self.world.carry_out(act)

    # Events

    def _flush_redis(self, act: Act) -> None:
        self.ground.flush_redis()
        self.result.injected["Redis FLUSHALL"] += 1

    def _restart_postgres(self, act: Act) -> None:
        database.close()
        self.ground.restart_postgres()
        self.result.injected["PostgreSQL restart"] += 1

    def _kill_process(self, act: Act) -> None:
        if pid := self.fleet.kill_a_process(act.seed):
            self._note_kill(pid, "killed at any moment")

    def _kill_worker(self, act: Act) -> None:
        self._note_kill(self.fleet.kill_a_worker(act.seed), "whole worker killed")

    def _end_worker(self, act: Act) -> None:
        self.fleet.end_a_worker(act.seed)
        self.result.injected["SIGTERM to a worker"] += 1

    def _stop_process(self, act: Act) -> None:
        """Asleep at any moment, for longer than its lease; then it wakes and goes on."""
        for pid in self.fleet.at_work()[:1]:
            os.kill(pid, signal.SIGSTOP)
            self.stopped.append(pid)
            self._wake(pid, 3.0)
            self.result.injected["stopped at any moment"] += 1

    def _press_again(self, act: Act) -> None:
        """A retry while a job is open makes it run again."""
        open_job(connection=self.connection, trigger=Trigger.RETRY)
        self.result.injected["run again"] += 1

    def _cancel(self, act: Act) -> None:
        for job in self._open_jobs():
            cancel(job=job, user=None)
            self.result.injected["job canceled"] += 1

    def _ring_twice(self, act: Act) -> None:
        """The scheduler fires twice, and a doorbell rings once more."""
        for _ in range(2):
            current_app.send_task("jobs.ring")
        self.result.injected["scheduler fires twice"] += 1

    def _expire_token(self, act: Act) -> None:
        self._change_token(expires_at=0)
        self.result.injected["access token expired"] += 1

    def _revoke_token(self, act: Act) -> None:
        self._change_token(access_token="revoked")
        self.result.injected["access token revoked"] += 1

    def _disconnect(self, act: Act) -> None:
        """Somebody disconnects us over there. A person reconnects, at the end."""
        self.books.disconnect()
        self.result.injected["disconnected over there"] += 1

    def _change_token(self, **changed: Any) -> None:
        row = Connection.objects.get(pk=self.connection.pk)
        row.set_credentials({**row.credentials, **changed})
        row.save(update_fields=["sealed_credentials"])

    # Peace

    def _make_peace(self) -> None:
        """Faults and edits off; then the open job ends, and at most three more do the rest."""
        self._wait(0)
        self.fleet.withdraw()
        for pid in self.stopped:
            proceed(pid)
        for helper in self.helpers:
            helper.join()
        self.books.plan([])
        began = time.monotonic()
        if not self._until_idle():
            return
        for _ in range(JOBS_UNTIL_PEACE):
            self._reconnect()
            self._let_time_pass()
            self._open_one_again()
            if not self._until_idle():
                return
            if not self._has_work() and not self._reconnect():
                break
        self.result.recovery = time.monotonic() - began

    def _open_one_again(self) -> None:
        opened = open_job(connection=self.connection, trigger=Trigger.MANUAL)
        if opened.refusal:
            self.result.violations.append(f"no job can be opened: {opened.refusal}")

    def _until_idle(self) -> bool:
        deadline = time.monotonic() + RECOVERY_SECONDS
        while self._open_jobs().exists():
            self._let_time_pass()
            if time.monotonic() > deadline:
                self.result.violations.append(f"the job did not end: {self._open_jobs().values()}")
                return False
            time.sleep(0.1)
        return True

    def _reconnect(self) -> bool:
        """What only a person can do after the accounting system let us out."""
        self.connection.refresh_from_db()
        if self.connection.state != ConnectionState.RECONNECT:
            return False
        _connect(self.world.company)
        self._until_idle()
        self.connection.refresh_from_db()
        return True

    def _let_time_pass(self) -> None:
        """A minute, or an hour: what waits for its time is due."""
        Connection.objects.filter(pk=self.connection.pk, retry_at__gt=timezone.now()).update(
            retry_at=Now()
        )
        SyncQueueItem.objects.waiting().filter(connection=self.connection).update(
            next_attempt_at=Now()
        )

    def _has_work(self) -> bool:
        return (
            SyncQueueItem.objects.open()
            .filter(connection=self.connection)
            .exclude(state__in=[State.FAILED, State.CONFLICT, State.BLOCKED])
            .exists()
        )

    def _open_jobs(self) -> Any:
        return SyncJob.objects.open().filter(connection=self.connection)


def _connect(company: Company) -> None:
    """Through the command, as an operator would; what it says is not looked at."""
    with contextlib.redirect_stdout(io.StringIO()):
        call_command("connect", "quickbooks_online", company=company.name, json=True)
