"""The buttons of the errors page: what they ask, what they do, and who may press them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from companies.models import AuditEntry, Company, Role
from connectors.models import Connection, Link
from jobs.errors import fingerprint
from jobs.models import (
    Attempt,
    AttemptOutcome,
    ErrorComment,
    ErrorGroup,
    ErrorPhase,
    Exchange,
    ExchangeBody,
    JobOutcome,
    JobState,
    SyncError,
    SyncJob,
)
from records.models import Invoice
from syncqueue.models import Operation, State, SyncQueueItem
from tests import factories

pytestmark = pytest.mark.django_db
ACCOUNTANTS = ("done", "redate", "use-instead", "link")
OPERATORS = ("retry", "hold", "release", "skip", "assign")


@pytest.fixture
def company() -> Company:
    return factories.company(name="Northwind")


@pytest.fixture
def books(company: Company) -> Connection:
    return factories.connection(company=company)


@pytest.fixture
def person(company: Company) -> User:
    return factories.member(company=company, role=Role.ACCOUNTANT, may_see_bodies=True)


@pytest.fixture
def browser(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


@pytest.fixture
def job(books: Connection) -> SyncJob:
    return SyncJob.objects.create(
        connection=books,
        company=books.company,
        state=JobState.FINISHED,
        outcome=JobOutcome.WITH_ERRORS,
        completed_at=timezone.now(),
    )


def failed(job: SyncJob, *, cause: str = "a cause", **fields: Any) -> SyncError:
    """A refused invoice of 10.00 with its item and its error."""
    made = factories.invoice(company=job.company)
    SyncQueueItem.objects.filter(record_type="invoice", record_id=made.pk).delete()
    item = SyncQueueItem.objects.create(
        connection=job.connection,
        company=job.company,
        record_type="invoice",
        record_id=made.pk,
        label=made.number,
        amount=made.total,
        first_operation=Operation.CREATE,
        operation=Operation.CREATE,
        rank=30,
        state=State.FAILED,
    )
    defaults: dict[str, Any] = {
        "phase": ErrorPhase.EXPORT,
        "reason": "validation",
        "message": f"{made.number}: The memo is too long.",
        "fingerprint": fingerprint(cause),
        "record_type": "invoice",
        "record_id": made.pk,
        "label": made.number,
        "amount": made.total,
        "currency": "USD",
    }
    return SyncError.objects.create(
        job=job, connection=job.connection, company=job.company, item=item, **defaults | fields
    )


def sent(error: SyncError) -> Attempt:
    """In a request with two invoices, of which this is one."""
    made = Exchange.objects.create(
        job=error.job,
        connection=error.connection,
        company=error.company,
        method="POST",
        url="https://books.example/v3/company/1/batch",
        status=200,
    )
    assert error.item
    ExchangeBody.objects.create(
        exchange=made,
        company=error.company,
        request_headers={"Authorization": "Bearer very-secret"},
        request=b'{"BatchItemRequest": [{"bId": "0", "Invoice": {"DocNumber": "OTHER"}},'
        b' {"bId": "%d", "Invoice": {"DocNumber": "MINE", "BillEmail": "a@b.example"}}]}'
        % error.item.pk,
        response=b'{"BatchItemResponse": [{"bId": "0"}, {"bId": "%d", "Fault": "6140"}]}'
        % error.item.pk,
    )
    attempt = Attempt.objects.create(
        exchange=made,
        company=error.company,
        item=error.item,
        record_type="invoice",
        record_id=error.record_id,
        push_id=str(error.item.pk),
        operation="create",
        sent_generation=1,
        outcome=AttemptOutcome.REJECTED,
        applied_at=timezone.now(),
    )
    SyncError.objects.filter(pk=error.pk).update(attempt=attempt)
    return attempt


def said(client: Client, path: str, wish: dict[str, Any] | None = None) -> str:
    if wish is None:
        return client.get(path).content.decode()
    return client.post(path, wish, follow=True).content.decode()


# What a card says.


def test_a_card_says_how_many_records_and_how_much_money_by_currency(
    browser: Client, job: SyncJob
) -> None:
    for _ in range(3):
        failed(job, reason="closed_period")
    failed(job, reason="closed_period", currency="EUR", amount=Decimal("7.50"))
    page = said(browser, "/errors/")
    assert "4 invoices: The books are closed for this date" in page
    assert "7.50 EUR and 30.00 USD" in page


def test_money_that_waits_for_a_refused_record_is_told_too(browser: Client, job: SyncJob) -> None:
    wrong = failed(job, cause="blocker", amount=None)
    waits = failed(job, cause="x").item
    assert waits
    SyncError.objects.exclude(pk=wrong.pk).delete()
    SyncQueueItem.objects.filter(pk=waits.pk).update(
        state=State.BLOCKED, blocked_by_type="invoice", blocked_by_id=wrong.record_id
    )
    page = said(browser, "/errors/")
    assert "1 record waits" in page
    assert "10.00 USD" in page


@pytest.mark.parametrize(
    ("reason", "button"),
    [
        ("duplicate", "Link to the existing one"),
        ("closed_period", "Move to another date"),
        ("validation", "Correct the record"),
        ("gone", "Decide"),
        ("auth", "Reconnect"),
    ],
)
def test_each_reason_has_its_own_button(
    browser: Client, job: SyncJob, reason: str, button: str
) -> None:
    failed(job, reason=reason)
    assert button in said(browser, "/errors/")


def test_a_missing_counterpart_leads_to_the_mapping_page(browser: Client, job: SyncJob) -> None:
    failed(job, reason="mapping", field="default:income_account")
    page = said(browser, "/errors/")
    assert "?need=default%3Aincome_account" in page or "Choose the counterpart" not in page


# Who may.


@pytest.mark.parametrize("action", [*OPERATORS, *ACCOUNTANTS])
def test_who_may_not_is_told_so(
    client: Client, company: Company, job: SyncJob, action: str
) -> None:
    wrong = failed(job)
    role = Role.VIEWER if action in OPERATORS else Role.OPERATOR
    client.force_login(factories.member(company=company, role=role))
    assert client.post(f"/errors/{action}/", {"pick": wrong.pk}).status_code == 403
    assert client.post(f"/errors/{wrong.fingerprint}/comment/", {"text": "x"}).status_code in {
        403,
        302,
    }
    wrong.refresh_from_db()
    assert wrong.resolved_at is None


@pytest.mark.parametrize("action", [*OPERATORS, *ACCOUNTANTS])
def test_errors_of_another_company_are_out_of_reach(
    client: Client, job: SyncJob, action: str
) -> None:
    wrong = failed(job)
    elsewhere = factories.company()
    factories.connection(company=elsewhere)
    client.force_login(factories.member(company=elsewhere, role=Role.ADMINISTRATOR))
    wish = {"why": "x", "note": "x", "date": "2026-11-30", "to": "", "instead": "1"}
    client.post(f"/errors/{action}/", {"pick": wrong.pk, **wish})
    wrong.refresh_from_db()
    assert wrong.item
    wrong.item.refresh_from_db()
    assert (wrong.resolved_at, wrong.item.state, wrong.item.held_at) == (None, State.FAILED, None)
    assert client.get(f"/errors/{wrong.fingerprint}/").status_code == 404
    client.post(f"/errors/{wrong.fingerprint}/comment/", {"text": "Hello"})
    assert not ErrorComment.objects.exists()
    assert not ErrorGroup.objects.exists()


def test_an_operator_is_not_shown_what_an_accountant_does(
    client: Client, company: Company, job: SyncJob
) -> None:
    failed(job, reason="closed_period")
    client.force_login(factories.member(company=company))
    page = said(client, "/errors/")
    assert "Skip…" in page
    assert "Mark as done…" not in page
    assert "Move to another date" not in page


# What they do.


def test_skipping_asks_for_a_reason(browser: Client, person: User, job: SyncJob) -> None:
    wrong = failed(job)
    page = said(browser, "/errors/skip/", {"cause": wrong.fingerprint})
    assert "Why are they skipped?" in page
    assert f'name="cause" value="{wrong.fingerprint}"' in page
    page = said(browser, "/errors/skip/", {"cause": wrong.fingerprint, "why": " "})
    assert "Say why" in page

    page = said(browser, "/errors/skip/", {"cause": wrong.fingerprint, "why": "A test"})
    assert "1 record is skipped." in page
    wrong.refresh_from_db()
    assert (wrong.resolved_by, wrong.resolution) == (person, "A test")
    assert SyncQueueItem.objects.get(pk=wrong.item_id).state == State.SKIPPED


def test_marking_as_done_asks_for_its_number_there(browser: Client, job: SyncJob) -> None:
    wrong = failed(job)
    page = said(browser, "/errors/done/", {"pick": wrong.pk})
    assert "Number there (optional)" in page
    wish = {"pick": wrong.pk, "note": "By hand", "external_id": "145"}
    assert "1 record is marked as done." in said(browser, "/errors/done/", wish)
    assert Link.objects.get(record_type="invoice").external_id == "145"
    page = said(browser, "/errors/?view=resolved")
    assert "By hand" in page


def test_a_number_that_belongs_to_another_record_is_refused(browser: Client, job: SyncJob) -> None:
    one, two = failed(job), failed(job)
    browser.post("/errors/done/", {"pick": one.pk, "note": "", "external_id": "145"})
    page = said(browser, "/errors/done/", {"pick": two.pk, "note": "", "external_id": "145"})
    assert "is linked to our invoice" in page
    two.refresh_from_db()
    assert two.resolved_at is None


def test_held_records_have_a_tab_and_are_released_there(browser: Client, job: SyncJob) -> None:
    wrong = failed(job)
    browser.post("/errors/hold/", {"cause": wrong.fingerprint})
    page = said(browser, "/errors/?view=held")
    assert 'formaction="/errors/release/"' in page
    page = said(browser, "/errors/release/", {"cause": wrong.fingerprint, "view": "held"})
    assert "1 record is released." in page
    assert SyncQueueItem.objects.get(pk=wrong.item_id).held_at is None


def test_documents_get_a_new_date_and_are_sent(browser: Client, job: SyncJob) -> None:
    one, two = failed(job, reason="closed_period"), failed(job, reason="closed_period")
    assert 'type="date"' in said(browser, "/errors/redate/", {"cause": one.fingerprint})
    for wish in ("", "2026-02-31", "soon"):
        page = said(browser, "/errors/redate/", {"cause": one.fingerprint, "date": wish})
        assert "Choose a day" in page
    wish = {"cause": one.fingerprint, "date": "2026-11-30"}
    answer = browser.post("/errors/redate/", wish)
    new = SyncJob.objects.open().get()
    assert answer.headers["Location"] == f"/jobs/{new.pk}/"
    days = Invoice.objects.filter(pk__in=[one.record_id, two.record_id]).values_list("date")
    assert {str(day) for (day,) in days} == {"2026-11-30"}
    assert set(SyncQueueItem.objects.open().values_list("state", flat=True)) == {State.WAITING}


def test_another_account_is_offered_and_used(
    browser: Client, company: Company, books: Connection, job: SyncJob
) -> None:
    accounts = [factories.account(company=company, name=name) for name in ("4000", "4100", "1000")]
    accounts[2].kind = "bank"
    accounts[2].save()
    for account in accounts:
        Link.objects.create(
            connection=books,
            company=company,
            record_type="account",
            record_id=account.pk,
            external_id=f"A{account.pk}",
            theirs={"is_active": account.name != "4000"},
        )
    item = factories.item(company=company, income_account=accounts[0])
    wrong = failed(job, reason="missing_reference", code="610")
    attempt = sent(wrong)
    SyncError.objects.filter(pk=wrong.pk).update(
        record_type="item", record_id=item.pk, label=item.name
    )
    Attempt.objects.filter(pk=attempt.pk).update(
        content={"name": item.name, "income_account": f"A{accounts[0].pk}"}
    )
    page = said(browser, "/errors/")
    assert "Account “4000” is inactive in accounting" in page
    assert "Use another account" in page
    page = said(browser, "/errors/use-instead/", {"cause": wrong.fingerprint})
    assert page.index(">4100<") < page.index(">1000<")
    assert ">4000<" not in page
    wish = {"cause": wrong.fingerprint, "instead": accounts[1].pk}
    browser.post("/errors/use-instead/", wish)
    item.refresh_from_db()
    assert item.income_account == accounts[1]


def test_only_an_account_of_the_company_can_be_used(
    browser: Client, company: Company, books: Connection, job: SyncJob
) -> None:
    test_another_account_is_offered_and_used(browser, company, books, job)
    foreign = factories.account(company=factories.company())
    wrong = SyncError.objects.get()
    wish = {"cause": wrong.fingerprint, "instead": foreign.pk}
    page = said(browser, "/errors/use-instead/", wish)
    assert "Choose another one that is in use." in page


def test_a_cause_is_looked_after_and_talked_about(
    browser: Client, person: User, job: SyncJob
) -> None:
    wrong = failed(job)
    path = f"/errors/{wrong.fingerprint}/"
    said(browser, "/errors/assign/", {"cause": wrong.fingerprint, "to": person.pk})
    said(browser, f"{path}comment/", {"text": "I ask <b>the bank</b>."})
    page = said(browser, path)
    assert "I ask &lt;b&gt;the bank&lt;/b&gt;." in page
    assert f"{person.username} looks after it" in page
    assert "The memo is too long." in said(browser, "/errors/?whose=me")
    assert "The memo is too long." not in said(browser, "/errors/?whose=nobody")
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"errors.assign", "errors.comment"} <= actions


def test_nobody_of_another_company_can_be_given_a_cause(browser: Client, job: SyncJob) -> None:
    wrong = failed(job)
    stranger = factories.member(company=factories.company())
    page = said(browser, "/errors/assign/", {"cause": wrong.fingerprint, "to": stranger.pk})
    assert "Choose one of the members" in page
    assert not ErrorGroup.objects.exists()


def test_what_was_sent_of_one_record_is_shown_alone_and_covered(
    browser: Client, job: SyncJob
) -> None:
    wrong = failed(job)
    attempt = sent(wrong)
    address = f"/jobs/{job.pk}/exchanges/{attempt.exchange_id}/"
    for page in (
        said(browser, f"/errors/{wrong.fingerprint}/"),
        said(browser, f"{address}?attempt={attempt.pk}"),
    ):
        assert "MINE" in page
        assert "OTHER" not in page
        assert "a@b.example" not in page
    whole = said(browser, address)
    assert "OTHER" in whole
    assert "very-secret" not in whole


def test_bodies_are_for_those_with_the_right(
    client: Client, company: Company, job: SyncJob
) -> None:
    wrong = failed(job)
    sent(wrong)
    client.force_login(factories.member(company=company, role=Role.ADMINISTRATOR))
    page = said(client, f"/errors/{wrong.fingerprint}/")
    assert "MINE" not in page
    assert "Ask an administrator" in page


def test_what_people_start_and_stop_is_in_the_audit_log(
    browser: Client, person: User, job: SyncJob
) -> None:
    wrong = failed(job)
    browser.post("/errors/retry/", {"pick": wrong.pk})
    new = SyncJob.objects.open().get()
    browser.post(f"/jobs/{new.pk}/cancel/")
    SyncJob.objects.open().update(
        state=JobState.FINISHED, outcome=JobOutcome.CANCELED, completed_at=timezone.now()
    )
    browser.post("/jobs/new/")
    entries = AuditEntry.objects.filter(user=person).order_by("pk")
    assert [entry.action for entry in entries] == ["errors.retry", "job.cancel", "job.open"]
    assert entries[0].detail == {"count": 1, "records": [wrong.label]}


def test_more_causes_need_no_more_queries(browser: Client, job: SyncJob) -> None:
    counts = []
    for causes in (3, 12):
        for number in range(causes):
            sent(failed(job, cause=f"{causes} {number}", reason="missing_reference"))
        with CaptureQueriesContext(database) as captured:
            browser.get("/errors/")
        counts.append(len(captured))
    assert counts[0] == counts[1]
