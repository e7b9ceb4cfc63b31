"""The sidebar and the search of the shell."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from companies.models import Company, Role
from jobs.errors import fingerprint
from jobs.models import ErrorPhase, SyncError, SyncJob
from syncapp.navigation import BADGE_LIMIT
from syncqueue.models import Operation, SyncQueueItem
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return factories.company(name="Northwind")


@pytest.fixture
def person(company: Company) -> User:
    return factories.member(company=company)


@pytest.fixture
def browser(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def sidebar(client: Client, path: str = "/") -> str:
    page = client.get(path).content.decode()
    return page.split('id="nav-sidebar-apps"')[1].split("account-menu")[0]


def test_the_company_stands_under_the_product(browser: Client) -> None:
    page = browser.get("/").content.decode()
    assert "Northwind" in page.split('id="nav-sidebar-apps"')[0]


def test_counts_are_shown_when_there_is_something_to_count(
    browser: Client, company: Company
) -> None:
    assert "bg-blue-100" not in sidebar(browser)
    assert "bg-red-100" not in sidebar(browser)
    books = factories.connection(company=company)
    job = SyncJob.objects.create(connection=books, company=company)
    for number in range(3):
        SyncQueueItem.objects.create(
            connection=books,
            company=company,
            record_type="invoice",
            record_id=number,
            label="x",
            first_operation=Operation.CREATE,
            operation=Operation.CREATE,
            rank=30,
        )
        SyncError.objects.create(
            job=job,
            connection=books,
            company=company,
            phase=ErrorPhase.EXPORT,
            reason="auth",
            message="x",
            fingerprint=fingerprint(number % 2),
        )
    words = " ".join(sidebar(browser).split())
    assert words.split("bg-blue-100")[1].split("</span>")[0].endswith("> 3 ")
    assert words.split("bg-red-100")[1].split("</span>")[0].endswith("> 2 ")


def test_a_great_count_is_not_counted_to_its_end(browser: Client, company: Company) -> None:
    books = factories.connection(company=company)
    SyncQueueItem.objects.bulk_create(
        SyncQueueItem(
            connection=books,
            company=company,
            record_type="invoice",
            record_id=number,
            label="x",
            first_operation=Operation.CREATE,
            operation=Operation.CREATE,
            rank=30,
        )
        for number in range(BADGE_LIMIT + 1)
    )
    assert "999+" in sidebar(browser)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "Overview"),
        ("/jobs/", "Sync Jobs"),
        ("/queue/", "Sync Queue"),
        ("/errors/", "Errors"),
        ("/admin/records/customer/", "Customers"),
    ],
)
def test_only_the_page_one_is_on_is_marked(browser: Client, path: str, name: str) -> None:
    links = sidebar(browser, path).split("<a ")[1:]
    marked = [link for link in links if " active" in link.split(">")[0]]
    assert len(marked) == 1
    assert name in marked[0]


def test_a_role_sees_what_it_may_open(client: Client, company: Company) -> None:
    client.force_login(factories.member(company=company, role=Role.VIEWER))
    few = sidebar(client)
    assert "Customers" in few
    assert "People" not in few
    client.force_login(factories.member(company=company, role=Role.ADMINISTRATOR))
    assert "People" in sidebar(client)


def test_every_link_of_the_sidebar_works(client: Client, company: Company) -> None:
    client.force_login(factories.member(company=company, role=Role.ADMINISTRATOR))
    links = [part.split('"')[0] for part in sidebar(client).split('<a href="')[1:]]
    assert len(links) > 12
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_the_sidebar_takes_one_query(browser: Client) -> None:
    browser.get("/connections/")
    with CaptureQueriesContext(database) as captured:
        browser.get("/connections/")
    counting = [one for one in captured if "CARDINALITY" in one["sql"]]
    assert len(counting) == 1


def test_the_search_finds_jobs_by_number_and_records_by_name(
    browser: Client, company: Company
) -> None:
    books = factories.connection(company=company)
    job = SyncJob.objects.create(connection=books, company=company)
    horn = factories.customer(company=company, name="Around the Horn")
    found = browser.get("/admin/search/", {"s": str(job.pk), "extended": 1}).content.decode()
    assert f'href="/jobs/{job.pk}/"' in found
    found = browser.get("/admin/search/", {"s": "the horn", "extended": 1}).content.decode()
    assert f'href="/admin/records/customer/{horn.pk}/change/"' in found


def test_the_search_finds_nothing_of_another_company(browser: Client) -> None:
    other = factories.company()
    job = SyncJob.objects.create(connection=factories.connection(company=other), company=other)
    factories.customer(company=other, name="Their customer")
    for term in (str(job.pk), "their cust"):
        found = browser.get("/admin/search/", {"s": term, "extended": 1}).content.decode()
        assert "/jobs/" not in found
        assert "/customer/" not in found


def test_the_search_gives_ten_in_one_query(browser: Client, company: Company) -> None:
    for number in range(15):
        factories.customer(company=company, name=f"Customer number {number}")
    with CaptureQueriesContext(database) as captured:
        found = browser.get("/admin/search/", {"s": "er number", "extended": 1}).content.decode()
    assert found.count("/admin/records/customer/") == 10
    assert len([one for one in captured if "records_customer" in one["sql"]]) == 1


def test_who_is_in_two_companies_may_switch(browser: Client, person: User) -> None:
    assert "companies/switch" not in browser.get("/").content.decode()
    other = factories.company(name="Elsewhere")
    other.memberships.create(user=person)
    page = browser.get("/").content.decode()
    assert 'action="/companies/switch/"' in page
    browser.post("/companies/switch/", {"company": other.pk})
    page = browser.get("/").content.decode()
    assert "Elsewhere" in page.split('id="nav-sidebar-apps"')[0]
