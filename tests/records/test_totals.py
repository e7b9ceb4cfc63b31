"""Line amounts and totals by the rounding rule."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from records.models import Invoice, InvoiceLine, rounded
from records.totals import retotal
from tests import factories


@pytest.mark.django_db
def test_totals_are_brought_up_to_date_in_bulk() -> None:
    company = factories.company()
    documents = [factories.invoice(company=company) for _ in range(5)]
    InvoiceLine.objects.update(quantity=Decimal("3"), unit_price=Decimal("0.115"))
    with CaptureQueriesContext(connection) as queries:
        retotal(model=Invoice, ids=[document.pk for document in documents])
    assert len([q for q in queries if q["sql"].lstrip().startswith("UPDATE")]) == 2
    assert {line.amount for line in InvoiceLine.objects.all()} == {Decimal("0.35")}
    assert {document.total for document in Invoice.objects.all()} == {Decimal("0.35")}


@pytest.mark.django_db
def test_a_document_without_lines_comes_to_nothing() -> None:
    invoice = factories.invoice(company=factories.company())
    invoice.lines.all().delete()
    retotal(model=Invoice, ids=[invoice.pk])
    assert Invoice.objects.get().total == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("currency", "amount"), [("JPY", "13"), ("USD", "12.50"), ("KWD", "12.499")]
)
def test_amounts_have_the_minor_unit_of_their_currency(currency: str, amount: str) -> None:
    line = {"quantity": Decimal("1.0"), "unit_price": Decimal("12.4985")}
    if currency != "KWD":
        line["unit_price"] = Decimal("12.5")
    invoice = factories.invoice(company=factories.company(), currency=currency, lines=[line])
    assert invoice.lines.get().amount == Decimal(amount)
    InvoiceLine.objects.update(amount=0)
    retotal(model=Invoice, ids=[invoice.pk])
    assert Invoice.objects.get().total == Decimal(amount)


@settings(max_examples=200)
@given(
    quantity=st.decimals("-9999", "9999", places=3),
    price=st.decimals("-999", "999", places=5),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_a_rounded_amount_is_as_near_as_can_be(
    quantity: Decimal, price: Decimal, currency: str
) -> None:
    unit = {"USD": Decimal("0.01"), "JPY": Decimal(1), "KWD": Decimal("0.001")}[currency]
    amount = rounded(quantity * price, currency)
    assert abs(amount - quantity * price) <= unit / 2
    assert amount % unit == 0
