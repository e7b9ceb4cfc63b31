"""The connector keeps the contract of all connectors."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from decimal import Decimal

import pytest

from connectors.documents import RecordType, Trade
from connectors.interface import Operation
from connectors.quickbooks_online.connector import QuickBooksOnline
from tests.connectors.contract import Contract, Subject, follow_up
from tests.connectors.quickbooks_online.conftest import DEFAULTS, subject_of
from tests.simulators.quickbooks_online.driver import Books, Simulator


class TestQuickBooksOnline(Contract):
    """Against the simulator, over HTTP."""


@pytest.fixture(scope="module")
def books_abroad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    options = ("--auto-approve", "--country", "GB")
    running = Simulator(tmp_path_factory.mktemp("abroad") / "books.db", *options)
    yield Books(running)
    running.stop()


class TestQuickBooksOnlineAbroad(Contract):
    """Outside the US: every line bears a real tax code, every form its kind of calculation."""

    @pytest.fixture
    def subject(self, books_abroad: Books) -> Subject:
        subject = subject_of(books_abroad)
        config = dataclasses.replace(
            subject.connector.config,
            country="GB",
            home_currency="GBP",
            defaults={**DEFAULTS, "untaxed_code": "5"},
        )
        values = {**subject.values, "currency": "GBP"}
        return dataclasses.replace(subject, connector=QuickBooksOnline(config), values=values)

    def test_tax_comes_on_top_of_our_amount(self, subject: Subject):
        content = subject.document(RecordType.INVOICE)
        assert isinstance(content, Trade)
        lines = tuple(dataclasses.replace(each, tax_code="2") for each in content.lines)
        taxed = dataclasses.replace(content, lines=lines)
        there = subject.add(RecordType.INVOICE, taxed)
        assert there.remote is not None
        assert there.remote.total == taxed.total
        assert there.remote.balance == taxed.total * Decimal("1.2")
        less = dataclasses.replace(taxed, lines=lines[:1])
        changed = subject.accepted(follow_up(there, Operation.UPDATE, less, "lines"))
        assert changed.remote is not None
        assert changed.remote.total == less.total
        assert changed.remote.balance == less.total * Decimal("1.2")
