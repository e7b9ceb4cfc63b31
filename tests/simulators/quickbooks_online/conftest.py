"""One simulator for the run, emptied before each test; others on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.simulators.quickbooks_online.driver import Books, Simulator


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    simulator = Simulator(tmp_path_factory.mktemp("books") / "books.db", "--auto-approve")
    yield simulator
    simulator.stop()


@pytest.fixture(scope="session")
def connected(running: Simulator) -> Books:
    return Books(running)


@pytest.fixture
def simulator(running: Simulator) -> Simulator:
    running.post("/_simulator/reset")
    return running


@pytest.fixture
def books(simulator: Simulator, connected: Books) -> Books:
    return connected


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Simulator]]:
    """Starts a simulator of its own; `start()` again opens the same file."""
    started: list[Simulator] = []

    def begin(*options: str, file: str = "books.db") -> Simulator:
        started.append(Simulator(tmp_path / file, *options))
        return started[-1]

    yield begin
    for each in started:
        if each.process.poll() is None:
            each.kill()
