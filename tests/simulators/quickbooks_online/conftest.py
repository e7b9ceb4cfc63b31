"""One simulator for the run, emptied before each test; others on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.simulators.quickbooks_online import xsd
from tests.simulators.quickbooks_online.driver import Answer, Books, Simulator


class JudgedBooks(Books):
    """Every answer is held to Intuit's schemas, where they are there."""

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        answer = super().call(method, path, body, **headers)
        if xsd.is_there() and _has_schema(path, answer):
            assert xsd.complaints(answer.body) == []
        return answer


def _has_schema(path: str, answer: Answer) -> bool:
    """The gateway's faults (lower-case) and the tax service have none."""
    is_json = "json" in answer.headers.get("Content-Type", "")
    return is_json and b'"fault"' not in answer.data and not path.startswith("taxservice")


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    simulator = Simulator(tmp_path_factory.mktemp("books") / "books.db", "--auto-approve")
    yield simulator
    simulator.stop()


@pytest.fixture(scope="session")
def connected(running: Simulator) -> Books:
    return JudgedBooks(running)


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
