"""The supervisor of `make run`, with small programs in the place of the real ones."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from syncapp.embedded import development, owner, ports, processes
from syncapp.supervisor import (
    Program,
    ProgramError,
    StopRequest,
    Supervisor,
    answers_http,
    stop_requests,
)

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
# Says when it is told to end, and ends.
TELLS = """
import signal, sys, time
def told(number, frame):
    print("told", signal.Signals(number).name, flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, told)
print("begins", flush=True)
time.sleep(60)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
FAILS = "import sys; print('ERROR: no luck', flush=True); sys.exit(3)"
# A supervisor in a process of its own, that can be killed; its program has a child itself.
SUPERVISE = """
import os, signal, sys
from pathlib import Path
# Whoever runs the tests may ignore these, as nohup does; a person at a terminal does not.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
from syncapp.supervisor import Program, Supervisor, stop_requests
folder = Path(sys.argv[1])
fork = "import os, time; print(os.getpid(), os.fork(), flush=True); time.sleep(60)"
with stop_requests(print), Supervisor(
    folder=folder, logs=folder, environment=os.environ, say=print
) as supervisor:
    supervisor.start(Program("forks", [sys.executable, "-c", fork]))
    print("ready", flush=True)
    supervisor.watch(check=lambda: None)
"""


class Console(list[str]):
    def __call__(self, text: str) -> None:
        self.append(text)


@pytest.fixture
def console() -> Console:
    return Console()


@pytest.fixture
def supervisor(tmp_path: Path, console: Console) -> Iterator[Supervisor]:
    with Supervisor(
        folder=ROOT,
        logs=tmp_path / "logs",
        environment=os.environ | {"SYNCAPP_TEST": str(tmp_path)},
        say=console,
        restart_delays=(0.05, 0.05),
    ) as supervisor:
        yield supervisor


def script(name: str, code: str, **options: Any) -> Program:
    return Program(name, [PYTHON, "-c", code], **options)


def log(supervisor: Supervisor, name: str) -> str:
    return (supervisor.logs / f"{name}.log").read_text()


def wait_for_log(supervisor: Supervisor, name: str, text: str) -> None:
    path = supervisor.logs / f"{name}.log"
    assert processes.wait_until(lambda: path.exists() and text in path.read_text(), seconds=10)


def watch(supervisor: Supervisor, *, until: Callable[[], bool]) -> None:
    def check() -> None:
        if until():
            raise StopRequest

    with contextlib.suppress(StopRequest):
        supervisor.watch(check=check)


def test_programs_are_stopped_in_reverse_order(supervisor: Supervisor) -> None:
    with supervisor:
        for name in ("first", "second"):
            supervisor.start(script(name, TELLS))
            wait_for_log(supervisor, name, "begins")
    told = [(supervisor.logs / f"{name}.log").stat().st_mtime_ns for name in ("second", "first")]
    assert told == sorted(told)
    assert log(supervisor, "first") == "begins\ntold SIGTERM\n"


def test_a_program_that_does_not_listen_is_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    with supervisor:
        supervisor.start(script("stubborn", STUBBORN, stop=((signal.SIGTERM, 0.2),)))
        time.sleep(0.2)
    assert processes.with_variable("SYNCAPP_TEST", str(tmp_path)) == []


def test_a_program_with_a_port_is_waited_for(supervisor: Supervisor) -> None:
    port = ports.free_port()
    command = [PYTHON, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    supervisor.start(Program("web", command, port=port))
    assert answers_http(port)


def test_a_program_that_ends_before_it_is_ready_is_an_error(supervisor: Supervisor) -> None:
    with pytest.raises(ProgramError, match=r"web ended \(exit code 3\)(.|\n)*ERROR: no luck"):
        supervisor.start(script("web", FAILS, port=ports.free_port()))


def test_a_step_that_fails_is_an_error_with_its_last_lines(supervisor: Supervisor) -> None:
    supervisor.start(script("migrate", "print('done')", once=True))
    assert supervisor.children == []
    with pytest.raises(ProgramError, match=r"demo failed \(exit code 3\)(.|\n)*ERROR: no luck"):
        supervisor.start(script("demo", FAILS, once=True))


def test_a_program_that_ends_is_started_again(supervisor: Supervisor, console: Console) -> None:
    supervisor.start(script("worker", TELLS))
    wait_for_log(supervisor, "worker", "begins")
    supervisor.children[0].process.kill()
    watch(supervisor, until=lambda: log(supervisor, "worker") == "begins\nbegins\n")
    assert console[-1] == "worker ended (exit code -9); starting it again in 0.05 s"


def test_a_program_that_keeps_ending_stops_everything(
    supervisor: Supervisor, console: Console
) -> None:
    supervisor.start(script("worker", FAILS))
    with pytest.raises(ProgramError, match=r"worker keeps ending(.|\n)*ERROR: no luck"):
        watch(supervisor, until=lambda: False)
    assert console.count("worker    ERROR: no luck") == 3


def test_the_log_of_the_start_before_is_kept(supervisor: Supervisor) -> None:
    for text in ("before", "now"):
        supervisor.start(script("migrate", f"print('{text}')", once=True))
    wait_for_log(supervisor, "migrate", "now")
    assert (supervisor.logs / "migrate.log.1").read_text() == "before\n"


def test_the_first_signal_stops_and_the_next_ones_are_ignored(console: Console) -> None:
    before = signal.getsignal(signal.SIGTERM)
    ended = False
    with stop_requests(console):
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            ended = True
    assert ended
    assert console == ["Stopping ..."]
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_process_outlives_the_supervisor(tmp_path: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [PYTHON, "-c", SUPERVISE, str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"SYNCAPP_TEST": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        while "ready" not in process.stdout.readline():
            pass
        pids = tmp_path / "forks.log"
        assert processes.wait_until(
            lambda: pids.exists() and pids.read_text().count("\n") == 2, seconds=10
        )
        process.send_signal(number)
        process.wait(30)
    if number == signal.SIGKILL:  # The child's child is found by the next start's sweep.
        processes.end(
            lambda: processes.with_variable("SYNCAPP_TEST", str(tmp_path)),
            signal.SIGTERM,
            within=5,
        )
    assert processes.wait_until(
        lambda: processes.with_variable("SYNCAPP_TEST", str(tmp_path)) == [], seconds=5
    )


def test_what_runs_is_told_to_other_commands(tmp_path: Path) -> None:
    assert development.running_installation(tmp_path) == {}
    owner.write_private(tmp_path / development.UP_FILE, {"SYNCAPP_SITE_URL": "http://here"})
    with owner.locked(tmp_path / development.UP_LOCK):
        assert development.running_installation(tmp_path) == {"SYNCAPP_SITE_URL": "http://here"}
    assert development.running_installation(tmp_path) == {}
