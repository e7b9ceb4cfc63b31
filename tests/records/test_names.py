"""Names are found as people mean them, and however a record came by its name."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg2
import pytest
from django.db import connection as database
from django.db import transaction

from companies.models import Company
from records.models import Customer
from records.names import LENGTH, ids_by_name
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return factories.company()


def found(company: Company, *names: str) -> dict[str, list[int]]:
    with transaction.atomic():
        return ids_by_name(model=Customer, company_id=company.pk, names=names)


def ids(customers: Sequence[Customer]) -> list[int]:
    return [customer.pk for customer in customers]


def test_capitals_and_spaces_do_not_count(company: Company) -> None:
    one = factories.customer(company=company, name="Straße  des Öls ")
    two = factories.customer(company=company, name="STRASSE DES ÖLS")
    factories.customer(company=company, name="Strasse des Oels")

    assert found(company, " strasse des öls") == {"strasse des öls": ids([one, two])}


def test_a_new_name_counts_however_it_was_written(company: Company) -> None:
    customer = factories.customer(company=company, name="Before")
    assert found(company, "before") == {"before": [customer.pk]}

    with database.cursor() as cursor:
        cursor.execute("UPDATE records_customer SET name = 'After' WHERE id = %s", [customer.pk])
    assert found(company, "Before", "After") == {"after": [customer.pk]}

    customer.refresh_from_db()
    customer.name = "Later"
    customer.save()  # Writes the old folded name, too.
    assert found(company, "After", "Later") == {"later": [customer.pk]}


def test_a_deleted_record_and_another_company_s_are_not_found(company: Company) -> None:
    factories.customer(company=factories.company(), name="Horn")
    deleted = factories.customer(company=company, name="Horn")
    deleted.mark_deleted()

    assert found(company, "Horn") == {}


def test_long_names_are_told_apart_by_their_ends(company: Company) -> None:
    long = "x" * LENGTH
    first = factories.customer(company=company, name=f"{long} first")
    second = factories.customer(company=company, name=f"{long} second")

    assert found(company, f"{long} SECOND") == {f"{long} second": [second.pk]}
    assert found(company, long) == {}
    assert found(company, first.name) == {first.name: [first.pk]}


@pytest.mark.django_db(transaction=True)
def test_what_somebody_is_editing_is_found_without_waiting_for_them(company: Company) -> None:
    customer = factories.customer(company=company, name="Horn")
    editor = psycopg2.connect(**database.get_connection_params())
    try:
        with editor.cursor() as cursor:
            cursor.execute("SELECT FROM records_customer WHERE id = %s FOR UPDATE", [customer.pk])
        with transaction.atomic():
            with database.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '100ms'")
            assert found(company, "horn") == {"horn": [customer.pk]}
    finally:
        editor.close()
    customer.refresh_from_db()
    assert customer.folded_name is None


def test_a_search_folds_nothing_twice(company: Company) -> None:
    factories.customer(company=company, name="Horn")
    found(company, "Horn")
    written = Customer.objects.extra(select={"row": "xmin::text"}).values_list("row")
    before = list(written)
    found(company, "Horn")

    assert list(written) == before
