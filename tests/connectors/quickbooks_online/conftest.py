"""The connector with the simulator's books behind it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import pytest

from connectors import http
from connectors.documents import RecordType
from connectors.interface import Request, Response
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.connector import QuickBooksOnline
from connectors.quickbooks_online.entities import TYPES
from tests.connectors.contract import Subject
from tests.simulators.quickbooks_online.driver import Books, Simulator

DEFAULTS = {
    "income_account": "79",
    "expense_account": "80",
    "asset_account": "81",
    "deposit_account": "35",
    "untaxed_code": "NON",
}


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    running = Simulator(tmp_path_factory.mktemp("books") / "books.db", "--auto-approve")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def books(simulator: Simulator) -> Books:
    return Books(simulator)


def config_of(books: Books) -> Config:
    return Config(api_url=books.simulator.address, realm_id=books.realm, defaults=DEFAULTS)


def subject_of(books: Books) -> Subject:
    """The connector with these books, emptied."""
    books.simulator.post("/_simulator/reset")

    def written() -> Mapping[RecordType, int]:
        return Counter(TYPES[entry["type"]] for entry in books.simulator.log())

    return Subject(
        connector=QuickBooksOnline(config_of(books)),
        send=sender(books.token),
        send_without_access=sender("expired"),
        written=written,
        values={"payment_term": "3", "method": "2", "deposit_account": "35"},
    )


@pytest.fixture
def config(books: Books) -> Config:
    return config_of(books)


@pytest.fixture
def subject(books: Books) -> Subject:
    return subject_of(books)


@pytest.fixture
def with_config(subject: Subject, config: Config) -> Callable[..., Subject]:
    """The same books, seen by a connector that is told something else of them."""

    def make(**changes: object) -> Subject:
        connector = QuickBooksOnline(dataclasses.replace(config, **changes))
        return dataclasses.replace(subject, connector=connector)

    return make


def sender(token: str) -> Callable[[Request], Response]:
    authorization = {"Authorization": f"Bearer {token}"}
    return lambda request: http.send(request, authorization=authorization, timeout=30)
