"""A company with several currencies: each party and document names its own."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.documents import Application, Party, Payment, RecordType, Trade
from connectors.interface import Operation, Reason, Rejected
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.connector import QuickBooksOnline
from tests.connectors.contract import DAY, Subject, create, follow_up, line
from tests.connectors.quickbooks_online.conftest import DEFAULTS, sender
from tests.simulators.quickbooks_online.driver import Books, Simulator


@pytest.fixture
def several(tmp_path: Path) -> Iterator[Subject]:
    simulator = Simulator(tmp_path / "books.db", "--auto-approve", "--currencies", "EUR")
    books = Books(simulator)
    config = Config(simulator.address, books.realm, multi_currency=True, defaults=DEFAULTS)
    yield Subject(
        connector=QuickBooksOnline(config),
        send=sender(books.token),
        send_without_access=sender("expired"),
        written=dict,
        values={"payment_term": "3", "method": "2", "deposit_account": "35"},
    )
    simulator.stop()


def test_a_sale_and_its_payment_in_another_currency(several: Subject):
    customer = several.add(RecordType.CUSTOMER, Party(name="Chez nous", currency="EUR"))
    renamed = Party(name="Chez vous", currency="EUR")
    several.accepted(follow_up(customer, Operation.UPDATE, renamed))
    content = Trade(
        number="1",
        party=customer.external_id,
        date=DAY,
        currency="EUR",
        lines=(line("1", several.id_of(RecordType.ITEM), "2", "10"),),
    )
    invoice = several.add(RecordType.INVOICE, content)
    assert invoice.remote is not None
    assert invoice.remote.content.currency == "EUR"
    paid = Payment(
        number="1",
        party=customer.external_id,
        date=DAY,
        amount=Decimal("20"),
        currency="EUR",
        applications=(Application(invoice.external_id, Decimal("20")),),
    )
    there = several.add(RecordType.PAYMENT, paid)
    assert there.remote is not None
    assert there.remote.content.currency == "EUR"
    assert several.one(RecordType.INVOICE, invoice.external_id).balance == 0


def test_a_currency_that_the_company_does_not_have_is_refused(several: Subject):
    push = create(RecordType.CUSTOMER, Party(name="Tokyo", currency="JPY"))
    assert several.connector.refuse(push) is None  # which ones it has is not known here
    outcome = several.push(push)["0"]
    assert isinstance(outcome, Rejected)
    assert (outcome.reason, outcome.code) == (Reason.VALIDATION, "2220")
    assert outcome.field == "currency"
