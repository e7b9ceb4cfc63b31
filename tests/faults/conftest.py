"""Books for the tests that run in this process; the histories have their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.books import point_at, running_books
from tests.faults.books import Books


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    folder = tmp_path_factory.mktemp("fault-books")
    with running_books(folder / "books.sqlite", "--refuse-reused-request-ids") as books:
        yield Books(books.address)


@pytest.fixture
def books(running: Books, settings: object) -> Books:
    running.reset()
    point_at(running)
    return running
