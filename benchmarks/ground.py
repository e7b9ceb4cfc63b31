"""The ground all measurements stand on: real servers with fsync, one database per run.

A database is filled once and copied for each run. Each run is a process of its own, so that its
CPU time and memory are its own; it prints one line of JSON.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg2

from syncapp import embedded

Result = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Ground:
    """Where the servers are, and which databases were made."""

    database_url: str
    redis_url: str
    copies: int = 0
    filled: set[str] = field(default_factory=set)

    def fill(self, name: str, function: str, count: int) -> str:
        """A database filled by `benchmarks.filling`; made once."""
        if not self.filled:
            self._fill("books", "template1", "books", 0)
        if name not in self.filled:
            self._fill(name, "books", function, count)
        return name

    def _fill(self, name: str, template: str, function: str, count: int) -> None:
        self._admin(f"CREATE DATABASE {name} TEMPLATE {template}")
        self.run("filling", name, function, str(count))
        self.filled.add(name)

    @contextlib.contextmanager
    def copy(self, name: str) -> Iterator[str]:
        self.copies += 1
        copy = f"run_{self.copies}"
        self._admin(f"CREATE DATABASE {copy} TEMPLATE {name}")
        try:
            yield copy
        finally:
            # Without FORCE: PostgreSQL then waits for who leaves, and ends its own autovacuum,
            # which FORCE may not.
            self._admin(f"DROP DATABASE {copy}")

    def run(self, module: str, name: str, *arguments: str, **variables: str) -> dict[str, Any]:
        """`python -m benchmarks.MODULE` on a database; its last line of JSON."""
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{module}", *arguments],
            cwd=ROOT,
            env=self.environment(name) | variables,
            stdout=subprocess.PIPE,
            check=True,
        )
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def environment(self, name: str) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": urlunsplit(urlsplit(self.database_url)._replace(path=f"/{name}")),
            "REDIS_URL": self.redis_url,
            "DJANGO_SETTINGS_MODULE": "syncapp.settings",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'queue'}",
            "QUICKBOOKS_ONLINE_RATE_FACTOR": "1000000",
        }

    def version(self) -> str:
        with contextlib.closing(psycopg2.connect(self.database_url)) as connection:
            number: int = connection.server_version
        return f"{number // 10_000}.{number % 10_000}"

    def _admin(self, statement: str) -> None:
        connection = psycopg2.connect(self.database_url)
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(statement)


@contextlib.contextmanager
def ground() -> Iterator[Ground]:
    """Our own PostgreSQL, durable, and Redis, in a folder that is removed."""
    folder = Path(tempfile.mkdtemp(prefix="syncapp-benchmarks-"))
    try:
        with embedded.servers(folder, durable=True) as urls:
            yield Ground(urls.database_url, urls.redis_url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def provider(*arguments: str) -> Iterator[str]:
    """The address of books that answer at once, as a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.provider", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)


def machine() -> Result:
    """What it runs on, and how busy that was before."""
    return {
        "system": platform.system() + " " + platform.release().split("-")[0],
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "date": datetime.date.today().isoformat(),
    }


def best(runs: list[Result]) -> Result:
    """The fastest: on a machine that is shared, what is slower was disturbed."""
    return min(runs, key=lambda run: run["seconds"])


def interleaved(times: int, variants: dict[str, Callable[[], Result]]) -> dict[str, Result]:
    """A B C A B C ..., and the best of each."""
    runs: dict[str, list[Result]] = {name: [] for name in variants}
    for _ in range(times):
        for name, run in variants.items():
            runs[name].append(run())
            say(f"    {name}: {runs[name][-1]['per_second']:.0f} a second")
    speeds = {name: [run["per_second"] for run in found] for name, found in runs.items()}
    return {name: best(found) | {"rounds": speeds[name]} for name, found in runs.items()}


def ratio(one: Result, other: Result) -> float:
    """How many times as fast: the median of the rounds. What ran side by side is compared, for
    what others do on this machine slows a whole round."""
    pairs = zip(one["rounds"], other["rounds"], strict=True)
    return statistics.median(mine / theirs for mine, theirs in pairs)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201  (a program for people)
