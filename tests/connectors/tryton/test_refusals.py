"""What Tryton refuses, each with a word on what to do; and the questions it asks."""

from __future__ import annotations

import dataclasses
import datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.documents import Document, Party, RecordType, Trade
from connectors.interface import Accepted, Operation, Reason, Rejected
from connectors.tryton.connector import Tryton
from syncapp.tryton_server.rpc import Client
from tests.connectors.contract import DAY, Subject, create, follow_up, line

NEXT_YEAR = datetime.date(2027, 12, 30)


def refused(subject: Subject, record_type: RecordType, content: Document) -> Rejected:
    marker = f"syncapp:test:{record_type}:{next(subject._numbers)}"
    outcome = subject.push(create(record_type, content, marker=marker))["0"]
    assert isinstance(outcome, Rejected), outcome
    return outcome


def invoice(subject: Subject, **changes: Any) -> Trade:
    content = subject.document(RecordType.INVOICE, **changes)
    assert isinstance(content, Trade)
    return content


@pytest.mark.parametrize("buttons", [("close",), ("close", "lock_")])
def test_a_closed_or_locked_period(subject: Subject, client: Client, buttons: tuple[str, ...]):
    period = client.id_of("account.period", ["name", "=", f"2024-0{len(buttons)}"])
    for button in buttons:
        client.button("account.period", button, [period])
    content = invoice(subject, date=datetime.date(2024, len(buttons), 3), due_date=None)
    refusal = refused(subject, RecordType.INVOICE, content)
    assert (refusal.reason, refusal.field) == (Reason.CLOSED_PERIOD, "date")
    assert content.date.isoformat() in refusal.message


def test_a_date_without_a_fiscal_year(subject: Subject):
    content = invoice(subject, date=datetime.date(1990, 5, 5), due_date=None)
    refusal = refused(subject, RecordType.INVOICE, content)
    assert refusal.reason is Reason.CLOSED_PERIOD
    assert "Create it there" in refusal.message


def test_an_account_that_was_closed(subject: Subject, client: Client):
    unused = client.find(
        "account.account", [["type.revenue", "=", True], ["closed", "!=", True]], "name"
    )[-1]
    client.write("account.account", [unused["id"]], closed=True)
    lines = (dataclasses.replace(line("1", "", "1", "5"), item=None, account=str(unused["id"])),)
    refusal = refused(subject, RecordType.INVOICE, invoice(subject, lines=lines))
    assert (refusal.reason, refusal.field) == (Reason.MISSING_REFERENCE, "account")
    assert unused["name"] in refusal.message


def test_a_tax_that_was_deactivated(subject: Subject, client: Client):
    tax = client.id_of("account.tax", ["name", "like", "Local tax%"])
    client.write("account.tax", [tax], active=False)
    item = subject.id_of(RecordType.ITEM)
    lines = (dataclasses.replace(line("1", item, "1", "5"), tax_code=str(tax)),)
    refusal = refused(subject, RecordType.INVOICE, invoice(subject, lines=lines))
    assert (refusal.reason, refusal.field) == (Reason.MISSING_REFERENCE, "tax_code")
    assert "inactive" in refusal.message


def test_a_code_that_another_party_has(subject: Subject):
    subject.add(RecordType.CUSTOMER, Party(name="First"), marker="syncapp:test:customer:code")
    push = create(RecordType.CUSTOMER, Party(name="Second"), marker="syncapp:test:customer:code")
    outcome = subject.push(push)["0"]
    assert isinstance(outcome, Rejected)
    assert (outcome.reason, outcome.code) == (Reason.DUPLICATE, "party_code")


def test_an_invoice_dated_before_the_last_number(subject: Subject):
    subject.add(RecordType.INVOICE, invoice(subject, date=DAY))
    earlier = invoice(subject, date=DAY - datetime.timedelta(days=40), due_date=None)
    refusal = refused(subject, RecordType.INVOICE, earlier)
    assert (refusal.reason, refusal.code) == (Reason.CLOSED_PERIOD, "number_order")
    assert "a sequence for each period" in refusal.message


def test_a_change_that_could_not_be_numbered_again_leaves_the_invoice_as_it_is(subject: Subject):
    day = datetime.date(2028, 3, 1)  # A year that no other test posts in, with its own numbers.
    future = allowing(subject)
    first = future.add(RecordType.INVOICE, invoice(subject, date=day))
    future.add(RecordType.INVOICE, invoice(subject, date=day + datetime.timedelta(days=1)))
    assert first.remote is not None
    fewer = dataclasses.replace(first.remote.content, lines=first.remote.content.lines[:1])
    outcome = future.push(follow_up(first, Operation.UPDATE, fewer, "lines"))["0"]
    assert isinstance(outcome, Rejected)
    assert outcome.code == "number_order"
    assert "credit memo" in outcome.message
    assert subject.one(RecordType.INVOICE, first.external_id) == first.remote


def test_a_date_in_the_future_is_a_matter_of_policy(subject: Subject):
    content = invoice(subject, date=NEXT_YEAR)
    refusal = refused(subject, RecordType.INVOICE, content)
    assert (refusal.code, refusal.field) == ("invoice_date_future", "date")
    assert "let the connection allow" in refusal.message
    accepted = [
        create(RecordType.INVOICE, invoice(subject, date=NEXT_YEAR), id=str(number))
        for number in range(3)
    ]
    outcomes = allowing(subject).push(*accepted)
    assert [type(outcome) for outcome in outcomes.values()] == [Accepted] * 3


def allowing(subject: Subject) -> Subject:
    """The same books, seen by a connection that allows dates in the future."""
    assert isinstance(subject.connector, Tryton)
    config = dataclasses.replace(subject.connector.config, allow_future_dates=True)
    return dataclasses.replace(subject, connector=Tryton(config))


def test_taxes_of_ours_are_taken_without_a_question(subject: Subject, client: Client):
    tax = client.id_of("account.tax", ["name", "like", "State tax%"])
    item = subject.id_of(RecordType.ITEM)
    taxed = dataclasses.replace(line("1", item, "1", "50"), tax_code=str(tax))
    pushes = [
        create(RecordType.INVOICE, invoice(subject, lines=(taxed,)), id=str(number))
        for number in range(2)
    ]
    outcomes = subject.push(*pushes)
    for outcome in outcomes.values():
        assert isinstance(outcome, Accepted)
        assert outcome.remote is not None
        assert outcome.remote.content.lines[0].tax_code == str(tax)
        assert (outcome.remote.total, outcome.remote.balance) == (50, 54)


def test_a_similar_bill_is_for_a_person(subject: Subject):
    content = subject.document(RecordType.BILL)
    assert isinstance(content, Trade)
    subject.add(RecordType.BILL, content)
    # Another number of ours, as the same number is refused before Tryton asks.
    similar = dataclasses.replace(content, lines=content.lines[:1])
    refusal = refused(subject, RecordType.BILL, similar)
    assert refusal.reason is Reason.DUPLICATE


@pytest.mark.parametrize("operation", [Operation.UPDATE, Operation.VOID, Operation.DELETE])
def test_a_posted_payment_stays_and_the_error_says_how_to_cancel_it(
    subject: Subject, operation: Operation
):
    there = subject.add(RecordType.PAYMENT, subject.document(RecordType.PAYMENT))
    assert there.remote is not None
    push = follow_up(there, operation)
    if operation is Operation.DELETE:
        push = dataclasses.replace(push, content=None)
    refusal = subject.connector.refuse(push) or subject.push(push)["0"]
    assert isinstance(refusal, Rejected)
    assert refusal.code == "posted_payment"
    assert "Cancel its move in Tryton" in refusal.message
    assert subject.one(RecordType.PAYMENT, there.external_id).total == Decimal("50")
