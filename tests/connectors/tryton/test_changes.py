"""What people do in Tryton comes back: also what does not move the time stamp of its owner."""

from __future__ import annotations

import dataclasses
import datetime
import time

import pytest

from connectors.documents import Party, RecordType, Trade
from connectors.interface import Accepted, Cursor, Operation, Page, Remote
from connectors.tryton.config import Config
from connectors.tryton.connector import Tryton
from syncapp.tryton_server.rpc import Client, date
from tests.connectors.contract import DAY, Subject, follow_up


@pytest.fixture
def subject(subject: Subject) -> Subject:
    """Who works in Tryton is another user than ours."""
    assert isinstance(subject.connector, Tryton)
    config = dataclasses.replace(subject.connector.config, user=999)
    return dataclasses.replace(subject, connector=Tryton(config))


def from_now_on(subject: Subject, record_type: RecordType) -> Cursor:
    """A cursor without the overlap, which would show everything that the tests made."""
    position = dict(subject.pages(record_type, Cursor())[-1].cursor.position)
    time.sleep(1.1)  # In 7.0, stamps are whole seconds.
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    return Cursor(position | {"since": now.isoformat()})


def records(pages: list[Page]) -> dict[str, Remote]:
    return {remote.external_id: remote for page in pages for remote in page.records}


def test_an_address_that_was_changed_alone_is_a_change_of_its_party(
    subject: Subject, client: Client
):
    there = subject.add(RecordType.CUSTOMER, subject.document(RecordType.CUSTOMER))
    cursor = from_now_on(subject, RecordType.CUSTOMER)
    addresses = client.find("party.address", [["party", "=", int(there.external_id)]], "id")
    client.write("party.address", [addresses[0]["id"]], city="Hamburg")
    found = records(subject.pages(RecordType.CUSTOMER, cursor))
    assert list(found) == [there.external_id]
    assert isinstance(found[there.external_id].content, Party)
    assert found[there.external_id].content.city == "Hamburg"


def test_a_contact_that_was_added_or_deleted_alone_is_a_change_of_its_party(
    subject: Subject, client: Client
):
    there = subject.add(RecordType.CUSTOMER, Party(name="Reached by phone"))
    party = int(there.external_id)
    cursor = from_now_on(subject, RecordType.CUSTOMER)
    way = client.create("party.contact_mechanism", party=party, type="phone", value="030-1")
    found = records(subject.pages(RecordType.CUSTOMER, cursor))
    assert found[there.external_id].content.phone == "030-1"
    client("model.party.contact_mechanism.delete", [way])
    pages = subject.pages(RecordType.CUSTOMER, cursor)
    assert records(pages)[there.external_id].content.phone == ""


def test_what_we_deleted_ourselves_is_no_reason_to_read_everything_again(
    subject: Subject, config: Config
):
    ours = dataclasses.replace(subject, connector=Tryton(config))
    there = ours.add(RecordType.CUSTOMER, Party(name="Without e-mail soon", email="a@example.com"))
    cursor = from_now_on(ours, RecordType.CUSTOMER)
    after = ours.accepted(
        follow_up(there, Operation.UPDATE, Party(name="Without e-mail soon"), "email")
    )
    pages = ours.pages(RecordType.CUSTOMER, cursor)
    assert list(records(pages).values()) == [after.remote]
    assert not pages[-1].is_complete_scan


@pytest.mark.parametrize("record_type", [RecordType.CUSTOMER, RecordType.ITEM])
def test_what_was_deleted_outright_is_missed_once(
    subject: Subject, client: Client, record_type: RecordType
):
    """The log of deletions does not say which: everything is read again, and then not again."""
    there = subject.add(record_type, subject.document(record_type))
    cursor = from_now_on(subject, record_type)
    model = "party.party" if record_type is RecordType.CUSTOMER else "product.product"
    client(f"model.{model}.delete", [int(there.external_id)])
    pages = subject.pages(record_type, cursor)
    assert pages[-1].is_complete_scan
    assert there.external_id not in records(pages)
    assert not subject.pages(record_type, pages[-1].cursor)[-1].is_complete_scan


def test_an_invoice_that_a_credit_note_pays_in_tryton_has_another_balance(
    subject: Subject, client: Client
):
    content = subject.document(RecordType.INVOICE)
    assert isinstance(content, Trade)
    invoice = subject.add(RecordType.INVOICE, content)
    credit = subject.add(
        RecordType.CREDIT_MEMO,
        subject.document(RecordType.CREDIT_MEMO, party=content.party, lines=content.lines),
    )
    cursor = from_now_on(subject, RecordType.INVOICE)
    lines = [line for there in (invoice, credit) for line in _to_pay(client, there)]
    day = date(DAY.year, DAY.month, DAY.day)
    client.create(
        "account.move.reconciliation",
        company=client.context["company"],
        date=day,
        lines=[["add", lines]],
    )
    found = records(subject.pages(RecordType.INVOICE, cursor))
    assert found[invoice.external_id].balance == 0


def _to_pay(client: Client, there: Accepted) -> list[int]:
    rows = client.find("account.invoice", [["id", "=", int(there.external_id)]], "lines_to_pay")
    found: list[int] = rows[0]["lines_to_pay"]
    return found
