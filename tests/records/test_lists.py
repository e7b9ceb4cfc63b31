"""The record lists have the tools of every table: chosen columns, saved views, a file."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from companies.models import Company, Role
from records.models import RECORD_MODELS, Customer, Invoice, Status
from tests import factories
from ui.models import SavedView, TablePreference
from ui.tables import REGISTRY

pytestmark = pytest.mark.django_db

CUSTOMERS = "/admin/records/customer/"
INVOICES = "/admin/records/invoice/"


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def browser(client: Client, company: Company) -> Client:
    client.force_login(factories.member(company=company))
    return client


def headings(page: str) -> list[str]:
    """Words without the icons and the box that chooses all rows."""
    head = page.split("<thead>")[1].split("</thead>")[0]
    cells = re.findall(r'<div class="text">(.*?)</div>', head, re.DOTALL)
    return [
        " ".join(re.sub(r"<[^>]+>", " ", cell).split())
        for cell in cells
        if "action-toggle" not in cell
    ]


def rows(page: str) -> list[str]:
    """The word of the link in each row."""
    links = re.findall(r'<th class="field-[^>]*><a [^>]*>([^<]*)</a>', page)
    return [link.strip() for link in links]


def choose(browser: Client, table: str, *columns: str, order: str = "name", **fields: str) -> str:
    state = {"do": "save", "column": columns, "order_by": order, "rows": "50"} | fields
    answer = browser.post(f"/tables/{table}/settings/", state)
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def lines(answer: Any) -> list[list[str]]:
    text = b"".join(answer).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def save(browser: Client, back: str) -> SavedView:
    browser.post("/tables/customers/views/", {"name": "Mine", "back": back})
    return SavedView.objects.get(name="Mine")


@pytest.mark.parametrize("record_type", RECORD_MODELS)
def test_every_list_shows_and_downloads_every_column_it_offers(
    browser: Client, company: Company, record_type: str
) -> None:
    record = getattr(factories, record_type, factories.bill)(company=company)
    name = f"{record_type.replace('_', '-')}s"
    table = REGISTRY[name]
    assert choose(browser, name, *table.choosable()) == reverse(table.page_name)
    page = browser.get(reverse(table.page_name)).content.decode()
    assert headings(page) == list(table.choosable().values())
    assert rows(page) == [str(record)]
    assert f'action="/tables/{name}/views/"' in page
    found = lines(browser.get(reverse(table.page_name), {"export": "csv"}))
    assert found[0] == list(table.choosable().values())
    assert found[1][0] == str(record)


def test_chosen_columns_order_and_rows_are_kept_for_this_person(
    browser: Client, company: Company
) -> None:
    for name in ("B", "a", "C"):
        factories.customer(company=company, name=name, phone=f"555 {name}")
    before = browser.get(CUSTOMERS).content.decode()
    assert "Phone" not in headings(before)
    assert rows(before) == ["a", "B", "C"]
    choose(browser, "customers", "phone", "name", direction="down", rows="10")
    page = browser.get(CUSTOMERS).content.decode()
    assert headings(page) == ["Phone", "Name"]
    assert rows(page) == ["555 C", "555 B", "555 a"]
    assert TablePreference.objects.get().rows == 10

    browser.force_login(factories.member(company=company))
    assert browser.get(CUSTOMERS).content.decode().count("555 ") == 0


def test_reset_brings_the_first_columns_back(browser: Client, company: Company) -> None:
    factories.customer(company=company)
    first = headings(browser.get(CUSTOMERS).content.decode())
    choose(browser, "customers", "phone")
    choose(browser, "customers", "phone", do="reset")
    assert headings(browser.get(CUSTOMERS).content.decode()) == first


def test_as_many_rows_as_chosen_are_on_a_page(browser: Client, company: Company) -> None:
    for number in range(12):
        factories.customer(company=company, name=f"Customer {number:02}")
    choose(browser, "customers", "name", rows="10")
    assert len(rows(browser.get(CUSTOMERS).content.decode())) == 10
    second = browser.get(CUSTOMERS, {"p": 2}).content.decode()
    assert rows(second) == ["Customer 10", "Customer 11"]
    assert len(lines(browser.get(f"{CUSTOMERS}?p=2&export=csv"))) == 13


def test_a_heading_names_its_column_and_the_other_direction(
    browser: Client, company: Company
) -> None:
    for name in ("A", "B"):
        factories.customer(company=company, name=name)
    page = browser.get(CUSTOMERS).content.decode()
    assert 'href="?sort=-name"' in page
    assert 'href="?sort=external_ref"' in page
    assert "sort=city" not in page
    assert rows(browser.get(CUSTOMERS, {"sort": "-name"}).content.decode()) == ["B", "A"]
    # An order by what no index holds is not taken from the address either.
    assert rows(browser.get(CUSTOMERS, {"sort": "-city"}).content.decode()) == ["A", "B"]
    assert rows(browser.get(CUSTOMERS, {"o": "-1"}).content.decode()) == ["A", "B"]


def test_a_company_with_many_records_reads_them_in_the_order_of_the_index(
    browser: Client, company: Company
) -> None:
    """As PostgreSQL plans it where sorting would be dear, as it is for a million rows."""
    table = REGISTRY["customers"]
    rows = Customer.objects.filter(company=company, deleted_at=None)
    invoices = Invoice.objects.filter(company=company, deleted_at=None)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        for order in ("name", "-name", "external_ref", "-external_ref", "created_at"):
            plan = table.ordered(rows, order)[:50].explain()
            assert "Index Scan" in plan, plan
            # Equal names are put in order among themselves, not the whole table.
            assert plan.count("Sort Key") == plan.count("Presorted Key"), plan
        for order in ("number", "date", "-date"):
            plan = REGISTRY["invoices"].ordered(invoices, order)[:50].explain()
            assert "Index Scan" in plan, plan
            assert plan.count("Sort Key") == plan.count("Presorted Key"), plan


def test_the_file_has_what_the_list_shows_and_nothing_of_others(
    browser: Client, company: Company
) -> None:
    factories.customer(company=company, name="=SUM(A1)", city="Berlin")
    factories.customer(company=company, name="Old", city="Berlin", is_active=False)
    factories.customer(company=company, name="Elsewhere", city="Rome")
    factories.customer(company=company, name="Gone", city="Berlin").mark_deleted()
    factories.customer(company=factories.company(), name="FOREIGN", city="Berlin")
    choose(browser, "customers", "city", "name", "is_active")
    answer = browser.get(f"{CUSTOMERS}?q=berlin&is_active__exact=1&export=csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "customers-" in answer.headers["Content-Disposition"]
    assert lines(answer) == [["City", "Name", "Active"], ["Berlin", "'=SUM(A1)", "Yes"]]
    assert b"FOREIGN" not in b"".join(browser.get(CUSTOMERS, {"export": "csv"}))


def test_numbers_words_and_references_are_what_a_spreadsheet_wants(
    browser: Client, company: Company
) -> None:
    customer = factories.customer(company=company, name="Around the Horn")
    made = factories.invoice(company=company, customer=customer, number="7")
    type(made).objects.filter(pk=made.pk).update(total="1234.5000")
    columns = ("number", "customer", "date", "sum", "open_balance", "state")
    choose(browser, "invoices", *columns, order="number")
    found = lines(browser.get(INVOICES, {"export": "csv"}))[1]
    status = Status(type(made).objects.get().status).label
    assert found == ["7", "Around the Horn", made.date.isoformat(), "1234.50", "", str(status)]


def test_who_may_not_see_the_list_gets_no_file(client: Client, company: Company) -> None:
    factories.customer(company=company)
    client.force_login(factories.user())
    assert client.get(CUSTOMERS, {"export": "csv"}).status_code == 403


def test_a_filter_that_does_not_exist_leads_back_to_the_list(browser: Client) -> None:
    answer = browser.get(CUSTOMERS, {"nonsense": "1", "export": "csv"})
    assert answer.headers["Location"] == f"{CUSTOMERS}?e=1"


def test_a_view_keeps_filters_search_order_and_columns(browser: Client, company: Company) -> None:
    for name, city in (("A", "Rome"), ("B", "Rome"), ("C", "Oslo")):
        factories.customer(company=company, name=name, city=city)
    choose(browser, "customers", "name", "city")
    view = save(browser, f"{CUSTOMERS}?is_active__exact=1&q=rome&sort=-name&p=1&e=1")
    assert (view.query, view.order_by) == ("is_active__exact=1&q=rome", "-name")
    choose(browser, "customers", "phone")
    answer = browser.get(f"/views/{view.key}/", follow=True)
    assert answer.redirect_chain == [
        (f"{CUSTOMERS}?is_active__exact=1&q=rome&saved={view.key}", 302)
    ]
    page = answer.content.decode()
    assert headings(page) == ["Name", "City"]
    assert rows(page) == ["B", "A"]
    # The links of the list and its search stay in the view.
    assert f'href="?is_active__exact=1&amp;q=rome&amp;saved={view.key}&amp;sort=name"' in page
    assert f'name="saved" value="{view.key}"' in page


def test_the_link_shows_a_colleague_of_another_company_their_own(
    browser: Client, company: Company
) -> None:
    factories.customer(company=company, name="SECRET", city="Rome")
    view = save(browser, f"{CUSTOMERS}?q=rome")
    elsewhere = factories.company()
    factories.customer(company=elsewhere, name="Own", city="Rome")
    factories.customer(company=elsewhere, name="Other", city="Oslo")
    stranger = Client()
    stranger.force_login(factories.member(company=elsewhere, role=Role.VIEWER))
    page = stranger.get(f"/views/{view.key}/", follow=True).content.decode()
    assert rows(page) == ["Own"]
    assert "SECRET" not in page
    address = f"{CUSTOMERS}?q=rome&saved={view.key}&export=csv"
    assert [row[0] for row in lines(stranger.get(address))] == ["Name", "Own"]


def test_an_unknown_view_changes_nothing(browser: Client, company: Company) -> None:
    factories.customer(company=company, name="A")
    answer = browser.get(CUSTOMERS, {"saved": "nothing"})
    assert answer.status_code == 200
    assert rows(answer.content.decode()) == ["A"]


def test_a_reference_is_read_with_its_row(
    browser: Client, company: Company, django_assert_max_num_queries: Any
) -> None:
    for _number in range(8):
        factories.invoice(company=company)
    choose(browser, "invoices", "number", "customer", "payment_term", order="number")
    browser.get(INVOICES)
    with django_assert_max_num_queries(16):
        browser.get(INVOICES)


def test_a_window_that_chooses_a_record_has_no_tools(browser: Client) -> None:
    page = browser.get(CUSTOMERS, {"_popup": 1}).content.decode()
    assert "table-settings" not in page
