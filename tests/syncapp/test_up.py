"""`manage.py up`, which `make run` starts: the real programs, on free ports, with own data."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncapp.embedded import ports, processes

ROOT = Path(__file__).resolve().parents[2]
READY = "Ctrl-C stops everything."
SHOW_SIMULATOR = """
from django.conf import settings
from django.db import connection
connection.ensure_connection()
print(settings.QUICKBOOKS_ONLINE["api_url"])
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of a terminal on a fresh clone: no servers are given."""
    given = {"DATABASE_URL", "REDIS_URL", "SYNCAPP_POSTGRES_PORT", "SYNCAPP_REDIS_PORT"}
    kept = {name: value for name, value in os.environ.items() if name not in given}
    return kept | {
        "SYNCAPP_DATA_DIR": str(tmp_path / "data"),
        "SYNCAPP_PORT": str(ports.free_port()),
        "SYNCAPP_SIMULATOR_PORT": str(ports.free_port()),
    }


@contextlib.contextmanager
def up(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def manage(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def left_over(environment: dict[str, str]) -> list[object]:
    data_dir = Path(environment["SYNCAPP_DATA_DIR"])
    return [
        *processes.with_variable("SYNCAPP_UP", str(data_dir)),
        *processes.in_folder(data_dir / "postgres", "postgres"),
        *processes.in_folder(data_dir / "redis", "redis-server"),
    ]


def test_everything_runs_and_nothing_is_left(environment: dict[str, str]) -> None:
    with up(environment) as process:
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(line)
            if READY in line:
                break
        assert READY in lines[-1], "".join(lines)
        for name in ("SYNCAPP_PORT", "SYNCAPP_SIMULATOR_PORT"):
            address = f"http://127.0.0.1:{environment[name]}/"
            assert address in "".join(lines)
            with urllib.request.urlopen(address) as answer:
                assert answer.status == 200

        second = manage(environment, "up")
        assert second.returncode == 1
        assert f"already running at http://127.0.0.1:{environment['SYNCAPP_PORT']}" in second.stderr

        other = manage(environment, "shell", "-v0", "-c", SHOW_SIMULATOR)
        assert other.stdout.strip().endswith(environment["SYNCAPP_SIMULATOR_PORT"]), other.stderr

        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(30) == 0
        assert "Everything is stopped." in rest
    assert left_over(environment) == []


def test_a_taken_port_is_named_with_the_variable_that_changes_it(
    environment: dict[str, str],
) -> None:
    port = int(environment["SYNCAPP_PORT"])
    with socket.create_server(("127.0.0.1", port)):
        result = manage(environment, "up")
    assert result.returncode == 1
    assert f"Port {port} is taken" in result.stderr
    assert "SYNCAPP_PORT=" in result.stderr
    assert left_over(environment) == []
