"""Starts the programs of `make run` in order, watches them, restarts them and stops them."""

from __future__ import annotations

import contextlib
import http.client
import re
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from syncapp.embedded import processes
from syncapp.embedded.ports import HOST
from syncapp.embedded.processes import StopSteps

STEP_SECONDS = 0.2
READY_SECONDS = 120
LAST_LINES = 20
# A program that has run for this long begins anew with the first restart delay.
SETTLED_SECONDS = 60
RESTART_DELAYS = (1.0, 2.0, 4.0, 8.0, 16.0)
IMPORTANT = re.compile(r"\b(ERROR|CRITICAL|FATAL|Traceback)\b")

Say = Callable[[str], object]


class ProgramError(Exception):
    """A program could not be started or kept running; the text holds its last lines."""


class StopRequest(BaseException):
    """Ctrl-C, or a signal that asks to end."""


@dataclass(frozen=True)
class Program:
    """A command that runs until it is stopped, or to its end if it runs `once`.

    With a port, it is ready as soon as it answers HTTP there. `stop` are the signals that end it,
    each with the seconds it may take.
    """

    name: str
    command: Sequence[str]
    once: bool = False
    port: int | None = None
    stop: StopSteps = ((signal.SIGTERM, 10),)


class Child:
    """A program while it runs: its process, its log and the last lines it wrote."""

    def __init__(self, program: Program, supervisor: Supervisor) -> None:
        self.program = program
        self.log = supervisor.logs / f"{program.name}.log"
        self.last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self.failures = 0
        self.restart_at: float | None = None
        self._supervisor = supervisor
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        self.start()

    def start(self) -> None:
        self.restart_at = None
        self.started_at = time.monotonic()
        self.process = processes.spawn(
            self.program.command,
            folder=self._supervisor.folder,
            environment=self._supervisor.environment,
            output=subprocess.PIPE,
        )
        assert self.process.stdout
        self._reader = threading.Thread(target=self._read, args=[self.process.stdout], daemon=True)
        self._reader.start()

    def stop(self) -> None:
        processes.stop(self.process, *self.program.stop)
        self._reader.join(timeout=2)

    def _read(self, output: IO[bytes]) -> None:
        with output, self.log.open("ab") as log:
            for line in output:
                log.write(line)
                log.flush()
                text = line.decode(errors="replace").rstrip()
                self.last_lines.append(text)
                if IMPORTANT.search(text):
                    self._supervisor.say(f"{self.program.name:<9} {text}")

    def error(self, what: str) -> ProgramError:
        self._reader.join(timeout=2)
        lines = "\n".join(f"    {line}" for line in self.last_lines)
        name = self.program.name
        return ProgramError(f"{name} {what}. Its last lines (more in {self.log}):\n{lines}")


class Supervisor:
    """Starts programs one after the other; at the end of its block stops them in reverse order."""

    def __init__(
        self,
        *,
        folder: Path,
        logs: Path,
        environment: Mapping[str, str],
        say: Say,
        restart_delays: Sequence[float] = RESTART_DELAYS,
    ) -> None:
        self.folder = folder
        self.logs = logs
        self.environment = environment
        self.say = say
        self.restart_delays = restart_delays
        self.children: list[Child] = []
        logs.mkdir(exist_ok=True)

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(self, *_: object) -> None:
        for child in reversed(self.children):
            child.stop()

    def start(self, program: Program) -> None:
        """Starts a program and waits until it is ready, or has ended if it runs once."""
        self.say(f"Starting {program.name} ...")
        child = Child(program, self)
        self.children.append(child)
        if program.once:
            code = child.process.wait()
            self.children.remove(child)
            if code != 0:
                raise child.error(f"failed (exit code {code})")
        elif program.port:
            self._wait_until_ready(child, program.port)

    def watch(self, *, check: Callable[[], None]) -> None:
        """Restarts programs that end, until one keeps ending or the check raises."""
        while True:
            check()
            for child in self.children:
                self._look_after(child)
            time.sleep(STEP_SECONDS)

    def _wait_until_ready(self, child: Child, port: int) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not answers_http(port):
            if child.process.poll() is not None:
                raise child.error(f"ended (exit code {child.process.returncode})")
            if time.monotonic() > deadline:
                raise child.error(f"did not answer on port {port} within {READY_SECONDS} s")
            time.sleep(STEP_SECONDS)

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.restart_at is not None:
            if now >= child.restart_at:
                child.start()
            return
        if child.process.poll() is None:
            return
        child.stop()  # What it had started itself may be left.
        if now - child.started_at > SETTLED_SECONDS:
            child.failures = 0
        if child.failures >= len(self.restart_delays):
            raise child.error("keeps ending")
        delay = self.restart_delays[child.failures]
        child.failures += 1
        child.restart_at = now + delay
        code = child.process.returncode
        self.say(f"{child.program.name} ended (exit code {code}); starting it again in {delay:g} s")


def answers_http(port: int) -> bool:
    """Whether a web server gives any response at all."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    with contextlib.closing(connection):
        try:
            connection.request("GET", "/")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            return False
        return True


@contextlib.contextmanager
def stop_requests(say: Say) -> Iterator[None]:
    """Turns the first Ctrl-C, SIGTERM or SIGHUP into a StopRequest; ignores those that follow.

    A SIGHUP that is ignored stays so: that is what nohup means.
    """
    is_stopping = False

    def request_stop(number: int, frame: FrameType | None) -> None:
        nonlocal is_stopping
        if not is_stopping:
            is_stopping = True
            say("Stopping ...")
            raise StopRequest

    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, request_stop) for number in numbers}
    try:
        yield
    except StopRequest:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
