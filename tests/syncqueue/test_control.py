"""What a person does with items of the queue, and what is written down about it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from companies.models import AuditEntry
from connectors.models import Connection
from syncqueue import control, transitions
from syncqueue.models import Operation, State, SyncQueueItem
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Connection:
    return factories.connection(company=factories.company())


@pytest.fixture
def nancy(books: Connection) -> User:
    return factories.member(company=books.company)


def item(books: Connection, record_id: int, **fields: object) -> SyncQueueItem:
    defaults: dict[str, object] = {
        "record_type": "invoice",
        "label": f"INV-{record_id}",
        "first_operation": Operation.UPDATE,
        "operation": Operation.UPDATE,
        "rank": 30,
    }
    return SyncQueueItem.objects.create(
        connection=books, company=books.company, record_id=record_id, **defaults | fields
    )


def everything() -> control.Items:
    return SyncQueueItem.objects.all()


def entries() -> list[tuple[str, str, object]]:
    rows = AuditEntry.objects.order_by("pk")
    return [(row.action, row.target, row.detail.get("reason")) for row in rows]


def test_what_a_person_does_is_written_down_with_the_reason(books: Connection, nancy: User) -> None:
    item(books, 1)
    item(books, 2)
    control.hold(items=everything(), user=nancy, reason="Ask first")
    control.release(items=everything().filter(record_id=1), user=nancy)
    control.move_to_top(items=everything(), user=nancy)
    control.skip(items=everything(), user=nancy, reason="Booked by hand")
    assert entries() == [
        ("queue.hold", "2 records", "Ask first"),
        ("queue.release", "INV-1", None),
        ("queue.move_to_top", "2 records", None),
        ("queue.skip", "2 records", "Booked by hand"),
    ]
    kept = AuditEntry.objects.get(action="queue.skip")
    assert kept.user == nancy
    assert kept.company == books.company
    assert kept.detail["records"] == [["invoice", 1, "INV-1"], ["invoice", 2, "INV-2"]]


def test_what_changes_nothing_is_not_written_down(books: Connection, nancy: User) -> None:
    item(books, 1)
    item(books, 2, state=State.SYNCED, finished_at=timezone.now())
    assert control.release(items=everything(), user=nancy) == 0
    assert control.hold(items=everything().filter(record_id=2), user=nancy, reason="") == 0
    assert entries() == []


def test_an_entry_names_few_of_many(books: Connection, nancy: User) -> None:
    for number in range(control.NAMED + 5):
        item(books, number)
    control.hold(items=everything(), user=nancy, reason="")
    detail = AuditEntry.objects.get().detail
    assert detail["count"] == control.NAMED + 5
    assert len(detail["records"]) == control.NAMED


def claimed(books: Connection, limit: int = 10) -> list[int]:
    items = transitions.claim(connection=books, rank=30, limit=limit)
    return [one.record_id for one in items]


def test_what_is_moved_to_the_top_goes_first_of_its_rank(books: Connection, nancy: User) -> None:
    for number in range(1, 6):
        item(books, number)
    assert claimed(books) == [1, 2, 3, 4, 5]
    control.move_to_top(items=everything().filter(record_id=4), user=nancy)
    control.move_to_top(items=everything().filter(record_id__in=[3, 5]), user=nancy)
    assert claimed(books) == [3, 5, 4, 1, 2]
    assert claimed(books, limit=1) == [3]


def test_the_top_of_one_connection_is_not_that_of_another(books: Connection, nancy: User) -> None:
    other = factories.connection(company=factories.company())
    item(other, 1)
    item(books, 1)
    item(books, 2)
    control.move_to_top(items=everything().filter(connection=other), user=nancy)
    control.move_to_top(items=everything().filter(connection=books, record_id=2), user=nancy)
    assert claimed(books) == [2, 1]
    assert everything().get(connection=books, record_id=2).priority == 1


def test_an_edit_keeps_the_place_in_line(books: Connection, nancy: User) -> None:
    customer = factories.customer(company=books.company)
    control.move_to_top(items=everything(), user=nancy)
    customer.name = "Another name"
    customer.save()
    assert SyncQueueItem.objects.get().priority == 1
    assert SyncQueueItem.objects.get().generation == 2
