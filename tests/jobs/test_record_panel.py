"""The page of a record says how it stands in accounting."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from companies.models import Role
from connectors.models import Link
from tests import factories

pytestmark = pytest.mark.django_db


def page_of(company, customer) -> str:
    browser = Client()
    browser.force_login(factories.member(company=company, role=Role.VIEWER))
    url = reverse("admin:records_customer_change", args=[customer.pk])
    return browser.get(url).content.decode()


def test_a_record_shows_its_place_in_the_queue_and_its_link() -> None:
    company = factories.company()
    connection = factories.connection(company=company, name="The Books")
    customer = factories.customer(company=company)
    assert "Not there yet" in page_of(company, customer)
    assert "Waiting: Create" in page_of(company, customer)

    Link.objects.create(
        connection=connection,
        company=company,
        record_type="customer",
        record_id=customer.pk,
        external_id="5812",
    )
    page = page_of(company, customer)
    assert "The Books" in page
    assert "number there 5812" in page


def test_without_a_connection_there_is_no_panel() -> None:
    company = factories.company()
    assert "accounting-title" not in page_of(company, factories.customer(company=company))
