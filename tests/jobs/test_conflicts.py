"""Both sides changed: field by field, and what a person decides about it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.utils import timezone

from companies.models import AuditEntry, Company
from connectors.models import Connection, Link
from jobs.deciding import (
    Gone,
    Side,
    follow_merge,
    set_policies,
    settle_conflict,
    settle_gone,
)
from jobs.models import JobOutcome, SyncError
from jobs.reconcile import reconcile
from records.models import Customer, Invoice
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


def edit_here(customer: Customer, **fields: Any) -> None:
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


def test_another_change_there_does_not_make_a_conflict_forgotten(
    books: Books, connection: Connection, customer: Customer
) -> None:
    edit_there(books, customer, DisplayName="Theirs")
    edit_here(customer, name="Ours")
    run_job(connection)

    edit_there(books, customer, PrimaryPhone="555-1")
    run_job(connection)
    run_job(connection)

    assert there(books)["DisplayName"] == "Theirs"
    assert set(Link.objects.get(record_type="customer").conflicts) == {"name"}
    assert SyncQueueItem.objects.open().get().state == State.CONFLICT


def test_who_looked_at_old_values_is_asked_again(
    books: Books, connection: Connection, customer: Customer
) -> None:
    edit_there(books, customer, DisplayName="Theirs")
    edit_here(customer, name="Ours")
    run_job(connection)
    link = Link.objects.get(record_type="customer")
    edit_there(books, customer, DisplayName="Theirs again")
    run_job(connection)

    choices = {"name": Side.THEIRS}
    person = factories.member(company=customer.company)
    said = settle_conflict(link=link, choices=choices, user=person, seen_version=link.version)
    assert "changed in accounting meanwhile" in said
    assert Customer.objects.get(pk=customer.pk).name == "Ours"


def test_their_lines_are_written_here_when_a_person_says_so(
    books: Books, company: Company, connection: Connection
) -> None:
    made = invoice(company)
    run_job(connection)
    change_line_there(
        books, connection, Description="Changed there", Amount=30, Qty=3, UnitPrice=10
    )
    line = made.lines.get()
    line.description = "Changed here"
    line.save()
    run_job(connection)
    link = Link.objects.get(record_type="invoice")

    person = factories.member(company=company)
    assert not settle_conflict(link=link, choices={"lines": Side.THEIRS}, user=person)
    job = run_job(connection)

    assert job.outcome == JobOutcome.SUCCEEDED, job.explanation
    made.refresh_from_db()
    line.refresh_from_db()
    assert (line.description, line.quantity, made.total) == ("Changed there", 3, 30)
    [row] = books.all("Invoice")
    assert row["TotalAmt"] == 30
    assert not SyncQueueItem.objects.open().exists()


def change_line_there(books: Books, connection: Connection, **fields: Any) -> None:
    [row] = books.all("Invoice")
    [line] = [line for line in row["Line"] if "Id" in line]
    detail = line["SalesItemLineDetail"] | {
        name: fields.pop(name) for name in ("Qty", "UnitPrice") if name in fields
    }
    changed = {**line, **fields, "SalesItemLineDetail": detail}
    body = {"Id": row["Id"], "SyncToken": row["SyncToken"], "sparse": True, "Line": [changed]}
    books.post("invoice", body, connection)


def test_what_somebody_decided_already_is_not_decided_twice(
    books: Books, company: Company, connection: Connection
) -> None:
    voided_there(books, company, connection)
    run_job(connection)
    link = Link.objects.get(record_type="invoice")
    person = factories.member(company=company)

    assert settle_gone(link=link, choice=Gone.UNLINK, user=person) == ""
    assert "decided this already" in settle_gone(link=link, choice=Gone.UNLINK, user=person)
    assert AuditEntry.objects.filter(action="gone.unlink").count() == 1


def test_what_was_unlinked_stays_apart(
    books: Books, company: Company, connection: Connection
) -> None:
    voided_there(books, company, connection)
    run_job(connection)
    link = Link.objects.get(record_type="invoice")
    settle_gone(link=link, choice=Gone.UNLINK, user=factories.member(company=company))

    list(reconcile(connection))
    run_job(connection)
    assert len(books.all("Invoice")) == 1
    assert not SyncQueueItem.objects.open().exists()


def test_a_merge_there_is_followed(books: Books, company: Company, connection: Connection) -> None:
    customer = factories.customer(company=company, name="Around the Horn Ltd")
    other = factories.customer(company=company, name="Around the Horn")
    made = invoice(company, customer=customer)
    run_job(connection)
    link, survivor = (
        Link.objects.get(record_type="customer", record_id=one.pk) for one in (customer, other)
    )
    merge_there(books, connection, made, survivor)
    Link.objects.filter(pk=link.pk).update(gone_at=timezone.now())

    person = factories.member(company=company)
    assert follow_merge(link=link, into=other.pk, user=person) == ""
    before = len(books.log())
    run_job(connection)

    made.refresh_from_db()
    customer.refresh_from_db()
    assert (made.customer, customer.deleted_at is not None) == (other, True)
    assert not Link.objects.filter(pk=link.pk).exists()
    writes = [one for one in books.log()[before:] if one["operation"] != "read"]
    assert [one for one in writes if one["operation"] in {"create", "update"}] == []
    assert not SyncQueueItem.objects.open().exists()
    assert "decided this already" in follow_merge(link=link, into=other.pk, user=person)


def merge_there(books: Books, connection: Connection, made: Invoice, survivor: Link) -> None:
    """What a merge does to a document of the one that goes: it belongs to the other."""
    [row] = books.all("Invoice")
    body = {"Id": row["Id"], "SyncToken": row["SyncToken"], "sparse": True}
    books.post("invoice", {**body, "CustomerRef": {"value": survivor.external_id}}, connection)


@pytest.mark.parametrize(
    ("policy", "names"),
    [("ours", ("Ours", "Ours")), ("theirs", ("Theirs", "Theirs")), ("newest", ("Ours", "Ours"))],
)
def test_a_policy_decides_without_asking(
    books: Books,
    connection: Connection,
    customer: Customer,
    policy: str,
    names: tuple[str, str],
) -> None:
    person = factories.member(company=customer.company)
    set_policies(connection=connection, policies={"customer": {"name": policy}}, user=person)
    edit_there(books, customer, DisplayName="Theirs")
    time.sleep(1.1)  # The stand-in's times are whole seconds.
    edit_here(customer, name="Ours", updated_at=timezone.now())

    job = run_job(connection)

    customer.refresh_from_db()
    assert job.outcome == JobOutcome.SUCCEEDED, job.explanation
    assert (customer.name, there(books)["DisplayName"]) == names
    assert AuditEntry.objects.get(action="connection.policies").user == person
