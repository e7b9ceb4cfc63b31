"""The Connections page: pause, resume, check up, log in, disconnect, and what each writes down."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import AuditEntry, Company, Role
from connectors.models import Connection, ConnectionState, Link
from connectors.sessions import Access
from jobs import connections
from jobs.control import open_job
from jobs.models import JobOutcome, SyncJob
from jobs.runner import run_slice
from jobs.tasks import ring_all
from syncqueue.models import State, SyncQueueItem
from tests import factories
from tests.books import Books, connected

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def company() -> Company:
    return factories.company(name="Northwind", time_zone="Europe/Berlin")


@pytest.fixture
def adam(company: Company) -> User:
    return factories.member(company=company, role=Role.ADMINISTRATOR, first_name="Adam")


@pytest.fixture
def books_of(company: Company) -> Connection:
    return factories.connection(company=company, name="Northwind Ltd")


@pytest.fixture
def browser(client: Client, adam: User) -> Client:
    client.force_login(adam)
    return client


def page(browser: Client) -> str:
    return browser.get(reverse("connections")).content.decode()


def address(what: str, connection: Connection) -> str:
    return reverse(f"connection-{what}", args=[connection.pk])


# -- pause ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "monday"),
    [
        ("2026-11-23T07:59", "2026-11-23T08:00"),  # a Monday
        ("2026-11-23T08:00", "2026-11-30T08:00"),
        ("2026-11-27T23:30", "2026-11-30T08:00"),
        ("2026-03-28T12:00", "2026-03-30T08:00"),  # the clocks change in between
    ],
)
def test_monday_morning_is_the_next_one_by_the_clocks_there(now: str, monday: str) -> None:
    here = datetime.datetime.fromisoformat(now).replace(tzinfo=BERLIN)
    found = connections.monday_morning(now=here.astimezone(datetime.UTC), zone="Europe/Berlin")
    assert found == datetime.datetime.fromisoformat(monday).replace(tzinfo=BERLIN)


def test_a_pause_until_monday_says_so_and_ends_by_itself(
    browser: Client, books_of: Connection
) -> None:
    browser.post(address("pause", books_of), {"until": "monday", "reason": "Year end"})
    books_of.refresh_from_db()
    assert books_of.paused_until is not None
    assert f"{books_of.paused_until.astimezone(BERLIN):%a %H:%M}" == "Mon 08:00"
    shown = page(browser)
    assert "goes on by itself" in shown
    assert "Year end" in shown
    assert open_job(connection=books_of).job is None

    ended = timezone.now() - datetime.timedelta(minutes=1)
    Connection.objects.update(paused_until=ended)
    ring_all()

    books_of.refresh_from_db()
    assert books_of.paused_at is None
    assert books_of.pause_reason == ""
    assert open_job(connection=books_of).is_new
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == [
        "connection.pause",
        "connection.resumed",
    ]


def test_a_pause_without_an_end_waits_for_a_person(
    browser: Client, adam: User, books_of: Connection
) -> None:
    browser.post(address("pause", books_of), {"until": "by_hand"})
    ring_all()
    books_of.refresh_from_db()
    assert books_of.paused_at is not None
    assert "Paused until somebody resumes" in page(browser)

    browser.post(address("resume", books_of))
    books_of.refresh_from_db()
    assert books_of.paused_at is None
    assert AuditEntry.objects.get(action="connection.resume").user == adam


def test_a_date_and_time_is_the_companys(browser: Client, books_of: Connection) -> None:
    values = {"until": "moment", "moment": "2031-07-01T09:30"}
    browser.post(address("pause", books_of), values)
    books_of.refresh_from_db()
    assert books_of.paused_until == datetime.datetime(2031, 7, 1, 7, 30, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("moment", "said"),
    [("", "Say until when"), ("2020-01-01T00:00", "This time is over"), ("soon", "valid date")],
)
def test_a_date_that_cannot_be_is_refused(
    browser: Client, books_of: Connection, moment: str, said: str
) -> None:
    answer = browser.post(address("pause", books_of), {"until": "moment", "moment": moment})
    assert said in answer.content.decode()
    books_of.refresh_from_db()
    assert books_of.paused_at is None


def test_a_pause_stops_the_running_job_without_calling_it_failed(
    browser: Client, books_of: Connection
) -> None:
    job = open_job(connection=books_of).job
    assert job
    browser.post(address("pause", books_of), {"until": "by_hand"})
    run_slice(job_id=job.pk)
    job.refresh_from_db()
    assert job.outcome == JobOutcome.CANCELED


# -- check up ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_check_up_asks_now_and_says_what_to_change(browser: Client, books: Books) -> None:
    company = Company.objects.get()
    connection = connected(company)
    Connection.objects.update(name="Old name", cautions=[], checked_at=None)

    answer = browser.post(address("check", connection), follow=True).content.decode()

    connection.refresh_from_db()
    assert connection.name != "Old name"
    assert connection.checked_at is not None
    assert f"answered in 0.{answer.partition('answered in 0.')[2][0]} s as" in answer
    for caution in connection.cautions:
        assert caution["advice"][:40].replace("'", "&#x27;") in answer
    assert AuditEntry.objects.filter(action="connection.check").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_check_up_that_is_not_let_in_asks_to_reconnect(browser: Client, books: Books) -> None:
    connection = connected(Company.objects.get())
    books._http.request("POST", books.address + "/_simulator/disconnect")

    answer = browser.post(address("check", connection), follow=True).content.decode()

    connection.refresh_from_db()
    assert connection.state == ConnectionState.RECONNECT
    assert "no longer lets us in" in answer
    assert address("check", connection) not in answer  # A refused password is not tried again.


@pytest.mark.django_db(transaction=True)
def test_a_check_up_of_what_does_not_answer_says_so(browser: Client, settings) -> None:
    settings.QUICKBOOKS_ONLINE = settings.QUICKBOOKS_ONLINE | {"api_url": "http://127.0.0.1:9"}
    connection = factories.connection(company=Company.objects.get())
    connection.set_credentials(
        {"access_token": "a", "refresh_token": "r", "expires_at": 9e12, "refreshed_at": 9e12}
    )
    connection.save()
    answer = browser.post(address("check", connection), follow=True).content.decode()
    assert "could not be reached" in answer


# -- connect and disconnect ----------------------------------------------------------------------


def test_disconnecting_keeps_links_and_history_and_skips_what_waits(
    browser: Client, books_of: Connection, company: Company
) -> None:
    customer = factories.customer(company=company)
    factories.customer(company=company)
    link = Link.objects.create(
        connection=books_of,
        company=company,
        record_type="customer",
        record_id=customer.pk,
        external_id="7",
    )
    job = open_job(connection=books_of).job
    asked = browser.get(address("disconnect", books_of)).content.decode()
    assert "2 records that wait are skipped" in asked
    assert "1 link:" in asked

    answer = browser.post(address("disconnect", books_of), follow=True).content.decode()

    books_of.refresh_from_db()
    assert books_of.state == ConnectionState.CLOSED
    assert books_of.credentials == {}
    assert Link.objects.get() == link
    assert SyncJob.objects.get() == job
    assert set(SyncQueueItem.objects.values_list("state", flat=True)) == {State.SKIPPED}
    assert AuditEntry.objects.get(action="connection.close").detail == {"skipped": 2}
    assert "2 records that waited are skipped." in answer
    assert "Former connections" in answer
    assert "Connect QuickBooks Online" in answer


def test_systems_with_a_password_have_a_form_and_the_others_do_not(browser: Client) -> None:
    shown = page(browser)
    assert reverse("connection-log-in", args=["tryton"]) in shown
    assert reverse("connect", args=["quickbooks_online"]) in shown
    assert browser.get(reverse("connection-log-in", args=["quickbooks_online"])).status_code == 404
    assert browser.get(reverse("connection-log-in", args=["nothing"])).status_code == 404


LOG_IN = {
    "url": "http://127.0.0.1:9",
    "database": "books",
    "user": "sync",
    "password": " secret ",
    "company": "",
}


def test_a_log_in_that_fails_says_why_and_forgets_the_password(browser: Client) -> None:
    answer = browser.post(reverse("connection-log-in", args=["tryton"]), LOG_IN)
    said = answer.content.decode()
    assert "could not be reached" in said
    assert "secret" not in said
    assert 'value="books"' in said
    assert not Connection.objects.exists()
    broken = browser.post(
        reverse("connection-log-in", args=["tryton"]), LOG_IN | {"url": "ftp://x"}
    )
    assert "The address must look like" in broken.content.decode()


def test_reconnecting_begins_with_what_is_known(browser: Client, company: Company) -> None:
    known = factories.connection(
        company=company,
        kind="tryton",
        settings={"url": "https://t.example:8000", "database": "acme"},
    )
    known.set_credentials(Access("x", {"user": "sync", "password": "hush"}).credentials)
    known.save()
    shown = browser.get(reverse("connection-log-in", args=["tryton"])).content.decode()
    assert 'value="https://t.example:8000"' in shown
    assert 'value="sync"' in shown
    assert "hush" not in shown


# -- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["pause", "resume", "check", "disconnect", "schedule"])
def test_only_an_administrator_of_the_company_changes_a_connection(
    client: Client, company: Company, books_of: Connection, what: str
) -> None:
    client.force_login(factories.member(company=company, role=Role.ACCOUNTANT))
    assert address(what, books_of) not in page(client)
    assert client.post(address(what, books_of)).status_code == 403
    elsewhere = factories.company()
    client.force_login(factories.member(company=elsewhere, role=Role.ADMINISTRATOR))
    assert client.post(address(what, books_of)).status_code == 404


def test_the_page_says_when_jobs_start(browser: Client, books_of: Connection) -> None:
    assert "Only by hand" in page(browser)
