"""The books that the tests of the jobs export to and import from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.books import Books, point_at, running_books


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    with running_books(tmp_path_factory.mktemp("books") / "books.sqlite") as books:
        yield books


@pytest.fixture
def books(running: Books, settings: object) -> Books:
    running.reset()
    point_at(running)
    return running
