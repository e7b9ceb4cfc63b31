"""The pages of jobs and errors: what they show, to whom, and what their buttons do."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from companies.models import Company, Role
from connectors.models import Connection, ConnectionState
from jobs import causes
from jobs.errors import fingerprint
from jobs.models import (
    ErrorPhase,
    Exchange,
    ExchangeBody,
    JobOutcome,
    JobState,
    SyncError,
    SyncJob,
)
from records.models import Customer
from syncqueue.models import Operation, State, SyncQueueItem
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return factories.company(name="Northwind")


@pytest.fixture
def person(company: Company) -> User:
    return factories.member(company=company)


@pytest.fixture
def books(company: Company) -> Connection:
    return factories.connection(company=company)


@pytest.fixture
def browser(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


@pytest.fixture
def stranger() -> Client:
    """Somebody of another company, with every right there."""
    other = Client()
    elsewhere = factories.company(name="Elsewhere")
    other.force_login(
        factories.member(company=elsewhere, role=Role.ADMINISTRATOR, may_see_bodies=True)
    )
    return other


def open_job(books: Connection, **fields: object) -> SyncJob:
    return SyncJob.objects.create(connection=books, company=books.company, **fields)


def finished_job(books: Connection, **fields: object) -> SyncJob:
    fields = {"outcome": JobOutcome.SUCCEEDED, "completed_at": timezone.now()} | fields
    return open_job(books, state=JobState.FINISHED, **fields)


def error(job: SyncJob, *, cause: str = "a cause", **fields: object) -> SyncError:
    defaults: dict[str, object] = {
        "phase": ErrorPhase.EXPORT,
        "reason": "validation",
        "message": "The name is too long.",
        "fingerprint": fingerprint(cause),
    }
    return SyncError.objects.create(
        job=job, connection=job.connection, company=job.company, **defaults | fields
    )


def item(books: Connection, record_id: int = 1, **fields: object) -> SyncQueueItem:
    defaults: dict[str, object] = {
        "record_type": "invoice",
        "label": f"INV-{record_id}",
        "first_operation": Operation.CREATE,
        "operation": Operation.CREATE,
        "rank": 30,
    }
    return SyncQueueItem.objects.create(
        connection=books, company=books.company, record_id=record_id, **defaults | fields
    )


def exchange(job: SyncJob) -> Exchange:
    made = Exchange.objects.create(
        job=job,
        connection=job.connection,
        company=job.company,
        method="POST",
        url="https://books.example/v3/company/123456789/batch",
        summary="30 invoices",
        status=200,
    )
    ExchangeBody.objects.create(
        exchange=made,
        company=job.company,
        request_headers={"Authorization": "Bearer very-secret"},
        request=b'{"DocNumber": "INV-1", "PrimaryEmailAddr": "a@b.example"}',
        response=b'{"Id": "145"}',
    )
    return made


def said(client: Client, path: str) -> str:
    return client.get(path).content.decode()


FORMS = re.compile(r'<form[^>]*method="post"[^>]*action="([^"]*)"')
HARMLESS = (
    "/admin/logout/",
    "/tables/sync-jobs/settings/",
    "/tables/sync-errors/settings/",
    "/tables/sync-queue/settings/",
    "/tables/sync-jobs/views/",
    "/tables/sync-errors/views/",
    "/tables/sync-queue/views/",
)

# The wall between companies.


def test_rows_of_another_company_are_in_no_list(stranger: Client, books: Connection) -> None:
    Connection.objects.update(name="SECRET BOOKS")
    job = finished_job(books)
    error(job, label="SECRET-1")
    item(books, label="SECRET-2")
    for path in ("/", "/jobs/", "/errors/", "/errors/?show=table", "/queue/", "/connections/"):
        page = said(stranger, path)
        assert "SECRET" not in page
        assert f"sync-job-{job.pk}" not in page
    for path in ("/jobs/", "/errors/", "/queue/"):
        answer = stranger.get(path + "?export=csv&show=table")
        assert b"".join(answer).count(b"\r\n") == 1  # type: ignore[arg-type]


def test_a_job_of_another_company_is_not_found(stranger: Client, books: Connection) -> None:
    job = open_job(books)
    made = exchange(job)
    for path in ("", "row/", "live/", f"exchanges/{made.pk}/"):
        assert stranger.get(f"/jobs/{job.pk}/{path}").status_code == 404
    for path in ("cancel/", "again/"):
        assert stranger.post(f"/jobs/{job.pk}/{path}").status_code == 404
    job.refresh_from_db()
    assert job.cancel_requested_at is None


def test_an_exchange_is_found_under_its_own_job_only(browser: Client, books: Connection) -> None:
    made = exchange(finished_job(books))
    other = finished_job(books)
    assert browser.get(f"/jobs/{other.pk}/exchanges/{made.pk}/").status_code == 404


def test_errors_of_another_company_cannot_be_retried(stranger: Client, books: Connection) -> None:
    waits = item(books, state=State.FAILED)
    wrong = error(finished_job(books), item=waits)
    factories.connection(company=Company.objects.get(name="Elsewhere"))
    for wish in ({"pick": wrong.pk}, {"cause": wrong.fingerprint}, {"all": "1"}):
        stranger.post("/errors/retry/", wish)
        stranger.post("/errors/hold/", wish)
    waits.refresh_from_db()
    assert (waits.state, waits.held_at) == (State.FAILED, None)


# Roles.


def test_a_viewer_sees_everything_and_changes_nothing(
    client: Client, company: Company, books: Connection
) -> None:
    client.force_login(factories.member(company=company, role=Role.VIEWER))
    job = open_job(books)
    error(job)
    for path in ("/", "/jobs/", f"/jobs/{job.pk}/", "/errors/", "/errors/?show=table", "/queue/"):
        page = said(client, path)
        assert [form for form in FORMS.findall(page) if form not in HARMLESS] == []
    for path in ("/jobs/new/", f"/jobs/{job.pk}/cancel/", "/errors/retry/", "/errors/hold/"):
        assert client.post(path).status_code == 403


def test_bodies_are_for_those_with_the_right_and_covered(
    client: Client, company: Company, books: Connection
) -> None:
    job = finished_job(books)
    path = f"/jobs/{job.pk}/exchanges/{exchange(job).pk}/"
    client.force_login(factories.member(company=company, role=Role.ADMINISTRATOR))
    page = said(client, path)
    assert "INV-1" not in page
    assert "Ask an administrator" in page

    client.force_login(factories.member(company=company, may_see_bodies=True))
    page = said(client, path)
    assert "INV-1" in page
    assert "145" in page
    assert "very-secret" not in page
    assert "a@b.example" not in page


# Sync Jobs.


def test_the_first_columns_are_those_of_the_original(browser: Client, books: Connection) -> None:
    job = finished_job(books)
    page = said(browser, "/jobs/")
    row = page[page.index(f'id="sync-job-{job.pk}"') :].split("</tr>")[0]
    labels = [part.split('"')[0] for part in row.split('data-label="')[1:]]
    assert labels == [
        "ID",
        "Date",
        "Is finished",
        "Errors",
        "Record info created date/time",
        "Sent request",
        "Received response",
        "Completed date/time",
    ]
    assert f'<a href="/jobs/{job.pk}/">{job.pk}</a>' in row


def test_the_date_is_the_day_in_the_companys_time_zone(
    browser: Client, company: Company, books: Connection
) -> None:
    Company.objects.filter(pk=company.pk).update(time_zone="Pacific/Auckland")
    late = datetime.datetime(2026, 3, 5, 20, 0, tzinfo=datetime.UTC)
    finished_job(books, created_at=late)
    page = said(browser, "/jobs/")
    assert 'data-label="Date">6 Mar 2026<' in page
    assert 'title="06 Mar 2026, 09:00:00 NZDT"' in page


@pytest.mark.parametrize("count", [0, 1, 18])
def test_the_error_count_is_always_a_link_to_that_jobs_errors(
    browser: Client, books: Connection, count: int
) -> None:
    job = finished_job(books, error_count=count)
    link = f'href="/errors/?job={job.pk}" aria-label="{count} errors of Sync Job {job.pk}">{count}<'
    assert link in said(browser, "/jobs/")


def test_only_a_running_row_asks_for_news(browser: Client, books: Connection) -> None:
    done, running = finished_job(books), open_job(books)
    page = said(browser, "/jobs/")
    assert f'hx-get="/jobs/{running.pk}/row/"' in page
    assert f'hx-get="/jobs/{done.pk}/row/"' not in page
    row = browser.get(f"/jobs/{running.pk}/row/")
    assert row.content.decode().strip().startswith("<tr")
    assert "HX-Trigger" not in row.headers


def test_the_last_row_of_a_job_ends_the_polling_and_says_so(
    browser: Client, books: Connection
) -> None:
    job = finished_job(books, outcome=JobOutcome.FAILED)
    row = browser.get(
        f"/jobs/{job.pk}/row/", headers={"HX-Current-URL": "http://testserver/jobs/?view=failed"}
    )
    page = row.content.decode()
    assert "hx-trigger" not in page
    assert json.loads(row.headers["HX-Trigger"]) == {"announce": f"Sync Job {job.pk} has failed."}
    assert 'hx-swap-oob="true"' in page
    assert re.search(r'\?view=failed"[^>]* aria-current="page"', page)


def test_the_button_opens_one_job_and_then_tells_of_it(
    browser: Client, person: User, books: Connection
) -> None:
    assert browser.post("/jobs/new/").headers["Location"] == "/jobs/"
    job = SyncJob.objects.get()
    assert (job.connection, job.created_by) == (books, person)
    page = browser.post("/jobs/new/", follow=True).content.decode()
    assert f'href="/jobs/{job.pk}/">Sync Job {job.pk}</a> is still running. A new one can' in page
    assert SyncJob.objects.count() == 1


def test_without_a_connection_the_button_names_the_next_step(browser: Client) -> None:
    page = browser.post("/jobs/new/", follow=True).content.decode()
    assert "No accounting system is connected yet." in page
    assert '<a class="message-link" href="/connections/">Connect one</a>' in page


def test_a_refusal_to_start_is_said(browser: Client, books: Connection) -> None:
    Connection.objects.update(state=ConnectionState.RECONNECT)
    page = browser.post("/jobs/new/", follow=True).content.decode()
    assert "no longer lets us in" in page
    assert not SyncJob.objects.exists()


@pytest.mark.parametrize(
    "path", ["/jobs/new/", "/jobs/1/cancel/", "/errors/retry/", "/queue/skip/"]
)
def test_a_link_starts_nothing(browser: Client, path: str) -> None:
    assert browser.get(path).status_code == 405


@pytest.mark.parametrize(
    ("query", "outcomes"),
    [
        ("", ["failed", "succeeded", "with_errors"]),
        ("view=failed", ["failed"]),
        ("view=errors", ["with_errors"]),
        ("view=running", []),
        ("outcome=succeeded", ["succeeded"]),
        ("by=me", ["succeeded"]),
        ("by=schedule", ["failed"]),
        ("q=Books", ["failed", "succeeded", "with_errors"]),
        ("q=nothing+like+it", []),
        ("q=99999999999999999999999", []),
    ],
)
def test_views_and_filters_choose_jobs(
    browser: Client, person: User, books: Connection, query: str, outcomes: list[str]
) -> None:
    made = {
        "succeeded": finished_job(books, created_by=person),
        "with_errors": finished_job(books, outcome=JobOutcome.WITH_ERRORS, error_count=2),
        "failed": finished_job(books, outcome=JobOutcome.FAILED, trigger="schedule"),
    }
    page = said(browser, f"/jobs/?{query}")
    assert sorted(name for name, job in made.items() if f"sync-job-{job.pk}" in page) == outcomes


def test_a_job_is_found_by_its_number(browser: Client, books: Connection) -> None:
    one, two = finished_job(books), finished_job(books)
    page = said(browser, f"/jobs/?q={two.pk}")
    assert f"sync-job-{two.pk}" in page
    assert f"sync-job-{one.pk}" not in page


# One job.


def test_a_job_shows_its_course_figures_exchanges_and_errors(
    browser: Client, books: Connection
) -> None:
    job = finished_job(
        books, exported=321, error_count=1, explanation="321 records were exchanged."
    )
    made = exchange(job)
    error(job, message="Around the Horn: the name is taken.")
    page = said(browser, f"/jobs/{job.pk}/")
    for words in (
        "321 records were exchanged.",
        "Record info created",
        "Around the Horn: the name",
    ):
        assert words in page
    assert f"/jobs/{job.pk}/exchanges/{made.pk}/" in page
    assert "30 invoices" in page
    assert "hx-get" not in page[page.index('id="job-upper"') :].split(">")[0]


def test_a_running_job_brings_its_errors_only_when_there_are_others(
    browser: Client, books: Connection
) -> None:
    job = open_job(books, error_count=1)
    error(job)
    assert "needs-you" not in said(browser, f"/jobs/{job.pk}/live/?errors=1")
    assert "needs-you" in said(browser, f"/jobs/{job.pk}/live/?errors=0")


def test_the_end_of_a_job_changes_cancel_to_run_again(browser: Client, books: Connection) -> None:
    job = open_job(books)
    assert "Run again" not in said(browser, f"/jobs/{job.pk}/live/?errors=0")
    SyncJob.objects.update(
        state=JobState.FINISHED, outcome=JobOutcome.SUCCEEDED, completed_at=timezone.now()
    )
    page = said(browser, f"/jobs/{job.pk}/live/?errors=0")
    assert "Run again" in page
    assert "hx-trigger" not in page


def test_cancel_asks_the_job_to_stop(browser: Client, person: User, books: Connection) -> None:
    job = open_job(books)
    browser.post(f"/jobs/{job.pk}/cancel/")
    job.refresh_from_db()
    assert job.cancel_requested_by == person
    assert "Canceling" in said(browser, f"/jobs/{job.pk}/")


def test_run_again_opens_a_job_of_the_same_scope(browser: Client, books: Connection) -> None:
    job = finished_job(books, scope={"types": ["customer"]})
    answer = browser.post(f"/jobs/{job.pk}/again/")
    new = SyncJob.objects.open().get()
    assert new.scope == {"types": ["customer"]}
    assert answer.headers["Location"] == f"/jobs/{new.pk}/"


# Errors.


def test_errors_of_one_cause_are_one_card(
    browser: Client, books: Connection, company: Company
) -> None:
    job = finished_job(books)
    for number in range(5):
        error(job, record_type="invoice", label=f"INV-{number}", reason="closed_period")
    horn = factories.customer(company=company, name="Around the Horn")
    error(
        job,
        cause="another",
        message="Around the Horn: taken.",
        record_type="customer",
        record_id=horn.pk,
        label="Around the Horn",
    )
    for number in (7, 8, 9):
        item(books, number, state=State.BLOCKED, blocked_by_type="customer", blocked_by_id=horn.pk)
    page = said(browser, "/errors/")
    assert page.count("<article") == 2
    assert "5 invoices: The books are closed for this date" in page
    assert "2 more" in page
    assert "Retry 5" in page
    assert "3 records wait" in page
    assert page.index("5 invoices") < page.index("Around the Horn: taken.")


def test_what_heals_itself_comes_last_and_offers_no_more_than_a_try(
    browser: Client, books: Connection
) -> None:
    job = finished_job(books)
    for _number in range(3):
        error(job, cause="down", reason="transient", message="No answer.")
    error(job, cause="name", message="The name is too long.")
    page = said(browser, "/errors/")
    assert page.index("The name is too long.") < page.index("3 errors: The accounting system did")
    assert "Try now" in page


def test_errors_of_a_job_are_shown_with_a_way_out(browser: Client, books: Connection) -> None:
    one, two = finished_job(books), finished_job(books)
    error(one, message="Of the first.")
    error(two, cause="b", message="Of the second.")
    for show in ("", "&show=table"):
        page = said(browser, f"/errors/?job={one.pk}{show}")
        assert "Of the first." in page
        assert "Of the second." not in page
        assert "Show all errors" in page


@pytest.mark.parametrize(
    ("query", "messages"),
    [
        ("", {"open", "held"}),
        ("view=held", {"held"}),
        ("view=resolved", {"resolved"}),
        ("type=customer", {"open"}),
        ("reason=duplicate", {"held"}),
        ("q=6240", {"held"}),
        ("q=nothing+like+it", set()),
    ],
)
@pytest.mark.parametrize("show", ["", "&show=table"])
def test_views_and_filters_choose_errors(
    browser: Client, books: Connection, query: str, messages: set[str], show: str
) -> None:
    job = finished_job(books)
    held = item(books, held_at=timezone.now())
    error(job, cause="1", message="It is open.", record_type="customer")
    error(job, cause="2", message="It is held.", item=held, reason="duplicate", code="6240")
    error(job, cause="3", message="It is resolved.", resolved_at=timezone.now())
    page = said(browser, f"/errors/?{query}{show}")
    found = {word for word in ("open", "held", "resolved") if f"It is {word}." in page}
    assert found == messages


def test_the_error_table_sorts_and_has_message_and_what_to_do(
    browser: Client, books: Connection
) -> None:
    job = finished_job(books)
    error(job, label="B", message="Of B.", advice="Rename B.")
    error(job, label="A", message="Of A.")
    page = said(browser, "/errors/?show=table&sort=record")
    assert page.index("Of A.") < page.index("Of B.")
    assert "Rename B." in page
    assert "Correct the record." in page


@pytest.mark.parametrize("wish", ["pick", "cause", "all"])
def test_retry_lets_records_wait_again_and_opens_a_job(
    browser: Client, books: Connection, wish: str
) -> None:
    waits = item(books, state=State.FAILED)
    other = item(books, 2, state=State.FAILED)
    job = finished_job(books)
    wrong = error(job, item=waits)
    error(job, cause="another", item=other)
    values = {"pick": wrong.pk, "cause": wrong.fingerprint, "all": "1"}
    answer = browser.post("/errors/retry/", {wish: values[wish]})
    new = SyncJob.objects.open().get()
    assert answer.headers["Location"] == f"/jobs/{new.pk}/"
    assert new.trigger == "retry"
    waits.refresh_from_db()
    other.refresh_from_db()
    assert waits.state == State.WAITING
    assert other.state == (State.WAITING if wish == "all" else State.FAILED)


def test_retry_all_is_about_what_the_filters_show(browser: Client, books: Connection) -> None:
    job = finished_job(books)
    one, two = item(books, 1, state=State.FAILED), item(books, 2, state=State.FAILED)
    error(job, item=one, label="INV-1")
    error(job, item=two, label="INV-2")
    page = said(browser, "/errors/?q=INV-1")
    assert "Retry these" in page
    assert '<input type="hidden" name="q" value="INV-1">' in page
    part = browser.get("/errors/?q=INV-2", headers={"HX-Request": "true"}).content.decode()
    assert 'id="retry-all" hx-swap-oob="true"' in part
    browser.post("/errors/retry/", {"all": "1", "q": "INV-1"})
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.state, two.state) == (State.WAITING, State.FAILED)


def test_retry_of_nothing_asks_to_choose(browser: Client, books: Connection) -> None:
    error(finished_job(books))
    page = browser.post("/errors/retry/", {}, follow=True).content.decode()
    assert "Choose errors first." in page
    assert not SyncJob.objects.open().exists()


def test_retry_during_a_job_says_when_they_go(browser: Client, books: Connection) -> None:
    wrong = error(finished_job(books), item=item(books, state=State.FAILED))
    open_job(books)
    page = browser.post("/errors/retry/", {"pick": wrong.pk}, follow=True).content.decode()
    assert "It sends these records when it has finished." in page


def test_hold_keeps_the_records_of_a_cause(
    browser: Client, person: User, books: Connection
) -> None:
    waits = item(books, state=State.FAILED)
    wrong = error(finished_job(books), item=waits)
    browser.post("/errors/hold/", {"cause": wrong.fingerprint})
    waits.refresh_from_db()
    assert waits.held_by == person


def test_without_errors_the_page_says_that_all_is_well(browser: Client, books: Connection) -> None:
    finished_job(books)
    page = said(browser, "/errors/")
    assert "Nothing needs you" in page
    assert "Last checked:" in page


# Overview and connections.


def test_the_overview_says_in_one_sentence_how_things_are(
    browser: Client, books: Connection
) -> None:
    assert "nothing was exchanged yet" in said(browser, "/")
    finished_job(books)
    assert "Everything is in agreement" in said(browser, "/")
    waits = item(books)
    page = said(browser, "/")
    assert "Nothing needs you" in page
    assert "1 more record waits in the Sync Queue." in page
    SyncQueueItem.objects.filter(pk=waits.pk).update(state=State.FAILED)
    assert "1 record needs you" in said(browser, "/")


def test_the_overview_names_the_first_step(browser: Client) -> None:
    page = said(browser, "/")
    assert "No accounting system is connected yet" in page
    assert 'href="/connections/"' in page


def test_connecting_is_offered_to_administrators(client: Client, company: Company) -> None:
    client.force_login(factories.member(company=company))
    assert "Ask an administrator" in said(client, "/connections/")
    client.force_login(factories.member(company=company, role=Role.ADMINISTRATOR))
    assert 'href="/connections/connect/quickbooks_online/"' in said(client, "/connections/")


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({}, "Connected"),
        ({"state": ConnectionState.RECONNECT}, "Reconnection needed"),
        ({"paused_at": timezone.now()}, "Paused"),
        ({"retry_at": timezone.now() + datetime.timedelta(hours=1)}, "Waiting for QuickBooks"),
        ({"state": ConnectionState.MATCHING}, "Matching"),
        ({"state": ConnectionState.CLOSED}, "Closed"),
    ],
)
def test_a_connection_says_how_it_is(
    browser: Client, company: Company, fields: dict[str, object], word: str
) -> None:
    factories.connection(company=company, **fields)
    page = said(browser, "/connections/")
    assert word in page[page.index('class="card-head"') :].split("</article>")[0]


# Queries.


def _jobs(books: Connection, count: int) -> None:
    for _number in range(count):
        finished_job(books, created_by=factories.member(company=books.company))


def _errors(books: Connection, count: int) -> None:
    job = finished_job(books)
    customers = [factories.customer(company=books.company) for _number in range(count)]
    SyncQueueItem.objects.all().delete()
    for number, customer in enumerate(customers):
        waits = item(books, customer.pk, record_type="customer", state=State.FAILED)
        error(
            job,
            cause=str(number),
            item=waits,
            record_type="customer",
            record_id=customer.pk,
            label=str(customer),
        )


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        database,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    ("path", "make"),
    [("/jobs/", _jobs), ("/", _jobs), ("/errors/", _errors), ("/errors/?show=table", _errors)],
)
def test_more_rows_need_no_more_queries(
    browser: Client, books: Connection, path: str, make: Callable[[Connection, int], None]
) -> None:
    for table, columns in {
        "sync-jobs": ["id", "connection", "started_by", "errors", "is_finished"],
        "sync-errors": ["record", "connection", "job", "message"],
    }.items():
        browser.post(
            f"/tables/{table}/settings/",
            {"do": "save", "column": columns, "order_by": "id", "rows": "100"},
        )
    make(books, 10)
    browser.get(path)  # The overview remembers the days that are over.
    few = _queries(browser, path)
    make(books, 40)
    assert _queries(browser, path) == few
    assert few <= 22


def test_causes_take_six_queries_however_many_there_are(
    books: Connection, django_assert_num_queries: Callable[[int], CaptureQueriesContext]
) -> None:
    _errors(books, 15)
    errors = SyncError.objects.unresolved()
    with django_assert_num_queries(6):
        found = causes.described(errors, causes.groups(errors))
    assert len(found) == 15
    assert Customer.objects.count() == 15
