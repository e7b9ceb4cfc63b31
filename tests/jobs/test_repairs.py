"""What a person does about errors, against real books: each way ends with what they now say."""

from __future__ import annotations

import datetime
import urllib.parse
import urllib.request
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from companies.models import AuditEntry, Company, Role
from connectors.documents import RecordType
from connectors.models import Connection, Link
from jobs import causes, mending, repairs
from jobs.looking import look_up
from jobs.models import ErrorGroup, SyncError, SyncErrorQuerySet
from jobs.reconcile import reconcile
from records.models import Account, Invoice, Item
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
def person(company: Company) -> User:
    return factories.member(company=company, role=Role.ACCOUNTANT)


def open_errors() -> SyncErrorQuerySet:
    return SyncError.objects.unresolved()


def close_the_books(books: Books, day: str) -> None:
    """On the books' own page, as the accountant does it."""
    form = urllib.parse.urlencode({"BookCloseDate": day, "CustomTxnNumbers": "on"}).encode()
    with urllib.request.urlopen(f"{books.address}/preferences", form) as answer:
        assert answer.status == 200


def taken_number(
    books: Books, company: Company, connection: Connection
) -> tuple[Invoice, dict[str, Any]]:
    """An invoice of ours that somebody has entered in accounting by hand already."""
    customer = factories.customer(company=company)
    item = factories.item(company=company)
    run_job(connection)
    [party] = books.all("Customer")
    line = {
        "Amount": 10,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": books.named("Item", item.name)["Id"]}},
    }
    by_hand = {"DocNumber": "INV-7", "CustomerRef": {"value": party["Id"]}, "Line": [line]}
    row = books.post("invoice", by_hand, connection)["Invoice"]
    lines = [{"item": item, "quantity": 2, "unit_price": Decimal("5")}]
    ours = factories.invoice(company=company, customer=customer, number="INV-7", lines=lines)
    run_job(connection)
    return ours, row


def test_an_error_says_in_which_currency_its_money_is(
    books: Books, company: Company, connection: Connection
) -> None:
    taken_number(books, company, connection)
    [error] = open_errors()
    assert (error.amount, error.currency) == (Decimal("10.0000"), "USD")


def test_a_taken_number_is_linked_and_nothing_is_sent(
    books: Books, company: Company, connection: Connection, person: User
) -> None:
    ours, row = taken_number(books, company, connection)
    error = open_errors().select_related("connection").get()
    assert error.external_id == row["Id"]
    remote = look_up(
        connection=connection, record_type=RecordType.INVOICE, external_id=error.external_id
    )
    assert remote

    done = mending.link_to(error=error, remote=remote, send_ours=False, user=person)
    assert done.opened
    assert done.opened.job
    run_job(connection)

    link = Link.objects.get(record_type="invoice", record_id=ours.pk)
    assert link.external_id == row["Id"]
    assert len(books.all("Invoice")) == 1
    assert not open_errors().exists()
    assert SyncQueueItem.objects.filter(record_id=ours.pk).latest("pk").state == State.UNCHANGED
    entry = AuditEntry.objects.get(action="errors.link")
    assert (entry.user, entry.detail["external_id"]) == (person, row["Id"])


def test_an_object_of_another_record_of_ours_is_not_linked_twice(
    books: Books, company: Company, connection: Connection, person: User
) -> None:
    _ours, row = taken_number(books, company, connection)
    other = factories.invoice(company=company)
    Link.objects.create(
        connection=connection,
        company=company,
        record_type="invoice",
        record_id=other.pk,
        external_id=row["Id"],
    )
    error = open_errors().select_related("connection").get()
    remote = look_up(connection=connection, record_type=RecordType.INVOICE, external_id=row["Id"])
    assert remote
    done = mending.link_to(error=error, remote=remote, send_ours=False, user=person)
    assert "is linked to our invoice" in done.refusal
    assert open_errors().exists()


def test_what_is_marked_as_done_is_never_sent(
    books: Books, company: Company, connection: Connection, person: User
) -> None:
    ours, _row = taken_number(books, company, connection)

    done = repairs.mark_as_done(errors=open_errors(), user=person, note="Entered by hand")
    assert (done.count, done.left) == (1, 0)

    list(reconcile(connection))
    run_job(connection)
    assert len(books.all("Invoice")) == 1
    error = SyncError.objects.get()
    assert (error.resolved_by, error.resolution) == (person, "Entered by hand")
    item = SyncQueueItem.objects.filter(record_id=ours.pk, record_type="invoice").get()
    assert item.state == State.SKIPPED
    assert AuditEntry.objects.filter(action="errors.mark_as_done", user=person).exists()


def test_with_its_number_what_is_done_is_linked_and_later_edits_reach_it(
    books: Books, company: Company, connection: Connection, person: User
) -> None:
    ours, row = taken_number(books, company, connection)

    repairs.mark_as_done(errors=open_errors(), user=person, external_id=row["Id"])
    run_job(connection)
    assert not SyncQueueItem.objects.open().exists()

    type(ours).objects.filter(pk=ours.pk).update(memo="Seen by the accountant")
    run_job(connection)
    [there] = books.all("Invoice")
    assert "Seen by the accountant" in there["PrivateNote"]


def test_a_skipped_record_stays_out_until_somebody_edits_it(
    books: Books, company: Company, connection: Connection, person: User
) -> None:
    ours, _row = taken_number(books, company, connection)
    assert repairs.skip(errors=open_errors(), user=person, reason="A test").count == 1
    assert SyncError.objects.get().resolution == "A test"

    list(reconcile(connection))
    assert not SyncQueueItem.objects.open().exists()

    type(ours).objects.filter(pk=ours.pk).update(number="INV-9")
    run_job(connection)
    assert {row["DocNumber"] for row in books.all("Invoice")} == {"INV-7", "INV-9"}


def test_what_was_sent_without_an_answer_is_neither_skipped_nor_done(
    books: Books, company: Company, connection: Connection, person: User
) -> None:
    taken_number(books, company, connection)
    SyncQueueItem.objects.open().update(state=State.UNKNOWN)
    for done in (
        repairs.skip(errors=open_errors(), user=person, reason="A test"),
        repairs.mark_as_done(errors=open_errors(), user=person),
    ):
        assert (done.count, done.left) == (0, 1)
    assert open_errors().count() == 1


def test_a_document_of_a_closed_period_goes_with_a_new_date(
    books: Books, company: Company, connection: Connection, person: User
) -> None:
    close_the_books(books, "2026-10-31")
    made = invoice(company, date=datetime.date(2026, 10, 29))
    run_job(connection)
    [error] = open_errors()
    assert error.reason == "closed_period"

    day = datetime.date(2026, 11, 2)
    done = mending.redate(connection=connection, errors=open_errors(), date=day, user=person)
    assert done.count == 1
    run_job(connection)

    [row] = books.all("Invoice")
    assert row["TxnDate"] == "2026-11-02"
    assert not open_errors().exists()
    entry = AuditEntry.objects.get(action="errors.redate")
    assert entry.detail["before"] == {made.number: "2026-10-29"}


def test_another_account_is_used_instead_of_an_inactive_one(
    books: Books, company: Company, connection: Connection, person: User
) -> None:
    sales = Account.objects.filter(company=company, kind="income").order_by("pk")
    old, new = sales[0], sales[1]
    item = factories.item(company=company, income_account=old)
    number = Link.objects.get(record_type="account", record_id=old.pk).external_id
    there = next(row for row in books.all("Account") if row["Id"] == number)
    books.post("account", {**there, "Active": False, "sparse": True}, connection)
    for _ in range(3):
        line = {"item": item, "quantity": 1, "unit_price": Decimal("100")}
        factories.invoice(company=company, lines=[line])
    run_job(connection)
    run_job(connection)
    errors = open_errors()
    [cause] = causes.described(errors, causes.groups(errors))
    assert cause.title == f"Account “{old}” is inactive in accounting"
    assert (cause.stakes_in_words, cause.money_in_words) == ("4 records wait", "300.00 USD")
    assert cause.culprit

    done = mending.use_instead(
        connection=connection,
        errors=errors,
        missing=cause.culprit.key,
        instead=new.pk,
        user=person,
    )
    assert done.count == 1
    run_job(connection)

    assert Item.objects.get(pk=item.pk).income_account == new
    assert len(books.all("Invoice")) == 3
    assert not open_errors().exists()
    assert AuditEntry.objects.get(action="errors.use_instead").detail["instead"] == str(new)


def test_a_cause_is_given_to_somebody_and_talked_about(
    books: Books, company: Company, connection: Connection, person: User
) -> None:
    taken_number(books, company, connection)
    [error] = open_errors()
    of_cause = {"connection": connection, "fingerprint": error.fingerprint}
    repairs.assign(**of_cause, to=person, user=person)
    repairs.comment(**of_cause, text="I ask the bank.", user=person)
    group = ErrorGroup.objects.get(**of_cause)
    assert (group.assigned_to, group.company) == (person, company)
    assert group.comments.get().text == "I ask the bank."
    [cause] = causes.described(open_errors(), causes.groups(open_errors()))
    assert cause.group == group
    assert cause.comments == 1
    actions = set(AuditEntry.objects.filter(user=person).values_list("action", flat=True))
    assert actions == {"errors.assign", "errors.comment"}
