"""What one answer leaves open, and the next request settles: against real books."""

from __future__ import annotations

import dataclasses
import json

from connectors.documents import Party, RecordType, Trade
from connectors.interface import Accepted, Operation, Reason, Rejected
from tests.connectors.contract import Subject, create, follow_up
from tests.simulators.quickbooks_online.driver import Books


def test_an_inactive_item_does_not_make_its_invoice_gone(subject: Subject):
    """QuickBooks answers 610 to both; only one of them may offer to create the invoice again."""
    content = subject.document(RecordType.INVOICE)
    assert isinstance(content, Trade)
    there = subject.add(RecordType.INVOICE, content)
    item = subject.one(RecordType.ITEM, str(content.lines[0].item))
    retired = Accepted(item.external_id, item.version, item)
    subject.accepted(follow_up(retired, Operation.DELETE))
    outcome = subject.push(follow_up(there, Operation.UPDATE, content, "lines"))["0"]
    assert isinstance(outcome, Rejected)
    assert outcome.reason is Reason.MISSING_REFERENCE


def test_one_bad_record_does_not_hold_up_its_batch(subject: Subject, books: Books):
    """QuickBooks may refuse a batch as a whole for one item that it cannot parse."""
    body = {"Fault": {"Error": [{"Detail": "failed to parse", "code": "2010"}], "type": "x"}}
    poison = {"contains": "Poison"}
    spoiled = {"fault": "status", "status": 400, "body": json.dumps(body), "match": poison}
    books.simulator.faults({**spoiled, "times": 0})
    names = ("Good", "Poison", "Better")
    pushes = [
        create(RecordType.CUSTOMER, Party(name=name), id=str(at)) for at, name in enumerate(names)
    ]
    outcomes = subject.push(*pushes)
    books.simulator.faults()
    assert [type(outcomes[push.id]) for push in pushes] == [Accepted, Rejected, Accepted]
    assert outcomes["1"] == Rejected(Reason.INTERNAL, "2010", "failed to parse")
    assert subject.written()[RecordType.CUSTOMER] == 2


def test_a_party_of_several_currencies_always_names_its_own(with_config):
    """CurrencyRef is required then, also of one that has none here: it is the home currency."""
    connector = with_config(multi_currency=True).connector
    push = create(RecordType.CUSTOMER, Party(name="Acme"))
    (request,) = connector.push([dataclasses.replace(push, id="0")], iter(["key"]))
    (item,) = json.loads(request.body)["BatchItemRequest"]
    assert item["Customer"]["CurrencyRef"] == {"value": "USD"}
