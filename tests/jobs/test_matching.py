"""Who is who on both sides: what is proposed, what people decide, and when it happens."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from companies.models import Company, Role
from connectors.models import Connection, ConnectionState, Decision, Link, Match
from jobs import matching
from jobs.models import JobOutcome, SyncJob
from records.models import Customer, Item, Vendor
from tests import factories
from tests.books import Books, connected
from tests.jobs.jobrun import run_job

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
    factories.customer(company=company, name="Only Here")

    connection = connected(company)

    assert connection.state == ConnectionState.MATCHING
    assert rows(connection, matching.EXACT) == {"Around the Horn = Around the Horn"}
    assert rows(connection, matching.DOUBTFUL) == {"Berglunds Snabbköp = Berglunds snabbkop AB"}
    assert rows(connection, matching.ONLY_HERE) == {"Only Here = –"}
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


def finish_open_job() -> SyncJob:
    from jobs.foreground import follow

    return follow(SyncJob.objects.open().get(), tell=lambda job: None)
