"""Starts and stops child processes, and finds those that a dead parent left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, TypeVar

import psutil

LAUNCHER = Path(__file__).with_name("launch.py")
STEP_SECONDS = 0.02
SWEEPS = 10

Answer = TypeVar("Answer")
# Signals to send one after the other, each with the seconds the process may take then.
StopSteps = tuple[tuple[signal.Signals, float], ...]


@dataclass(frozen=True)
class Account:
    """The system user a server runs as."""

    uid: int
    gid: int


def launched(
    command: Sequence[str | Path],
    *,
    account: Account | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> list[str]:
    """The command, run so that it gets `death_signal` when this process ends in whatever way.

    The kernel sends it when the *thread* that started the child ends: start from the main thread.
    """
    uid, gid = (account.uid, account.gid) if account else (-1, -1)
    options = [os.getpid(), int(death_signal), uid, gid]
    words = [sys.executable, "-I", "-S", LAUNCHER, *options, *command]
    return [str(word) for word in words]


def spawn(
    command: Sequence[str | Path],
    *,
    folder: Path,
    output: IO[bytes] | int,
    environment: Mapping[str, str],
    account: Account | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
    send: bytes = b"",
) -> subprocess.Popen[bytes]:
    """Starts a command in its own session, so that a Ctrl-C in the terminal reaches only us."""
    process = subprocess.Popen(
        launched(command, account=account, death_signal=death_signal),
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.PIPE if send else subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    if process.stdin:
        with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
            pipe.write(send)
    return process


def stop(process: subprocess.Popen[bytes], *steps: tuple[signal.Signals, float]) -> None:
    """Sends each signal and waits its seconds, until the process has ended; then ends its session.

    The last resort, SIGKILL to everything the process had started, is always there.
    """
    for number, seconds in steps:
        if process.poll() is not None:
            break
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def in_folder(folder: Path, *names: str) -> list[psutil.Process]:
    """Processes whose working directory is the folder, whoever started them; of these names."""
    place = os.path.realpath(folder)
    return [
        process
        for process in _others()
        if (not names or _asked(process.name) in names) and _asked(process.cwd) == place
    ]


def with_variable(name: str, value: str) -> list[psutil.Process]:
    """Processes that were started with this environment variable, except ourselves."""
    return [process for process in _others() if (_asked(process.environ) or {}).get(name) == value]


def end(
    find: Callable[[], Sequence[psutil.Process]], number: signal.Signals, *, within: float
) -> None:
    """Signals the processes that are found, and after `within` seconds kills those that are left.

    It looks again until it finds none: one may have started another while we looked.
    """
    for _ in range(SWEEPS):
        found = find()
        if not found:
            return
        for process in found:
            _asked(partial(process.send_signal, number))
        if not wait_until(partial(_have_ended, found), seconds=within):
            for process in found:
                _asked(process.kill)
            wait_until(partial(_have_ended, found), seconds=5)


def wait_until(happened: Callable[[], bool], *, seconds: float) -> bool:
    """Whether it happened within this many seconds."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(STEP_SECONDS)
    return True


def _others() -> Iterator[psutil.Process]:
    """Every process but this one and those it descends from."""
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    for process in psutil.process_iter(["name"]):
        if process.pid not in own:
            yield process


def _asked(question: Callable[[], Answer]) -> Answer | None:
    """The answer of a process, or nothing if it ended meanwhile or is not ours to ask."""
    try:
        return question()
    except (psutil.Error, OSError):
        return None


def _have_ended(found: Sequence[psutil.Process]) -> bool:
    """A zombie has ended, also where nobody collects it (process 1 of many containers)."""
    return all(
        not process.is_running() or _asked(process.status) in {None, psutil.STATUS_ZOMBIE}
        for process in found
    )
