"""Both sides changed: field by field, and what a person decides about it."""

from __future__ import annotations

import pytest

from companies.models import AuditEntry, Company
from connectors.models import Connection, Link
from jobs.deciding import Gone, Side, settle_conflict, settle_gone
from jobs.models import JobOutcome, SyncError
from records.models import Customer
from syncqueue.models import State, SyncQueueItem
from tests import factories
from tests.books import Books, connected
from tests.jobs.jobrun import invoice, run_job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company(books: Books) -> Company:
    return factories.company()


@pytest.fixture
def connection(company: Company) -> Connection:
    return connected(company)


@pytest.fixture
def customer(company: Company, connection: Connection) -> Customer:
    made = factories.customer(company=company, name="Agreed", email="agreed@example.com")
    run_job(connection)
    return made


def edit_there(books: Books, customer: Customer, **fields: str) -> None:
    link = Link.objects.get(record_type="customer", record_id=customer.pk)
    books.edit("Customer", link.external_id, **fields)


def edit_here(customer: Customer, **fields: str) -> None:
    Customer.objects.filter(pk=customer.pk).update(**fields)


def there(books: Books) -> dict:
    [row] = books.all("Customer")
    return row


def test_different_fields_are_merged_without_asking(
    books: Books, connection: Connection, customer: Customer
) -> None:
    edit_there(books, customer, DisplayName="Theirs")
    edit_here(customer, phone="030 1234")

    job = run_job(connection)

    customer.refresh_from_db()
    assert job.outcome == JobOutcome.SUCCEEDED, job.explanation
    assert (customer.name, customer.phone) == ("Theirs", "030 1234")
    assert there(books)["DisplayName"] == "Theirs"
    assert there(books)["PrimaryPhone"]["FreeFormNumber"] == "030 1234"
    assert not SyncQueueItem.objects.open().exists()


def test_the_same_name_on_both_sides_is_a_conflict_and_nothing_is_overwritten(
    books: Books, connection: Connection, customer: Customer
) -> None:
    edit_there(books, customer, DisplayName="Theirs")
    edit_here(customer, name="Ours")

    job = run_job(connection)

    customer.refresh_from_db()
    assert (customer.name, there(books)["DisplayName"]) == ("Ours", "Theirs")
    assert SyncQueueItem.objects.open().get().state == State.CONFLICT
    assert job.error_count == SyncError.objects.unresolved().count() == 1
    link = Link.objects.get(record_type="customer")
    assert link.conflicts == {"name": {"agreed": "Agreed", "ours": "Ours", "theirs": "Theirs"}}

    # Neither another job nor an edit of another field settles it.
    edit_here(customer, phone="1")
    run_job(connection)
    assert there(books)["DisplayName"] == "Theirs"
    assert SyncQueueItem.objects.open().get().state == State.CONFLICT


@pytest.mark.parametrize(("side", "name"), [(Side.OURS, "Ours"), (Side.THEIRS, "Theirs")])
def test_the_chosen_side_counts(
    books: Books, connection: Connection, customer: Customer, side: Side, name: str
) -> None:
    edit_there(books, customer, DisplayName="Theirs")
    edit_here(customer, name="Ours")
    run_job(connection)
    person = factories.member(company=customer.company)

    settle_conflict(
        link=Link.objects.get(record_type="customer"), choices={"name": side}, user=person
    )
    job = run_job(connection)

    customer.refresh_from_db()
    assert job.outcome == JobOutcome.SUCCEEDED, job.explanation
    assert (customer.name, there(books)["DisplayName"]) == (name, name)
    assert not SyncQueueItem.objects.open().exists()
    assert not SyncError.objects.unresolved().exists()
    assert AuditEntry.objects.get(action="conflict.settle").user == person


def test_making_both_equal_settles_a_conflict(
    books: Books, connection: Connection, customer: Customer
) -> None:
    edit_there(books, customer, DisplayName="Theirs")
    edit_here(customer, name="Ours")
    run_job(connection)

    edit_here(customer, name="Theirs")
    run_job(connection)

    assert not SyncQueueItem.objects.open().exists()
    assert not SyncError.objects.unresolved().exists()


def voided_there(books: Books, company: Company, connection: Connection):
    made = invoice(company)
    run_job(connection)
    [row] = books.all("Invoice")
    books.edit("Invoice", row["Id"], do="void")
    return made


def test_a_document_voided_there_is_a_conflict_and_never_voids_ours(
    books: Books, company: Company, connection: Connection
) -> None:
    made = voided_there(books, company, connection)

    job = run_job(connection)

    made.refresh_from_db()
    assert made.status == "issued"
    assert job.error_count == 1
    assert SyncQueueItem.objects.open().get().state == State.CONFLICT
    run_job(connection)
    assert len(books.all("Invoice")) == 1


def test_what_is_gone_is_created_again_when_a_person_says_so(
    books: Books, company: Company, connection: Connection
) -> None:
    made = voided_there(books, company, connection)
    run_job(connection)
    person = factories.member(company=company)
    [row] = books.all("Invoice")
    books.edit("Invoice", row["Id"], do="delete")

    settle_gone(link=Link.objects.get(record_type="invoice"), choice=Gone.CREATE_AGAIN, user=person)
    run_job(connection)

    [again] = books.all("Invoice")
    assert (again["DocNumber"], again["Id"] != row["Id"]) == (made.number, True)
    assert not SyncQueueItem.objects.open().exists()


def test_ours_is_voided_too_when_a_person_says_so(
    books: Books, company: Company, connection: Connection
) -> None:
    made = voided_there(books, company, connection)
    run_job(connection)

    settle_gone(
        link=Link.objects.get(record_type="invoice"),
        choice=Gone.VOID_OURS,
        user=factories.member(company=company),
    )
    run_job(connection)

    made.refresh_from_db()
    assert made.status == "voided"
    assert not SyncQueueItem.objects.open().exists()
    assert not SyncError.objects.unresolved().exists()


def test_lines_changed_on_both_sides_are_never_blindly_concatenated(
    books: Books, company: Company, connection: Connection
) -> None:
    made = invoice(company)
    run_job(connection)
    [row] = books.all("Invoice")
    books.post(
        "invoice",
        {
            "Id": row["Id"],
            "SyncToken": row["SyncToken"],
            "sparse": True,
            "Line": [
                {**line, "Description": "Changed there"} for line in row["Line"] if "Id" in line
            ],
        },
        connection,
    )
    line = made.lines.get()
    line.description = "Changed here"
    line.save()

    job = run_job(connection)

    assert job.error_count == 1
    assert SyncQueueItem.objects.open().get().state == State.CONFLICT
    [row] = books.all("Invoice")
    descriptions = [line["Description"] for line in row["Line"] if "Description" in line]
    assert descriptions == ["Changed there"]
