"""Tells one history: sets the stage, lets it all happen, waits for peace, and looks."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection as database
from django.db.models.functions import Now

from companies.models import Company
from connectors.models import Connection, ConnectionState
from jobs.control import open_job
from jobs.models import Attempt, AttemptOutcome, JobOutcome, JobState, SyncJob, Trigger
from tests import factories
from tests.faults.books import Books
from tests.faults.checks import Checks
from tests.faults.explain import explain
from tests.faults.fleet import Fleet
from tests.faults.ground import Ground
from tests.faults.peace import Peace, reconnect
from tests.faults.plan import Act, Episode, History, Order
from tests.faults.troubles import Troubles
from tests.faults.world import World

# How long an episode goes on when its job has not finished by then.
EPISODE_SECONDS = 5.0


@dataclass
class Result:
    """What came of one history."""

    seed: int
    violations: list[str] = field(default_factory=list)
    injected: Counter[str] = field(default_factory=Counter)
    # What the books refused, by reason.
    refused: Counter[str] = field(default_factory=Counter)
    killed: list[int] = field(default_factory=list)
    recovery: float = 0.0
    jobs: int = 0
    records: int = 0
    took: float = 0.0


@dataclass
class Stage:
    """The servers, books and workers, kept from one history to the next."""

    ground: Ground
    books: Books
    fleet: Fleet

    def tell(self, history: History) -> Result:
        began = time.monotonic()
        company = self._set(history)
        telling = _Telling(self, history, company)
        try:
            result = telling.run()
        finally:
            self._clear(telling, company)
        result.took = time.monotonic() - began
        return result

    def _set(self, history: History) -> Company:
        """Empty books, their clock right or wrong, and a company that is connected with them."""
        self.books.begin(refuses_reused_ids=history.refuses_reused_ids)
        if history.clock:
            self.books.plan([{"fault": "clock", "seconds": history.clock}])
        company = factories.company(name=f"Company {history.seed} {time.time_ns()}")
        reconnect(company.name)
        return company

    def _clear(self, telling: _Telling, company: Company) -> None:
        """Nothing of this history reaches into the next one."""
        telling.troubles.wake_all()
        self.fleet.withdraw()
        self.fleet.replenish()
        self.books.set_faults()
        Connection.objects.filter(company=company).update(state=ConnectionState.CLOSED)
        open_ones = SyncJob.objects.open().filter(company=company)
        open_ones.update(state=JobState.FINISHED, outcome=JobOutcome.FAILED, completed_at=Now())


class _Telling:
    """One history while it is told."""

    def __init__(self, stage: Stage, history: History, company: Company) -> None:
        self.books, self.fleet, self.folder = stage.books, stage.fleet, stage.ground.folder
        self.history = history
        self.connection = Connection.objects.get(company=company)
        self.world = World(company, self.connection, stage.books, history.seed)
        self.troubles = Troubles(stage.ground, stage.books, stage.fleet, self.connection)
        self._pending: dict[str, Order] = {}

    def run(self) -> Result:
        for act in self.history.first:
            self.world.carry_out(act)
        for number, episode in enumerate(self.history.episodes):
            self._episode(number, episode)
        self._wait(0)
        self.fleet.withdraw()
        self.troubles.wake_all()
        self.books.plan([])
        peace = Peace(self.connection)
        recovery = peace.make()
        violations = [*peace.violations, *Checks(self.world).violations()]
        if violations:
            self._explain(violations)
        return Result(
            seed=self.history.seed,
            violations=violations,
            injected=self.books.injected + self.troubles.injected,
            refused=self._refused(),
            killed=self.troubles.killed,
            recovery=recovery,
            jobs=SyncJob.objects.filter(connection=self.connection).count(),
            records=len(self.books.log()),
        )

    def _refused(self) -> Counter[str]:
        mine = Attempt.objects.filter(
            exchange__connection=self.connection, outcome=AttemptOutcome.REJECTED
        )
        return Counter(mine.values_list("reason", flat=True))

    def _explain(self, violations: list[str]) -> None:
        text = "\n".join([*violations, *self.troubles.notes, *explain(self.world)])
        file = self.folder.parent / f"syncapp-history-{self.history.seed}.txt"
        file.write_text(text)

    def _episode(self, number: int, episode: Episode) -> None:
        for act in episode.before:
            self.world.carry_out(act)
        self.books.plan(episode.faults)
        self.fleet.withdraw()
        for order in episode.orders:
            name = f"{self.history.seed}.{number}"
            self.fleet.order(order.what, order.step, times=order.times, name=name)
        # One of the episode before may be carried out at the moment of its withdrawal.
        self._pending |= {order.what: order for order in episode.orders}
        self._press(episode.presses)
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
                self.troubles.note_kill(pid, "killed at a step")
            if pid := self.fleet.taken("STOP"):
                self._in_the_gap(pid)
            if time.monotonic() >= until:
                return
            time.sleep(0.02)

    def _in_the_gap(self, pid: int) -> None:
        """A process sleeps at a step: edit meanwhile, and wake it, late enough for a zombie."""
        order = self._pending["STOP"]
        self.troubles.note(f"{pid} stopped at {order.step} for {order.sleep} s")
        is_long = order.sleep > settings.SYNC_LEASE_SECONDS
        self.troubles.injected["stopped beyond the lease" if is_long else "edit in a gap"] += 1
        self.troubles.wake(pid, after=order.sleep)
        # It may hold the rows that are edited: then the edit waits until it wakes.
        for act in order.edits:
            self.world.carry_out(act)

    def _press(self, times: int) -> None:
        """New Sync Job, by one user or by two at the same moment."""
        threads = [threading.Thread(target=self._open_one) for _ in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if times > 1:
            self.troubles.injected["two users press the button"] += 1

    def _open_one(self) -> None:
        try:
            open_job(connection=self.connection, trigger=Trigger.MANUAL)
        finally:
            database.close()

    def _do(self, act: Act) -> None:
        self.troubles.note(f"{act.side} {act.what}")
        if act.side == "event":
            self.troubles.make(act)
        else:
            self.world.carry_out(act)

    def _open_jobs(self) -> Any:
        return SyncJob.objects.open().filter(connection=self.connection)
