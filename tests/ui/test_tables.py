"""The table framework, by the table of Sync Jobs: columns, order, pages, files, counts."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from companies.models import Company
from connectors.models import Connection
from jobs.models import JobOutcome, JobState, SyncJob
from jobs.tables import SyncJobTable
from tests import factories
from ui import paging
from ui.downloads import harmless
from ui.models import TablePreference
from ui.tables import REGISTRY, Choice

pytestmark = pytest.mark.django_db
SETTINGS = "/tables/sync-jobs/settings/"


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


@pytest.fixture
def books(company: Company) -> Connection:
    return factories.connection(company=company)


def finished(books: Connection, count: int = 1, **fields: object) -> list[SyncJob]:
    now = timezone.now()
    return [
        SyncJob.objects.create(
            connection=books,
            company=books.company,
            state=JobState.FINISHED,
            outcome=JobOutcome.SUCCEEDED,
            completed_at=now,
            **fields,
        )
        for _number in range(count)
    ]


def headings(page: str) -> list[str]:
    return [
        part.split(' data-label="')[-1].split('"')[0]
        for part in page.split("<tr", 2)[2].split("</tr>")[0].split("<td")[1:]
    ]


def state(*columns: str, **fields: str) -> dict[str, object]:
    """The form as the browser posts it."""
    return {"column": list(columns), "order_by": "id", "direction": "down", "rows": "20"} | fields


def test_a_step_without_script_draws_the_whole_form_again(browser: Client) -> None:
    answer = browser.post(SETTINGS, state("id", "date", "errors", do="up:errors"))
    page = answer.content.decode()
    order = [name for name in ("id", "date", "errors") if f'value="{name}"' in page]
    assert order == ["id", "date", "errors"]
    assert page.index('name="column" value="errors"') < page.index('name="column" value="date"')
    assert "<h1" in page
    assert not TablePreference.objects.exists()


def test_a_step_by_htmx_draws_only_the_form(browser: Client) -> None:
    answer = browser.post(
        SETTINGS, state("id", "date", do="remove:date"), headers={"HX-Request": "true"}
    )
    page = answer.content.decode()
    assert "<h1" not in page
    assert page.strip().startswith("<form")
    assert 'name="column" value="date"' not in page
    assert 'value="add:date"' in page


@pytest.mark.parametrize(
    ("do", "column", "columns"),
    [
        ("add", "c", ("a", "b", "c")),
        ("add", "a", ("a", "b")),
        ("remove", "a", ("b",)),
        ("remove", "z", ("a", "b")),
        ("up", "b", ("b", "a")),
        ("up", "a", ("a", "b")),
        ("down", "a", ("b", "a")),
        ("down", "b", ("a", "b")),
    ],
)
def test_a_step_changes_one_column(do: str, column: str, columns: tuple[str, ...]) -> None:
    assert Choice(("a", "b"), "a").step(do, column).columns == columns


def test_the_last_column_stays() -> None:
    assert Choice(("a",), "a").step("remove", "a").columns == ("a",)


def test_saved_columns_order_and_rows_are_used_by_this_person_only(
    browser: Client, company: Company, books: Connection
) -> None:
    first, *_rest = finished(books, 12)
    saved = browser.post(SETTINGS, state("requests", "id", do="save", direction="up", rows="10"))
    assert saved.headers["Location"] == "/jobs/"
    page = browser.get("/jobs/").content.decode()
    assert headings(page) == ["Requests", "ID"]
    assert page.count('id="sync-job-') == 10
    assert f'id="sync-job-{first.pk}"' in page

    browser.force_login(factories.member(company=company))
    assert headings(browser.get("/jobs/").content.decode())[0] == "ID"


def test_reset_brings_the_columns_of_the_original_back(browser: Client, books: Connection) -> None:
    finished(books)
    browser.post(SETTINGS, state("requests", do="save"))
    browser.post(SETTINGS, state("requests", do="reset"))
    assert headings(browser.get("/jobs/").content.decode()) == [
        "ID",
        "Date",
        "Is finished",
        "Errors",
        "Record info created date/time",
        "Sent request",
        "Received response",
        "Completed date/time",
    ]


def test_wishes_a_table_cannot_fulfil_are_the_default() -> None:
    choice = Choice.of(SyncJobTable, columns=["gone", "id", "id"], order_by="gone", rows=7)
    assert choice == Choice(("id",), "-id", 20)


def test_after_saving_nobody_is_sent_elsewhere(browser: Client) -> None:
    answer = browser.post(SETTINGS, state("id", do="save", back="https://elsewhere.example/"))
    assert answer.headers["Location"] == "/jobs/"
    answer = browser.post(SETTINGS, state("id", do="save", back="/jobs/?view=failed"))
    assert answer.headers["Location"] == "/jobs/?view=failed"


def test_a_table_nobody_knows_is_not_found(browser: Client) -> None:
    assert browser.get("/tables/passwords/settings/").status_code == 404


def test_a_heading_says_how_the_table_is_sorted(browser: Client, books: Connection) -> None:
    one, two = finished(books, 2)
    SyncJob.objects.filter(pk=one.pk).update(error_count=5)
    page = browser.get("/jobs/?sort=-errors").content.decode()
    assert page.count("aria-sort=") == 1
    assert 'aria-sort="descending"' in page
    assert page.index(f'id="sync-job-{one.pk}"') < page.index(f'id="sync-job-{two.pk}"')
    assert 'aria-sort="descending"' in browser.get("/jobs/?sort=nonsense").content.decode()


def test_every_order_ends_in_the_primary_key() -> None:
    for table in REGISTRY.values():
        for name in table.sortable():
            column = table.base_columns[name]
            assert column.order_by, f"{table.table_name}: {name}"
            assert column.order_by[-1] == "id", f"{table.table_name}: {name}"


def test_at_most_eight_headings_sort_and_the_default_is_one_of_them() -> None:
    for table in REGISTRY.values():
        assert table.default_order.removeprefix("-") in table.sortable()
        assert set(table.default_columns) <= set(table.choosable())


def test_a_page_beyond_the_end_is_the_last_one(browser: Client, books: Connection) -> None:
    finished(books, 21)
    page = browser.get("/jobs/?page=99").content.decode()
    assert "21–21 of 21" in page
    assert page.count('id="sync-job-') == 1
    assert "1–20 of 21" in browser.get("/jobs/?page=nonsense").content.decode()


def test_beyond_the_limit_nobody_counts(
    browser: Client, books: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished(books, 25)
    monkeypatch.setattr(paging, "LIMIT", 24)
    assert "1–20 of more than 24" in browser.get("/jobs/").content.decode()
    monkeypatch.setattr(paging, "LIMIT", 25)
    assert "1–20 of 25" in browser.get("/jobs/").content.decode()


def test_counts_of_several_queries_come_in_one(
    person: User, books: Connection, django_assert_num_queries: object
) -> None:
    finished(books, 3)
    jobs = SyncJob.objects.all()
    with django_assert_num_queries(1):  # type: ignore[operator]
        counts = paging.bounded_counts(
            person, {"all": jobs, "none": jobs.none(), "open": jobs.open()}, limit=2
        )
    assert counts == {"all": 3, "none": 0, "open": 0}


def test_the_file_has_the_shown_columns_of_all_pages(browser: Client, books: Connection) -> None:
    jobs = finished(books, 23, requests=4)
    browser.post(SETTINGS, state("requests", "is_finished", "id", do="save"))
    answer = browser.get("/jobs/?export=csv&page=2")
    assert answer.streaming
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["Requests", "Is finished", "ID"]
    assert rows[1:] == [["4", "Yes", str(job.pk)] for job in reversed(jobs)]


def test_the_file_has_what_the_filters_leave(browser: Client, books: Connection) -> None:
    finished(books, 2)
    failed = SyncJob.objects.order_by("pk")[0]
    SyncJob.objects.filter(pk=failed.pk).update(outcome=JobOutcome.FAILED)
    text = b"".join(browser.get("/jobs/?view=failed&export=csv")).decode()  # type: ignore[arg-type]
    assert text.count("\r\n") == 2
    assert "Yes, failed" in text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_numbers_stay_numbers_in_a_file() -> None:
    assert harmless(Decimal("-3.20")) == Decimal("-3.20")
    assert harmless(-3) == -3
    assert harmless("Around the Horn") == "Around the Horn"


def test_htmx_gets_the_rows_and_the_history_the_page(browser: Client, books: Connection) -> None:
    finished(books)
    part = browser.get("/jobs/", headers={"HX-Request": "true"})
    assert part.content.decode().strip().startswith('<div id="results">')
    assert "HX-Request" in part.headers["Vary"]
    restored = browser.get(
        "/jobs/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}
    )
    assert "<h1" in restored.content.decode()


def test_only_what_a_shown_column_needs_is_fetched(books: Connection) -> None:
    rows = SyncJob.objects.all()
    few = SyncJobTable.prepared(rows, ["id", "errors"])
    assert few.query.select_related is False
    more = SyncJobTable.prepared(rows, ["id", "connection", "started_by"])
    assert more.query.select_related == {"connection": {}, "created_by": {}}
