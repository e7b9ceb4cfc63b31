"""The mapping page: what is open, what waits for it, and what saving sets in motion."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from companies.models import AuditEntry, Company, Role
from connectors.documents import RecordType
from connectors.models import Connection, Link
from jobs.errors import fingerprint
from jobs.mapping import Resolver
from jobs.models import ErrorPhase, JobOutcome, JobState, SyncError, SyncJob
from records.models import Record
from syncqueue.models import Operation, State, SyncQueueItem
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return factories.company(name="Northwind")


@pytest.fixture
def books(company: Company) -> Connection:
    return factories.connection(company=company)


@pytest.fixture
def accountant(company: Company) -> User:
    return factories.member(company=company, role=Role.ACCOUNTANT)


@pytest.fixture
def browser(client: Client, accountant: User) -> Client:
    client.force_login(accountant)
    return client


def link(books: Connection, record: Record) -> Record:
    Link.objects.create(
        connection=books,
        company=books.company,
        record_type=record.record_type,
        record_id=record.pk,
        external_id=f"{record.record_type} {record.pk} there",
    )
    return record


def account(books: Connection, name: str, kind: str = "income") -> Record:
    return link(books, factories.account(company=books.company, name=name, kind=kind))


def waiting(books: Connection, record_id: int, need: str) -> SyncQueueItem:
    return SyncQueueItem.objects.create(
        connection=books,
        company=books.company,
        record_type="invoice",
        record_id=record_id,
        label=f"INV-{record_id}",
        first_operation=Operation.CREATE,
        operation=Operation.CREATE,
        rank=30,
        state=State.BLOCKED,
        blocked_by_need=need,
        refusal="No income account is mapped.",
    )


def error(books: Connection, need: str) -> SyncError:
    job = SyncJob.objects.create(
        connection=books,
        company=books.company,
        state=JobState.FINISHED,
        outcome=JobOutcome.WITH_ERRORS,
        completed_at="2026-11-20T10:00Z",
    )
    return SyncError.objects.create(
        job=job,
        connection=books,
        company=books.company,
        phase=ErrorPhase.EXPORT,
        reason="mapping",
        message="No income account is mapped.",
        field=need,
        fingerprint=fingerprint(need),
    )


def shown(browser: Client, books: Connection, **query: str) -> str:
    return browser.get(reverse("mapping", args=[books.pk]), query).content.decode()


def save(browser: Client, books: Connection, **chosen: object) -> str:
    url = reverse("mapping-save", args=[books.pk])
    return browser.post(url, chosen, follow=True).content.decode()


def test_open_choices_are_counted_with_what_waits_for_them(
    browser: Client, books: Connection
) -> None:
    sales = account(books, "Sales")
    books.defaults = {"income_account": sales.pk}
    books.save()
    waiting(books, 1, "default:expense_account")
    waiting(books, 2, "default:expense_account")
    page = shown(browser, books)
    assert "4 choices are open" in page
    assert "2 records wait for them" in page
    assert "2 records wait for this" in page
    assert "/queue/?view=blocked&amp;q=No%20income%20account%20is%20mapped." in page
    # The sidebar counts what something waits for.
    assert "Mapping" in page


@pytest.mark.parametrize("need", ["mapping:income_account", "default:income_account"])
def test_the_link_of_an_error_leads_to_the_field(
    browser: Client, books: Connection, need: str
) -> None:
    account(books, "Sales")
    assert 'name="income_account" aria-describedby="help-income_account" autofocus' in shown(
        browser, books, need=need
    )


def test_without_a_connection_number_the_open_one_is_shown(
    browser: Client, books: Connection
) -> None:
    answer = browser.get(reverse("mapping-here"), {"need": "mapping:income_account"})
    assert answer.headers["Location"] == (
        reverse("mapping", args=[books.pk]) + "?need=mapping%3Aincome_account"
    )
    Connection.objects.all().delete()
    assert (
        "No accounting system is connected" in browser.get(reverse("mapping-here")).content.decode()
    )


def test_saving_wakes_what_waited_and_sends_it(
    browser: Client, books: Connection, accountant: User
) -> None:
    sales = account(books, "Sales")
    item = waiting(books, 1, "default:income_account")
    other = waiting(books, 2, "default:deposit_account")
    fault = error(books, "default:income_account")

    page = save(browser, books, income_account=sales.pk, expense_account="")

    books.refresh_from_db()
    item.refresh_from_db()
    other.refresh_from_db()
    fault.refresh_from_db()
    assert books.defaults["income_account"] == sales.pk
    assert (item.state, item.blocked_by_need) == (State.WAITING, "")
    assert other.state == State.BLOCKED
    assert fault.resolved_by == accountant
    assert "1 record that waited for it is sent now" in page
    assert SyncJob.objects.open().get().trigger == "retry"
    entry = AuditEntry.objects.get(action="mapping.change")
    assert entry.detail["changes"] == {"income_account": [None, sales.pk]}


def test_saving_without_a_change_says_so_and_opens_no_job(
    browser: Client, books: Connection
) -> None:
    assert "Nothing changed" in save(browser, books, income_account="")
    assert not SyncJob.objects.exists()
    assert not AuditEntry.objects.exists()


def test_only_what_is_offered_can_be_chosen(browser: Client, books: Connection) -> None:
    foreign = factories.account(company=factories.company())
    unlinked = factories.account(company=books.company)
    for wrong in (foreign.pk, unlinked.pk, "nonsense"):
        save(browser, books, income_account=wrong)
        books.refresh_from_db()
        assert not books.defaults.get("income_account")


def test_what_exists_only_here_gets_a_counterpart_and_is_sent_as_it(
    browser: Client, books: Connection
) -> None:
    theirs = link(books, factories.payment_term(company=books.company, name="Net 30"))
    ours = factories.payment_term(company=books.company, name="30 days")
    key = f"payment_term:{ours.pk}"
    item = waiting(books, 1, key)
    assert "30 days" in shown(browser, books)

    save(browser, books, **{key: theirs.pk})

    item.refresh_from_db()
    books.refresh_from_db()
    assert item.state == State.WAITING
    resolver = Resolver(books)
    resolver.load([(RecordType.PAYMENT_TERM, ours.pk)])
    assert resolver.resolve(RecordType.PAYMENT_TERM, ours.pk) == f"payment_term {theirs.pk} there"


def test_items_get_their_accounts_together(
    browser: Client, books: Connection, company: Company
) -> None:
    tea = account(books, "Tea sales")
    items = [factories.item(company=company) for _number in range(3)]
    SyncQueueItem.objects.all().delete()
    url = reverse("mapping-items", args=[books.pk])
    page = browser.post(
        url,
        {"pick": [items[0].pk, items[1].pk], "income_account": tea.pk, "expense_account": ""},
        follow=True,
    ).content.decode()
    assert "2 items have their accounts" in page
    for item in items:
        item.refresh_from_db()
    assert [item.income_account_id for item in items] == [tea.pk, tea.pk, None]
    assert all(item.expense_account_id is None for item in items)
    assert SyncQueueItem.objects.open().count() == 2
    assert "own=none" not in page
    left = shown(browser, books, own="none")
    assert items[2].name in left
    assert items[0].name not in left


def test_refreshing_the_lists_opens_a_job_that_sends_nothing(
    browser: Client, books: Connection
) -> None:
    browser.post(reverse("mapping-lists", args=[books.pk]))
    job = SyncJob.objects.get()
    assert job.scope["lists"] is True
    assert set(job.scope["types"]) == {"account", "tax_code", "payment_method", "payment_term"}
