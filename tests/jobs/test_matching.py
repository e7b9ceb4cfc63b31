"""Who is who on both sides: what is proposed, what people decide, and when it happens."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from companies.models import AuditEntry, Company, Role
from connectors.models import Connection, ConnectionState, Decision, Link, Match
from jobs import loading, matching, not_before
from jobs.connect import close
from jobs.control import open_job
from jobs.foreground import follow
from jobs.matching import NotYet
from jobs.models import JobOutcome, SyncError, SyncJob
from jobs.runner import run_slice
from records.models import Customer, Item, Vendor
from syncqueue.capture import muted
from syncqueue.models import State, SyncQueueItem
from tests import factories
from tests.books import Books, connected
from tests.jobs.jobrun import invoice, run_job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company(books: Books) -> Company:
    return factories.company()


@pytest.fixture
def person(company: Company) -> User:
    return factories.member(company=company, role=Role.ACCOUNTANT)


def put(books: Books, company: Company, *rows: tuple[str, dict[str, Any]]) -> None:
    """Into the books, by another program that has access to them: a connection of another
    company of ours."""
    access = connected(factories.company())
    for path, body in rows:
        books.post(path, body, access)
    access.delete()


def customer_there(name: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    return "customer", {"DisplayName": name, **fields}


def row(connection: Connection, **fields: Any) -> Match:
    return Match.objects.get(connection=connection, **fields)


def rows(connection: Connection, condition: Any) -> set[str]:
    return {str(one) for one in Match.objects.filter(condition, connection=connection)}


def decide(connection: Connection, condition: Any, decision: Decision, person: User) -> int:
    return matching.decide(
        connection=connection,
        matches=Match.objects.filter(condition),
        decision=decision,
        user=person,
    )


def confirm(connection: Connection, person: User, *, initial_load: bool = False) -> SyncJob:
    done = matching.confirm(connection=connection, user=person, initial_load=initial_load)
    assert done.opened.job, done.opened.refusal
    return done.opened.job


def snapshot(books: Books) -> dict[str, Any]:
    """Everything on both sides."""
    there = {name: books.all(name) for name in ("Customer", "Vendor", "Item", "Invoice")}
    here = {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Customer, Vendor, Item)
    }
    return {"there": there, "here": here, "written": books.log()}


def test_every_record_and_object_is_proposed_in_one_place(books: Books, company: Company) -> None:
    put(
        books,
        company,
        customer_there("Around the Horn"),
        customer_there("Berglunds snabbkop AB"),
        customer_there("Only There"),
    )
    factories.customer(company=company, name="Around the Horn")
    factories.customer(company=company, name="Berglunds Snabbköp")
    factories.customer(company=company, name="Stays Here")

    connection = connected(company)

    assert connection.state == ConnectionState.MATCHING
    assert rows(connection, matching.EXACT) == {"Around the Horn = Around the Horn"}
    assert rows(connection, matching.DOUBTFUL) == {"Berglunds Snabbköp = Berglunds snabbkop AB"}
    assert rows(connection, matching.ONLY_HERE) == {"Stays Here = –"}
    assert "– = Only There" in rows(connection, matching.ONLY_THERE)


def test_nothing_is_written_on_either_side_before_it_is_confirmed(
    books: Books, company: Company, person: User
) -> None:
    put(books, company, customer_there("Same"), customer_there("Theirs"))
    factories.customer(company=company, name="Same")
    factories.customer(company=company, name="Ours")
    before = snapshot(books)

    connection = connected(company, initial_load=True)
    decide(connection, matching.EXACT, Decision.LINK, person)
    decide(connection, matching.ONLY_HERE, Decision.SKIP, person)
    run_job(connection)  # A scheduled job may start meanwhile.

    assert snapshot(books) == before
    assert not Link.objects.filter(record_type="customer").exists()

    run = confirm(connection, person)
    connection.refresh_from_db()
    assert connection.state == ConnectionState.READY
    assert Link.objects.get(record_type="customer").record_id
    assert SyncJob.objects.open().get() == run


def test_what_was_decided_is_carried_out_by_the_job_that_confirming_opens(
    books: Books, company: Company, person: User
) -> None:
    put(books, company, customer_there("Same"), customer_there("Theirs"), customer_there("Never"))
    same = factories.customer(company=company, name="Same")
    factories.customer(company=company, name="Ours")
    factories.customer(company=company, name="Kept apart")
    connection = connected(company)
    decide(connection, matching.EXACT, Decision.LINK, person)
    Match.objects.filter(record_label="Kept apart").update(decision=Decision.SKIP)
    Match.objects.filter(external_label="Never").update(decision=Decision.SKIP)

    confirm(connection, person, initial_load=True)
    job = finish_open_job()

    assert job.outcome == JobOutcome.SUCCEEDED, job.explanation
    assert {one["DisplayName"] for one in books.all("Customer")} >= {"Same", "Theirs", "Ours"}
    assert "Kept apart" not in {one["DisplayName"] for one in books.all("Customer")}
    here = set(Customer.objects.filter(company=company).values_list("name", flat=True))
    assert here >= {"Same", "Ours", "Kept apart", "Theirs"}
    assert "Never" not in here
    assert len([one for one in books.all("Customer") if one["DisplayName"] == "Same"]) == 1
    assert Link.objects.filter(record_type="customer", record_id=same.pk).exists()


def test_names_that_another_type_has_are_shown_with_what_to_do(
    books: Books, company: Company
) -> None:
    put(
        books,
        company,
        ("vendor", {"DisplayName": "Acme"}),
        ("employee", {"GivenName": "Ada", "FamilyName": "Byron", "DisplayName": "Ada Byron"}),
        customer_there("Same"),
    )
    for name in ("Acme", "Ada Byron", "Free", "Same"):
        factories.customer(company=company, name=name)
    factories.vendor(company=company, name="Free")

    connection = connected(company)

    clash = dict(Match.objects.filter(connection=connection).values_list("record_label", "clash"))
    assert "“Acme” is there already, as vendor" in clash["Acme"]
    assert "such as “Acme (customer)”" in clash["Acme"]
    assert "as employee" in clash["Ada Byron"]
    assert "the name of our" in clash["Free"]
    assert clash["Same"] == ""


def test_with_nothing_to_match_the_connection_is_ready_by_itself(
    books: Books, company: Company
) -> None:
    factories.customer(company=company, name="Only here")
    connection = connected(company)
    assert connection.state == ConnectionState.READY
    assert not Match.objects.filter(connection=connection).exists()


def test_accepting_exact_matches_on_the_command_line_confirms_them(
    books: Books, company: Company
) -> None:
    put(books, company, customer_there("Same"))
    factories.customer(company=company, name="Same")
    connection = connected(company, accept_exact=True)
    assert connection.state == ConnectionState.READY
    assert Link.objects.filter(record_type="customer", connection=connection).count() == 1


def test_a_doubtful_one_waits_for_a_person_although_exact_ones_are_accepted(
    books: Books, company: Company
) -> None:
    put(books, company, customer_there("Same"), customer_there("Alike Inc."))
    factories.customer(company=company, name="Same")
    factories.customer(company=company, name="Alike")
    connection = connected(company, accept_exact=True)
    assert connection.state == ConnectionState.MATCHING
    assert row(connection, record_label="Same").decision == Decision.LINK
    assert not Link.objects.filter(record_type="customer").exists()


def test_comparing_again_keeps_what_was_decided(
    books: Books, company: Company, person: User
) -> None:
    put(books, company, customer_there("Same"), customer_there("Alike Inc."))
    factories.customer(company=company, name="Same")
    factories.customer(company=company, name="Alike")
    connection = connected(company)
    decide(connection, matching.EXACT, Decision.LINK, person)
    factories.customer(company=company, name="Late")

    connected(company)

    assert row(connection, record_label="Same").decided_by == person
    assert rows(connection, matching.DOUBTFUL) == {"Alike = Alike Inc."}
    assert "Late = –" in rows(connection, matching.ONLY_HERE)


def test_documents_before_the_date_stay_out_and_come_in_when_it_moves(
    books: Books, company: Company, person: User
) -> None:
    old = invoice(company, number="OLD", date=datetime.date(2026, 1, 31))
    invoice(company, number="NEW", date=datetime.date(2026, 2, 1))
    connection = connected(company, initial_load=True, since=datetime.date(2026, 2, 1))
    old.memo = "edited"
    old.save()

    job = run_job(connection)

    assert [one["DocNumber"] for one in books.all("Invoice")] == ["NEW"]
    assert (job.outcome, job.skipped) == (JobOutcome.SUCCEEDED, 1)
    left_out = SyncQueueItem.objects.get(record_id=old.pk, record_type="invoice")
    assert left_out.state == State.SKIPPED
    assert left_out.refusal == "Dated before 1 Feb 2026: it is not synchronized."

    earlier = datetime.date(2026, 1, 1)
    assert not_before.choose(connection=connection, day=earlier, user=person) == 1
    run_job(connection)
    assert {one["DocNumber"] for one in books.all("Invoice")} == {"OLD", "NEW"}


def test_an_invoice_that_is_there_already_goes_on_whatever_the_date(
    books: Books, company: Company, person: User
) -> None:
    connection = connected(company)
    made = invoice(company, number="OLD", date=datetime.date(2026, 1, 31))
    run_job(connection)
    not_before.choose(connection=connection, day=datetime.date(2026, 6, 1), user=person)
    made.memo = "still in step"
    made.save()
    run_job(connection)
    [there] = books.all("Invoice")
    assert "still in step" in str(there)


def test_a_payment_of_an_invoice_before_the_date_is_told_as_one_error(
    books: Books, company: Company, person: User
) -> None:
    old = invoice(company, number="OLD", date=datetime.date(2026, 1, 31))
    connection = connected(company, since=datetime.date(2026, 2, 1))
    for _ in range(2):
        factories.payment(
            company=company,
            applications=[(old, Decimal(5))],
            date=datetime.date(2026, 3, 1),
        )

    run_job(connection)

    assert books.all("Payment") == []
    faults = SyncError.objects.unresolved()
    assert {one.code for one in faults} == {"before_date"}
    assert len({one.fingerprint for one in faults}) == 1
    assert "Enter this one by hand in accounting" in faults[0].message

    not_before.choose(connection=connection, day=None, user=person)
    run_job(connection)
    assert len(books.all("Payment")) == 2
    assert not SyncError.objects.unresolved().exists()


def test_the_initial_load_goes_on_where_it_was_stopped(
    books: Books, company: Company, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connected(company)
    with muted(connection):
        for number in range(5):
            factories.customer(company=company, name=f"Customer {number}")
    monkeypatch.setattr(loading, "SLICE", 2)
    job = open_job(connection=connection, user=person, scope=loading.scope()).job
    assert job
    stops = iter([False, True])  # It is asked to stop after the second slice.

    run_slice(job_id=job.pk, stop_asked=lambda: next(stops, False))

    job.refresh_from_db()
    assert not job.is_finished
    assert job.checkpoint["queued"] == SyncQueueItem.objects.count() == 4
    done = follow(job, tell=lambda job: None)
    assert done.outcome == JobOutcome.SUCCEEDED, done.explanation
    assert len(books.all("Customer")) == 5
    assert done.checkpoint["queued"] == 5


def test_switching_to_other_books_and_coming_back_takes_up_the_old_links(
    books: Books, company: Company, person: User
) -> None:
    connection = connected(company)
    customer = factories.customer(company=company, name="Agreed")
    run_job(connection)
    link = Link.objects.get(record_type="customer")
    close(connection)

    # Other books for a while: their own links, their own matches.
    other = Connection.objects.create(
        company=company,
        kind="quickbooks_online",
        account_id="other books",
        state=ConnectionState.MATCHING,
    )
    Match.objects.create(
        connection=other,
        company=company,
        record_type="customer",
        record_id=customer.pk,
        record_label="Agreed",
        external_id="900",
        external_label="Agreed",
        theirs={"name": "Agreed"},
    )
    decide(other, matching.EXACT | matching.DOUBTFUL, Decision.LINK, person)
    confirm(other, person)
    assert Link.objects.get(connection=other).external_id == "900"
    SyncJob.objects.open().filter(connection=other).delete()
    close(other)

    Customer.objects.filter(pk=customer.pk).update(phone="edited meanwhile")
    factories.customer(company=company, name="New meanwhile")
    again = connected(company)

    assert again.pk == connection.pk
    assert again.state == ConnectionState.READY
    assert Link.objects.get(connection=again, record_type="customer").pk == link.pk
    run_job(again, scope=loading.scope())
    names = [one["DisplayName"] for one in books.all("Customer")]
    assert sorted(names) == ["Agreed", "New meanwhile"]
    assert set(books.creates_per_marker().values()) == {1}


def test_a_doubtful_object_that_comes_later_waits_on_the_page(
    books: Books, company: Company, person: User
) -> None:
    connection = connected(company)
    factories.customer(company=company, name="Horn")
    SyncQueueItem.objects.all().delete()
    put(books, company, customer_there("Horn"))
    run_job(connection)
    late = row(connection, external_label="Horn")
    assert late.decision == Decision.PENDING

    decide(connection, matching.DOUBTFUL, Decision.CREATE, person)
    run_job(connection)
    assert Customer.objects.filter(company=company, name="Horn").count() == 1

    confirm(connection, person)
    finish_open_job()
    assert Customer.objects.filter(company=company, name="Horn").count() == 2


def test_access_that_is_lost_while_matching_does_not_end_it(books: Books, company: Company) -> None:
    put(books, company, customer_there("Same"))
    factories.customer(company=company, name="Same")
    written = books.log()
    connection = connected(company)
    Connection.objects.filter(pk=connection.pk).update(state=ConnectionState.RECONNECT)

    again = connected(company)

    assert again.state == ConnectionState.MATCHING
    assert books.log() == written
    assert rows(again, matching.EXACT) == {"Same = Same"}


def test_what_a_person_wants_there_is_sent_without_an_edit(
    books: Books, company: Company, person: User
) -> None:
    put(books, company, customer_there("Same"))
    for name in ("Same", "Wanted", "Not asked for"):
        factories.customer(company=company, name=name)
    SyncQueueItem.objects.all().delete()
    connection = connected(company)
    decide(connection, matching.EXACT, Decision.LINK, person)
    wanted = Match.objects.filter(record_label="Wanted")
    matching.decide(connection=connection, matches=wanted, decision=Decision.CREATE, user=person)
    confirm(connection, person)
    finish_open_job()
    assert {one["DisplayName"] for one in books.all("Customer")} == {"Same", "Wanted"}


def test_a_proposal_is_confirmed_only_when_all_are_decided(
    books: Books, company: Company, person: User
) -> None:
    put(books, company, customer_there("Same"))
    factories.customer(company=company, name="Same")
    connection = connected(company)
    with pytest.raises(NotYet, match="1 proposal is still to be decided"):
        matching.confirm(connection=connection, user=person, initial_load=False)
    assert AuditEntry.objects.filter(action="matching.confirm").count() == 0


def finish_open_job() -> SyncJob:
    return follow(SyncJob.objects.open().get(), tell=lambda job: None)
