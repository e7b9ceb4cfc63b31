"""Books that number documents by date are sent the oldest first, whatever came first to us."""

from __future__ import annotations

import datetime

import pytest
from django.db import transaction

from connectors.documents import RecordType, Trade
from connectors.interface import Operation, Push
from connectors.models import Connection
from jobs.exporter import one_per_party
from jobs.plan import Send
from syncqueue import transitions
from syncqueue.models import SyncQueueItem
from tests import factories

pytestmark = pytest.mark.django_db
DAYS = [datetime.date(2026, 3, day) for day in (9, 2, 5, 2)]


@pytest.fixture
def books() -> Connection:
    return factories.connection(company=factories.company())


def claimed(books: Connection, *record_types: RecordType) -> list[int]:
    with transaction.atomic():
        items = transitions.claim(connection=books, rank=30, limit=10, oldest_first=record_types)
    return [item.record_id for item in items]


def test_the_oldest_document_is_claimed_first_and_moving_to_the_top_does_not_change_that(
    books: Connection,
) -> None:
    made = [factories.invoice(company=books.company, date=day) for day in DAYS]
    SyncQueueItem.objects.filter(record_type="invoice", record_id=made[0].pk).update(priority=9)
    by_date = [made[1].pk, made[3].pk, made[2].pk, made[0].pk]
    assert claimed(books, RecordType.INVOICE) == by_date
    assert claimed(books) == [one.pk for one in made]


def test_what_has_no_order_of_dates_goes_before_and_in_line(books: Connection) -> None:
    made = [factories.bill(company=books.company, date=day) for day in DAYS]
    invoice = factories.invoice(company=books.company, date=DAYS[1])
    in_line = [one.pk for one in made]
    assert claimed(books, RecordType.INVOICE) == [*in_line, invoice.pk]


def send(record_type: RecordType, party: str, number: int) -> tuple[SyncQueueItem, Send]:
    content = Trade(str(number), party, DAYS[0], lines=())
    push = Push(str(number), record_type, Operation.CREATE, "", str(number), content)
    return SyncQueueItem(pk=number), Send(push, {}, party)


def test_nothing_of_an_ordered_type_overtakes_what_waits_for_its_customer() -> None:
    credits = [send(RecordType.CREDIT_MEMO, party, n) for n, party in enumerate("aab", start=1)]
    payments = [send(RecordType.PAYMENT, party, n) for n, party in enumerate("xxy", start=4)]
    in_order = frozenset({RecordType.CREDIT_MEMO})
    kept = [item.pk for item, _ in one_per_party([*credits, *payments], in_order=in_order)]
    assert kept == [1, 4, 6]
    assert [item.pk for item, _ in one_per_party(credits)] == [1, 3]
