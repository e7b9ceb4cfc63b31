"""An embedded server while it runs: started on a port, started again if it ends, stopped."""

from __future__ import annotations

import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from syncapp.embedded import ports, processes
from syncapp.embedded.errors import EmbeddedServerError

LOGS = "logs"
ATTEMPTS = 5
# Long, because a server that repairs itself after a crash answers late; it ends if it cannot.
START_SECONDS = 300


class Server(ABC):
    """What PostgreSQL and Redis have in common: a folder, a log, a port and a process.

    The owner's lock is held from when it is made until it is stopped.
    """

    name: ClassVar[str]
    port_variable: ClassVar[str]
    stop_steps: ClassVar[processes.StopSteps]

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.log = data_dir / LOGS / f"{self.name.lower()}.log"
        self.log.parent.mkdir(exist_ok=True)
        self.port = 0

    @property
    @abstractmethod
    def url(self) -> str:
        """Its address, with the password."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it accepts a connection."""

    @abstractmethod
    def sweep(self) -> None:
        """Ends what ran in its folder before."""

    @abstractmethod
    def spawn(self) -> subprocess.Popen[bytes]:
        """Its process, on its port."""

    def start(self) -> None:
        """Starts it on the port that the environment names, else on a free one.

        A free port can be taken by somebody else before the server does: then another is tried.
        """
        fixed = ports.port_from(self.port_variable)
        if fixed and ports.is_taken(fixed):
            raise EmbeddedServerError(
                f"Port {fixed} is taken. Set {self.port_variable} to another one."
            )
        for attempts_left in reversed(range(ATTEMPTS)):
            self.port = fixed or ports.free_port()
            try:
                self._run()
                return
            except EmbeddedServerError:
                if fixed or not attempts_left or not ports.is_taken(self.port):
                    raise

    def revive(self) -> bool:
        """Starts it again, at the same address, if it has ended; whether it had."""
        has_ended = self.process.poll() is not None
        if has_ended:
            self.sweep()
            self._run()
        return has_ended

    def stop(self) -> None:
        processes.stop(self.process, *self.stop_steps)

    def _run(self) -> None:
        seen = self.log.stat().st_size if self.log.exists() else 0
        self.process = self.spawn()
        try:
            if self._has_answered():
                return
        except BaseException:
            self.stop()
            raise
        self.stop()
        said = self.log.read_bytes()[seen:].decode(errors="replace").strip()
        raise EmbeddedServerError(
            f"{self.name} did not start. Its log ({self.log}):\n{said[-2000:]}"
        )

    def _has_answered(self) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            if self.answers():
                return True
            time.sleep(processes.STEP_SECONDS)
        return False
