"""Real Celery workers that a test may kill, stop and continue, and the orders they find on the way.

An order is a file that names a step (jobs/steps.py). The process which gets there takes it away,
leaving its own number behind.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from syncapp.embedded import processes
from tests.workers import ROOT, environment

WORKERS = 2


class Fleet:
    """Two workers with one process each, and a scheduler."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self._folder = folder
        self._orders = {"KILL": folder / "kill", "STOP": folder / "stop"}
        self._variables = {
            f"SYNCAPP_{name}_AT": f"@{path}" for name, path in self._orders.items()
        } | dict(variables)
        self._workers: list[subprocess.Popen[bytes]] = []
        self._leaving: list[subprocess.Popen[bytes]] = []
        self._beat: subprocess.Popen[bytes] | None = None
        self._number = 0

    def start(self) -> None:
        self._beat = self._spawn("beat", "--schedule", str(self._folder / "schedule"))
        self.replenish()

    def replenish(self) -> None:
        """As a supervisor would: in the place of each worker that has ended, a new one."""
        alive = [worker for worker in self._workers if worker.poll() is None]
        missing = WORKERS - len(alive)
        self._workers = alive + [
            self._spawn("worker", "--concurrency", "1") for _ in range(missing)
        ]

    def stop(self) -> None:
        for process in [*self._workers, *self._leaving, *([self._beat] if self._beat else [])]:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def order(self, what: str, step: str, *, times: int, name: str) -> None:
        """KILL or STOP whoever reaches the step for the so-many-th time."""
        making = self._folder / "order"
        making.write_text(f"{step}:{times}:{name}")
        making.rename(self._orders[what])

    def taken(self, what: str) -> int | None:
        """The process that carried out the order, once."""
        for path in self._folder.glob(f"{self._orders[what].name}.*"):
            path.unlink()
            return int(path.suffix[1:])
        return None

    def withdraw(self) -> None:
        for path in self._orders.values():
            path.unlink(missing_ok=True)

    def kill_a_worker(self, which: int) -> int:
        """The whole worker, as when its machine loses power; returns a process that worked."""
        worker = self._workers[which % len(self._workers)]
        working = next(iter(children(worker.pid)), worker.pid)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        self.replenish()
        return working

    def kill_the_worker_of(self, pid: int) -> None:
        for number, worker in enumerate(self._workers):
            if pid in children(worker.pid):
                self.kill_a_worker(number)
                return

    def end_a_worker(self, which: int) -> None:
        """Politely: it gives its job back between two batches, while another starts."""
        worker = self._workers.pop(which % len(self._workers))
        worker.send_signal(signal.SIGTERM)
        self._leaving.append(worker)
        self.replenish()

    def kill_a_process(self, which: int) -> int | None:
        """What works on jobs, at any moment, and not the worker that starts it anew."""
        found = children(self._workers[which % len(self._workers)].pid)
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                return pid
        return None

    def at_work(self) -> list[int]:
        return [pid for worker in self._workers for pid in children(worker.pid)]

    def _spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        self._number += 1
        log = self._folder / f"{arguments[0]}-{self._number}.log"
        command = [sys.executable, "-m", "celery", "-A", "tests.faults.app", *arguments]
        if arguments[0] == "worker":
            command += ["--hostname", f"worker{self._number}@%h", "--without-gossip"]
            command += ["--without-mingle", "--loglevel", "INFO"]
        with log.open("wb") as output:
            return subprocess.Popen(
                processes.launched(command, death_signal=signal.SIGKILL),
                cwd=ROOT,
                env=environment() | self._variables,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def has_ended(pid: int, *, within: float = 5) -> bool:
    """Whether the process is gone, or dead and not yet buried by its worker."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


def proceed(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)
