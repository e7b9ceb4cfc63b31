"""What every connector must do, tried over HTTP against its accounting system's stand-in.

A connector brings a class that inherits `Contract` and a fixture `subject`; see `Subject`.
"""

from __future__ import annotations

import dataclasses
import datetime
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from connectors.documents import (
    Application,
    Document,
    Item,
    Line,
    Party,
    Payment,
    RecordType,
    Trade,
)
from connectors.interface import (
    Accepted,
    Again,
    Connector,
    Cursor,
    LinkState,
    Operation,
    Outage,
    Outcome,
    Page,
    Partly,
    Push,
    Reason,
    Rejected,
    Remote,
    Request,
    Response,
    Steps,
)

T = TypeVar("T")
# An object that needs more requests than this goes round in circles.
MOST_ROUNDS = 20
DAY = datetime.date(2026, 11, 20)
NOT_GOOD = Party(name="Not: good")
NAMES = (RecordType.CUSTOMER, RecordType.VENDOR, RecordType.ITEM)
SALES = (RecordType.INVOICE, RecordType.CREDIT_MEMO)
PURCHASES = (RecordType.BILL, RecordType.VENDOR_CREDIT)
DOCUMENTS = (*SALES, *PURCHASES, RecordType.PAYMENT)
WRITTEN = (*NAMES, *DOCUMENTS)


def _with_colon(push: Push) -> Push:
    return dataclasses.replace(push, content=NOT_GOOD)


@dataclass
class Subject:
    """A connector with empty books behind it.

    `send` moves one request; `written` counts what the books' own log says was written, by type;
    `values` are texts and ids that exist there: payment_term, method, deposit_account.

    Accounting systems differ: `lenient` names the fields in which the books take what the
    connector refuses; `spoil` makes of a new customer one that they refuse.
    """

    connector: Connector
    send: Callable[[Request], Response]
    written: Callable[[], Mapping[RecordType, int]]
    send_without_access: Callable[[Request], Response]
    values: Mapping[str, str] = field(default_factory=dict)
    lenient: frozenset[str] = frozenset()
    has_unique_names: bool = True
    # Books that are not emptied between the tests: documents share these customers and items.
    shared: dict[RecordType, list[str]] | None = None
    can_change_payments: bool = True
    spoil: Callable[[Push], Push] = _with_colon
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def skip_if_final(self, record_type: RecordType) -> None:
        if record_type is RecordType.PAYMENT and not self.can_change_payments:
            pytest.skip("This accounting system does not change posted payments")

    @property
    def currency(self) -> str:
        """The books' home currency."""
        return self.values.get("currency", "USD")

    def run(self, steps: Steps[T]) -> T:
        """Drive a reading generator with real responses."""
        try:
            request = next(steps)
            while True:
                request = steps.send(self.send(request))
        except StopIteration as end:
            return end.value

    def keys(self):
        return (f"key{next(self._numbers):017d}" for _ in itertools.count())

    def requests(self, *pushes: Push) -> Sequence[Request]:
        return self.connector.push(pushes, self.keys())

    def push(self, *pushes: Push) -> dict[str, Outcome]:
        """As the exporter does: what is not finished is pushed again."""
        outcomes: dict[str, Outcome] = {}
        waiting = list(pushes)
        for _round in range(MOST_ROUNDS):
            for request in self.requests(*waiting) if waiting else ():
                outcomes |= self.connector.read(request, self.send(request))
            waiting = [
                _next(push, outcomes[push.id])
                for push in waiting
                if isinstance(outcomes.get(push.id), Partly | Again)
            ]
            if not waiting:
                return outcomes
        raise AssertionError(f"Never finished: {outcomes}")

    def accepted(self, push: Push) -> Accepted:
        outcome = self.push(push)[push.id]
        assert isinstance(outcome, Accepted), outcome
        return outcome

    def add(self, record_type: RecordType, content: Document, marker: str = "") -> Accepted:
        """Create it, and give back what the books made of it."""
        marker = marker or f"syncapp:test:{record_type}:{next(self._numbers)}"
        return self.accepted(create(record_type, content, marker=marker))

    def id_of(self, record_type: RecordType, position: int = 0) -> str:
        """The id of a customer, vendor or item: the one in this position of those that are shared,
        or a new one."""
        if self.shared is None:
            return self._new_name(record_type)
        shared = self.shared.setdefault(record_type, [])
        while len(shared) <= position:
            shared.append(self._new_name(record_type))
        return shared[position]

    def _new_name(self, record_type: RecordType) -> str:
        name = f"{record_type} {next(self._numbers)}"
        content = Item(name=name) if record_type is RecordType.ITEM else Party(name=name)
        return self.add(record_type, content).external_id

    def one(self, record_type: RecordType, external_id: str) -> Remote:
        return self.run(self.connector.fetch(record_type, [external_id]))[external_id]

    def pages(self, record_type: RecordType, cursor: Cursor) -> list[Page]:
        found = [self.run(self.connector.pull(record_type, cursor))]
        while not found[-1].is_last:
            found.append(self.run(self.connector.pull(record_type, found[-1].cursor)))
        return found

    def document(self, record_type: RecordType, **changes: Any) -> Document:
        """A document of the type that the books accept, with what it refers to."""
        number = f"N-{next(self._numbers)}"
        if record_type in (RecordType.CUSTOMER, RecordType.VENDOR):
            content: Document = self._party(number)
        elif record_type is RecordType.ITEM:
            content = Item(
                name=f"Widget {number}",
                sku=number,
                description="A widget",
                unit_price=Decimal("12.5"),
                unit_cost=Decimal("7.25"),
            )
        elif record_type is RecordType.PAYMENT:
            content = self._payment(number)
        else:
            content = self._trade(record_type, number)
        return dataclasses.replace(content, **changes)

    def _party(self, number: str) -> Party:
        return Party(
            name=f"Müller & Söhne {number}",
            contact_name="Ana María López",
            email="ana@example.com",
            phone="030-0074321",
            address_line1="Obere Str. 57",
            city="Berlin",
            region="BE",
            postal_code="12209",
            country="Germany",
            currency=self.currency,
            payment_term=self.values["payment_term"],
        )

    def _trade(self, record_type: RecordType, number: str) -> Trade:
        party = RecordType.CUSTOMER if record_type in SALES else RecordType.VENDOR
        return Trade(
            number=number,
            party=self.id_of(party),
            date=DAY,
            due_date=DAY + datetime.timedelta(days=30),
            currency=self.currency,
            memo="Thank you",
            lines=(
                line("1", self.id_of(RecordType.ITEM), "3", "6.90"),
                line("2", self.id_of(RecordType.ITEM, 1), "2.5", "10"),
            ),
        )

    def _payment(self, number: str) -> Payment:
        invoice = self._trade(RecordType.INVOICE, f"{number}-I")
        there = self.add(RecordType.INVOICE, invoice)
        return Payment(
            number=number,
            party=invoice.party,
            date=DAY,
            amount=Decimal("50"),
            currency=self.currency,
            method=self.values["method"],
            deposit_account=self.values["deposit_account"],
            applications=(Application(there.external_id, Decimal("45.70")),),
        )


def line(key: str, item: str, quantity: str, price: str, amount: str = "") -> Line:
    figures = (Decimal(quantity), Decimal(price))
    total = Decimal(amount) if amount else figures[0] * figures[1]
    return Line(key, f"Line {key}", *figures, amount=total, item=item)


def create(record_type: RecordType, content: Document, marker: str = "", id: str = "0") -> Push:
    label = getattr(content, "name", "") or getattr(content, "number", "")
    return Push(id, record_type, Operation.CREATE, marker, label, content)


def _next(push: Push, outcome: Outcome) -> Push:
    """The push that follows an outcome which is not the last."""
    if isinstance(outcome, Again):
        return dataclasses.replace(push, note=outcome.note)
    assert isinstance(outcome, Partly)
    link = LinkState(outcome.external_id, outcome.version, is_finished=False)
    operation = push.operation
    if operation is not Operation.DELETE:
        operation = Operation.CREATE
    content = push.content
    if push.operation is Operation.VOID:
        content = dataclasses.replace(content, is_voided=True)
    return dataclasses.replace(
        push, link=link, operation=operation, content=content, changed=frozenset(), note=""
    )


def follow_up(
    there: Accepted, operation: Operation, content: Document | None = None, *changed: str
) -> Push:
    """A push that changes what was accepted before."""
    assert there.remote is not None
    link = LinkState(there.external_id, there.version, theirs=there.remote.content)
    remote = there.remote
    return Push(
        "0",
        remote.record_type,
        operation,
        remote.marker,
        remote.label,
        content or remote.content,
        link,
        frozenset(changed),
    )


class Contract:
    """Inherit it, and bring the fixture `subject`."""

    @pytest.mark.parametrize("record_type", WRITTEN)
    def test_what_was_sent_comes_back(self, subject: Subject, record_type: RecordType):
        content = subject.document(record_type)
        there = subject.add(record_type, content)
        normalize = subject.connector.normalize
        assert there.remote is not None
        assert normalize(record_type, there.remote.content) == normalize(record_type, content)
        assert subject.one(record_type, there.external_id) == there.remote

    @pytest.mark.parametrize("record_type", WRITTEN)
    def test_normalizing_twice_changes_nothing(self, subject: Subject, record_type: RecordType):
        once = subject.connector.normalize(record_type, subject.document(record_type))
        assert subject.connector.normalize(record_type, once) == once

    @pytest.mark.parametrize("record_type", DOCUMENTS)
    def test_the_books_total_is_ours(self, subject: Subject, record_type: RecordType):
        content = subject.document(record_type)
        there = subject.add(record_type, content)
        assert there.remote is not None
        ours = content.amount if isinstance(content, Payment) else content.total
        assert there.remote.total == ours

    @pytest.mark.parametrize(
        ("quantity", "price", "amount"),
        [("3", "0.335", "1.01"), ("1", "0.005", "0.01"), ("7", "0.333333", "2.33")],
    )
    def test_a_rounded_line_keeps_our_amount(
        self, subject: Subject, quantity: str, price: str, amount: str
    ):
        item = subject.id_of(RecordType.ITEM)
        content = subject.document(
            RecordType.INVOICE, lines=(line("1", item, quantity, price, amount),)
        )
        there = subject.add(RecordType.INVOICE, content)
        assert there.remote is not None
        assert there.remote.total == Decimal(amount)
        assert there.remote.content.lines[0].amount == Decimal(amount)

    @pytest.mark.parametrize("record_type", WRITTEN)
    def test_equal_pushes_are_equal_bytes(self, subject: Subject, record_type: RecordType):
        push = create(record_type, subject.document(record_type), marker="syncapp:test:a:1")
        first, second = (subject.connector.push([push], iter(["same-key"])) for _ in range(2))
        assert first == second

    def test_the_same_request_twice_writes_once(self, subject: Subject):
        if subject.connector.limits.key_memory is None:
            pytest.skip("This accounting system knows no request keys")
        content = subject.document(RecordType.INVOICE)
        request = subject.requests(create(RecordType.INVOICE, content))[0]
        before = subject.written()[RecordType.INVOICE]
        first = subject.connector.read(request, subject.send(request))
        second = subject.connector.read(request, subject.send(request))
        assert first == second
        assert isinstance(first["0"], Accepted)
        assert subject.written()[RecordType.INVOICE] == before + 1

    def test_a_bad_record_does_not_harm_its_batch(self, subject: Subject):
        pushes = [
            create(RecordType.CUSTOMER, Party(name=f"Good {number}"), id=str(number))
            for number in range(3)
        ]
        pushes[1] = subject.spoil(pushes[1])
        outcomes = subject.push(*pushes)
        assert [type(outcomes[push.id]) for push in pushes] == [Accepted, Rejected, Accepted]

    def test_many_pushes_keep_to_the_batch_size(self, subject: Subject):
        size = subject.connector.limits.batch_size
        pushes = [
            create(RecordType.CUSTOMER, Party(name=f"C {number}"), id=str(number))
            for number in range(size + 1)
        ]
        requests = subject.requests(*pushes)
        assert all(len(request.pushes) <= size for request in requests)
        if subject.connector.limits.key_memory is not None:
            assert len({request.key for request in requests}) == len(requests)
        outcomes = subject.push(*pushes)
        assert outcomes.keys() == {push.id for push in pushes}

    def test_a_taken_name_is_a_duplicate(self, subject: Subject):
        if not subject.has_unique_names:
            pytest.skip("This accounting system takes a name twice")
        subject.add(RecordType.CUSTOMER, Party(name="Taken"))
        outcome = subject.push(create(RecordType.CUSTOMER, Party(name="TAKEN")))["0"]
        assert isinstance(outcome, Rejected)
        assert outcome.reason is Reason.DUPLICATE
        assert outcome.field == "name"

    def test_a_taken_number_is_a_duplicate_that_names_the_other(self, subject: Subject):
        content = subject.document(RecordType.INVOICE)
        there = subject.add(RecordType.INVOICE, content)
        outcome = subject.push(create(RecordType.INVOICE, content))["0"]
        assert isinstance(outcome, Rejected)
        assert (outcome.reason, outcome.external_id) == (Reason.DUPLICATE, there.external_id)
        assert outcome.field == "number"

    def test_a_missing_reference_is_named(self, subject: Subject):
        content = subject.document(RecordType.INVOICE, party="999999")
        outcome = subject.push(create(RecordType.INVOICE, content))["0"]
        assert isinstance(outcome, Rejected)
        assert outcome.reason is Reason.MISSING_REFERENCE
        assert (outcome.field, outcome.external_id) == ("party", "999999")

    def test_an_inactive_reference_is_a_missing_one(self, subject: Subject):
        customer = subject.add(RecordType.CUSTOMER, Party(name="Leaves"))
        subject.accepted(follow_up(customer, Operation.DELETE))
        content = subject.document(RecordType.INVOICE, party=customer.external_id)
        outcome = subject.push(create(RecordType.INVOICE, content))["0"]
        assert isinstance(outcome, Rejected)
        assert outcome.reason is Reason.MISSING_REFERENCE

    def test_an_update_sends_only_what_changed(self, subject: Subject):
        there = subject.add(RecordType.CUSTOMER, subject.document(RecordType.CUSTOMER))
        assert there.remote is not None
        stale = dataclasses.replace(there.remote.content, phone="1", email="x@example.com")
        after = subject.accepted(follow_up(there, Operation.UPDATE, stale, "phone"))
        assert after.remote is not None
        expected = dataclasses.replace(there.remote.content, phone="1")
        assert after.remote.content == expected
        assert after.version != there.version

    @pytest.mark.parametrize("record_type", WRITTEN)
    def test_a_whole_update_repeats_nothing(self, subject: Subject, record_type: RecordType):
        """Lines and applications are replaced, not added."""
        subject.skip_if_final(record_type)
        there = subject.add(record_type, subject.document(record_type))
        assert there.remote is not None
        after = subject.accepted(follow_up(there, Operation.UPDATE))
        assert after.remote is not None
        assert after.remote.content == there.remote.content

    @pytest.mark.parametrize("field", ["contact_name", "email", "phone", "city", "payment_term"])
    def test_an_emptied_field_is_emptied_there(self, subject: Subject, field: str):
        there = subject.add(RecordType.CUSTOMER, subject.document(RecordType.CUSTOMER))
        assert there.remote is not None
        empty = None if field == "payment_term" else ""
        content = dataclasses.replace(there.remote.content, **{field: empty})
        after = subject.accepted(follow_up(there, Operation.UPDATE, content, field))
        assert after.remote is not None
        assert after.remote.content == content

    @pytest.mark.parametrize("record_type", [*SALES, *PURCHASES])
    def test_lines_are_replaced(self, subject: Subject, record_type: RecordType):
        there = subject.add(record_type, subject.document(record_type))
        assert there.remote is not None
        content = there.remote.content
        assert isinstance(content, Trade)
        fewer = dataclasses.replace(content, lines=content.lines[:1])
        after = subject.accepted(follow_up(there, Operation.UPDATE, fewer, "lines"))
        assert after.remote is not None
        assert after.remote.content == fewer
        assert after.remote.total == content.lines[0].amount

    def test_an_old_version_is_refused(self, subject: Subject):
        there = subject.add(RecordType.CUSTOMER, Party(name="Twice edited"))
        changed = Party(name="Twice edited", phone="1")
        subject.accepted(follow_up(there, Operation.UPDATE, changed, "phone"))
        outcome = subject.push(follow_up(there, Operation.UPDATE, changed, "phone"))["0"]
        assert isinstance(outcome, Rejected)
        assert outcome.reason is Reason.STALE_VERSION

    @pytest.mark.parametrize("record_type", [RecordType.INVOICE, RecordType.PAYMENT])
    def test_a_voided_document_stays_with_nothing_in_it(
        self, subject: Subject, record_type: RecordType
    ):
        subject.skip_if_final(record_type)
        content = subject.document(record_type)
        there = subject.add(record_type, content)
        after = subject.accepted(follow_up(there, Operation.VOID))
        assert after.remote is not None
        assert after.remote.content.is_voided
        assert after.remote.total == 0
        assert after.remote.marker == there.remote.marker
        voided = dataclasses.replace(content, is_voided=True)
        normalize = subject.connector.normalize
        assert normalize(record_type, after.remote.content) == normalize(record_type, voided)

    @pytest.mark.parametrize("record_type", DOCUMENTS)
    def test_a_deleted_document_is_gone(self, subject: Subject, record_type: RecordType):
        subject.skip_if_final(record_type)
        there = subject.add(record_type, subject.document(record_type))
        after = subject.accepted(follow_up(there, Operation.DELETE))
        assert after.external_id == there.external_id
        assert after.remote is None
        fetched = subject.run(subject.connector.fetch(record_type, [there.external_id]))
        assert fetched == {}

    @pytest.mark.parametrize("record_type", NAMES)
    def test_a_deleted_name_is_only_inactive(self, subject: Subject, record_type: RecordType):
        content = subject.document(record_type)
        there = subject.add(record_type, content)
        after = subject.accepted(follow_up(there, Operation.DELETE))
        assert after.remote is not None
        assert not after.remote.content.is_active
        assert after.remote.content.name == content.name
        assert subject.one(record_type, there.external_id) == after.remote

    @pytest.mark.parametrize("record_type", NAMES)
    def test_an_inactive_name_comes_back(self, subject: Subject, record_type: RecordType):
        there = subject.add(record_type, subject.document(record_type))
        assert there.remote is not None
        gone = subject.accepted(follow_up(there, Operation.DELETE))
        again = follow_up(gone, Operation.UPDATE, there.remote.content, "is_active")
        after = subject.accepted(again)
        assert after.remote is not None
        assert after.remote.content == there.remote.content

    def test_a_change_of_what_is_gone_is_refused_as_gone(self, subject: Subject):
        there = subject.add(RecordType.INVOICE, subject.document(RecordType.INVOICE))
        subject.accepted(follow_up(there, Operation.DELETE))
        outcome = subject.push(follow_up(there, Operation.UPDATE))["0"]
        assert isinstance(outcome, Rejected)
        assert outcome.reason is Reason.GONE

    @pytest.mark.parametrize("record_type", WRITTEN)
    def test_what_was_created_is_found_once(self, subject: Subject, record_type: RecordType):
        contents = [subject.document(record_type) for _ in range(2)]
        marker = f"syncapp:test:{record_type}:77"
        push = create(record_type, contents[0], marker=marker)
        never_sent = create(record_type, contents[1], marker=f"{marker}8", id="1")
        there = subject.accepted(push)
        found = subject.run(subject.connector.find([push, never_sent]))
        hits = {push_id: list(remotes) for push_id, remotes in found.items()}
        assert hits == {"0": [there.remote], "1": []}

    @pytest.mark.parametrize("record_type", DOCUMENTS)
    def test_anothers_document_of_the_same_number_is_not_ours(
        self, subject: Subject, record_type: RecordType
    ):
        content = subject.document(record_type)
        subject.add(record_type, content, marker="syncapp:other:a:1")
        push = create(record_type, content, marker="syncapp:test:a:1")
        assert not subject.run(subject.connector.find([push]))["0"]

    @pytest.mark.parametrize("record_type", DOCUMENTS)
    def test_an_unmarked_document_is_found_by_number_party_and_total(
        self, subject: Subject, record_type: RecordType
    ):
        content = subject.document(record_type)
        there = subject.accepted(create(record_type, content, marker=""))
        push = create(record_type, content, marker="syncapp:test:a:1")
        assert list(subject.run(subject.connector.find([push]))["0"]) == [there.remote]

    def test_a_change_is_looked_up_by_its_link(self, subject: Subject):
        there = subject.add(RecordType.CUSTOMER, Party(name="Known"))
        renamed = follow_up(there, Operation.UPDATE, Party(name="Renamed"), "name")
        assert list(subject.run(subject.connector.find([renamed]))["0"]) == [there.remote]

    def test_ids_that_do_not_exist_are_left_out(self, subject: Subject):
        customer = subject.id_of(RecordType.CUSTOMER)
        found = subject.run(subject.connector.fetch(RecordType.CUSTOMER, [customer, "999999"]))
        assert list(found) == [customer]

    @pytest.mark.parametrize("record_type", list(RecordType))
    def test_the_first_pull_is_a_complete_scan(self, subject: Subject, record_type: RecordType):
        if record_type in WRITTEN:
            subject.add(record_type, subject.document(record_type))
        pages = subject.pages(record_type, Cursor())
        assert pages[-1].is_complete_scan
        records = [remote for page in pages for remote in page.records]
        assert records
        ids = [remote.external_id for remote in records]
        assert len(set(ids)) == len(ids)
        assert {remote.record_type for remote in records} == {record_type}

    @pytest.mark.parametrize("record_type", WRITTEN)
    def test_a_later_pull_has_the_change(self, subject: Subject, record_type: RecordType):
        subject.skip_if_final(record_type)
        there = subject.add(record_type, subject.document(record_type))
        cursor = subject.pages(record_type, Cursor())[-1].cursor
        after = subject.accepted(follow_up(there, Operation.UPDATE))
        records = [each for page in subject.pages(record_type, cursor) for each in page.records]
        assert after.remote in records

    @pytest.mark.parametrize("record_type", DOCUMENTS)
    def test_a_later_pull_has_the_deletion(self, subject: Subject, record_type: RecordType):
        subject.skip_if_final(record_type)
        there = subject.add(record_type, subject.document(record_type))
        cursor = subject.pages(record_type, Cursor())[-1].cursor
        subject.accepted(follow_up(there, Operation.DELETE))
        pages = subject.pages(record_type, cursor)
        assert there.external_id in [id_ for page in pages for id_ in page.deleted]
        assert there.external_id not in [
            remote.external_id for page in pages for remote in page.records
        ]

    def test_a_pull_has_what_is_open(self, subject: Subject):
        invoice = subject.document(RecordType.INVOICE)
        there = subject.add(RecordType.INVOICE, invoice)
        assert there.remote is not None
        assert there.remote.balance == invoice.total
        subject.add(
            RecordType.PAYMENT,
            Payment(
                number="P-1",
                party=invoice.party,
                date=DAY,
                amount=invoice.total,
                currency=subject.currency,
                applications=(Application(there.external_id, invoice.total),),
            ),
        )
        pages = subject.pages(RecordType.INVOICE, Cursor())
        (now,) = [r for page in pages for r in page.records if r.external_id == there.external_id]
        assert now.balance == 0
        assert now.content == there.remote.content

    @pytest.mark.parametrize("record_type", list(RecordType))
    def test_the_same_responses_give_the_same_page(self, subject: Subject, record_type: RecordType):
        if record_type in WRITTEN:
            subject.add(record_type, subject.document(record_type))
        recorded: list[tuple[Request, Response]] = []
        direct = subject.send

        def send(request: Request) -> Response:
            recorded.append((request, direct(request)))
            return recorded[-1][1]

        first = dataclasses.replace(subject, send=send).run(
            subject.connector.pull(record_type, Cursor())
        )
        replay = iter(recorded)

        def send_again(request: Request) -> Response:
            expected, response = next(replay)
            assert request == expected
            return response

        second = dataclasses.replace(subject, send=send_again).run(
            subject.connector.pull(record_type, Cursor())
        )
        assert first == second

    def test_the_check_up_names_the_company(self, subject: Subject):
        health = subject.run(subject.connector.check())
        assert health.company_name
        assert health.currency == subject.currency
        assert health.preferences["home_currency"] == subject.currency

    def test_without_access_nothing_is_carried_out(self, subject: Subject):
        request = subject.requests(create(RecordType.CUSTOMER, Party(name="Nobody")))[0]
        before = subject.written()
        with pytest.raises(Outage) as caught:
            subject.connector.read(request, subject.send_without_access(request))
        assert caught.value.reason is Reason.AUTH
        assert caught.value.is_decided
        assert subject.written() == before

    @pytest.mark.parametrize(
        ("status", "body"),
        [(200, b""), (200, b"<html>"), (200, b'{"cut": [1, '), (500, b""), (502, b"<html>")],
    )
    def test_an_answer_that_cannot_be_read_decides_nothing(
        self, subject: Subject, status: int, body: bytes
    ):
        request = subject.requests(create(RecordType.CUSTOMER, Party(name="Anybody")))[0]
        with pytest.raises(Outage) as caught:
            subject.connector.read(request, Response(status, {}, body))
        assert caught.value.reason is Reason.TRANSIENT
        assert not caught.value.is_decided

    def test_too_many_requests_are_a_rate_limit(self, subject: Subject):
        request = subject.requests(create(RecordType.CUSTOMER, Party(name="Anybody")))[0]
        with pytest.raises(Outage) as caught:
            subject.connector.read(request, Response(429, {}, b""))
        assert caught.value.reason is Reason.RATE_LIMIT
        assert caught.value.is_decided
        assert caught.value.retry_after

    @pytest.mark.parametrize("record_type", WRITTEN)
    def test_a_good_record_is_not_refused(self, subject: Subject, record_type: RecordType):
        push = create(record_type, subject.document(record_type), marker="syncapp:test:a:1")
        assert subject.connector.refuse(push) is None

    @pytest.mark.parametrize(
        ("record_type", "changes"),
        [
            (RecordType.CUSTOMER, {"name": "", "contact_name": ""}),
            (RecordType.CUSTOMER, {"name": "x" * 501}),
            (RecordType.VENDOR, {"email": "nobody"}),
            (RecordType.INVOICE, {"lines": ()}),
            (RecordType.BILL, {"lines": ()}),
            (RecordType.PAYMENT, {"amount": Decimal(-1), "applications": ()}),
            (RecordType.PAYMENT, {"amount": Decimal(1)}),
        ],
    )
    def test_what_is_refused_here_would_be_refused_there(
        self, subject: Subject, record_type: RecordType, changes: dict[str, Any]
    ):
        push = create(record_type, subject.document(record_type, **changes))
        here = subject.connector.refuse(push)
        there = subject.push(push)["0"]
        assert isinstance(here, Rejected)
        if here.field not in subject.lenient:
            assert isinstance(there, Rejected)
