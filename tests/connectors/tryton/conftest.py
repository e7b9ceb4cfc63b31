"""The connector with a real Tryton's books behind it."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import pytest

from connectors import http
from connectors.documents import RecordType
from connectors.interface import Request, Response
from connectors.sessions import open_tryton
from connectors.tryton import session
from connectors.tryton.config import Config
from connectors.tryton.connector import Tryton
from syncapp.tryton_server import TrytonServer
from syncapp.tryton_server.rpc import Client
from tests.connectors.contract import Subject
from tests.tryton_books import tryton_or_skip


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonServer]:
    with tryton_or_skip(tmp_path_factory.mktemp("tryton")) as running:
        yield running


# Of each module its own: Tryton ends a session after five minutes without a call.
@pytest.fixture(scope="module")
def client(server: TrytonServer) -> Client:
    return server.client()


@pytest.fixture(scope="module")
def checked(server: TrytonServer) -> tuple[Config, Mapping[str, str]]:
    """What the connector is given after the check-up, and the header of a session."""
    access = open_tryton(
        url=server.address, database=server.database, user=server.user, password=server.password
    )
    known = access.credentials
    header = session.header(known["user"], known["user_id"], known["token"])
    config = Config(**access.settings)
    steps = Tryton(config).check()
    request = next(steps)
    try:
        while True:
            request = steps.send(sender(header)(request))
    except StopIteration as end:
        return dataclasses.replace(config, **end.value.preferences), header


@pytest.fixture
def config(checked: tuple[Config, Mapping[str, str]], client: Client) -> Config:
    [goods] = client.find(
        "product.category", [["accounting", "=", True]], "account_revenue", "account_expense"
    )
    money = client.find("account.invoice.payment.method", [], "debit_account")[0]
    defaults = {
        "income_account": str(goods["account_revenue"]),
        "expense_account": str(goods["account_expense"]),
        "deposit_account": str(money["debit_account"]),
    }
    return dataclasses.replace(checked[0], defaults=defaults)


# The books are not emptied between the tests: names and markers of all of them differ.
NUMBERS = itertools.count(100)
SHARED: dict[RecordType, list[str]] = {}


@pytest.fixture
def subject(config: Config, checked: tuple[Config, Mapping[str, str]], client: Client) -> Subject:
    taken = "syncapp:test:customer:taken"
    if not client.find("party.party", [["code", "=", taken]], "id"):
        client.create("party.party", name="Takes a code", code=taken)
    return Subject(
        connector=Tryton(config),
        send=sender(checked[1]),
        send_without_access=sender(session.header("admin", 1, "0" * 64)),
        written=lambda: written(client),
        values={
            "payment_term": str(
                client.id_of("account.invoice.payment_term", ["name", "=", "Net 30"])
            ),
            "method": str(client.id_of("account.invoice.payment.method", ["name", "=", "Check"])),
            "deposit_account": config.defaults["deposit_account"],
        },
        lenient=frozenset({"name", "email", "lines"}),
        can_change_payments=False,
        has_unique_names=False,
        # The code of a party, which holds our marker, is unique.
        spoil=lambda push: dataclasses.replace(push, marker=taken),
        shared=SHARED,
        _numbers=NUMBERS,
    )


def sender(header: Mapping[str, str]) -> Callable[[Request], Response]:
    return lambda request: http.send(request, authorization=header, timeout=60)


def written(client: Client) -> Mapping[RecordType, int]:
    models = {
        RecordType.CUSTOMER: "party.party",
        RecordType.ITEM: "product.product",
        RecordType.INVOICE: "account.invoice",
        RecordType.PAYMENT: "account.move",
    }
    return Counter(
        {kind: client(f"model.{model}.search_count", []) for kind, model in models.items()}
    )
