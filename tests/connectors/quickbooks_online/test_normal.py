"""What QuickBooks makes of ours, known beforehand."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest

from connectors.documents import Account, Application, Item, Line, Party, RecordType
from connectors.quickbooks_online.connector import QuickBooksOnline
from tests.connectors.quickbooks_online.test_payloads import (
    CANADA,
    LINES,
    PAYMENT,
    SALE,
    US,
    WIDGET,
)


def normal(record_type, content, config=US):
    connector = QuickBooksOnline(config)
    once = connector.normalize(record_type, content)
    assert connector.normalize(record_type, once) == once
    return once


def test_texts_are_trimmed():
    untidy = Party(name=" Acme ", contact_name="  Ana   López ", currency="")
    assert normal(RecordType.CUSTOMER, untidy) == Party(
        name="Acme", contact_name="Ana López", currency="USD"
    )


def test_an_absent_price_is_zero_and_an_absent_account_the_default():
    assert normal(RecordType.ITEM, Item(name="A", kind="service")) == Item(
        name="A",
        kind="service",
        unit_price=Decimal(0),
        unit_cost=Decimal(0),
        income_account="79",
        expense_account="80",
    )


def test_inventory_is_non_inventory_unless_it_is_valued_there():
    assert normal(RecordType.ITEM, WIDGET).kind == "non_inventory"
    valued = dataclasses.replace(US, values_inventory=True)
    assert normal(RecordType.ITEM, WIDGET, valued).kind == "inventory"


def test_lines_are_counted_from_one_and_have_a_tax_code():
    lines = tuple(dataclasses.replace(line, key=f"{line.key}0") for line in LINES)
    found = normal(RecordType.INVOICE, dataclasses.replace(SALE, lines=lines)).lines
    assert [(line.key, line.tax_code) for line in found] == [("1", "NON"), ("2", "TAX")]


def test_a_real_tax_code_is_taxable_in_the_us_and_itself_elsewhere():
    taxed = dataclasses.replace(SALE, lines=(dataclasses.replace(LINES[0], tax_code="2"),))
    assert normal(RecordType.INVOICE, taxed).lines[0].tax_code == "TAX"
    assert normal(RecordType.INVOICE, taxed, CANADA).lines[0].tax_code == "2"
    assert normal(RecordType.BILL, taxed).lines[0].tax_code is None


def test_an_amount_that_stands_alone_is_one_of_it():
    line = Line("1", "", Decimal(3), Decimal("0.335"), Decimal("1.01"), item="11")
    (found,) = normal(RecordType.INVOICE, dataclasses.replace(SALE, lines=(line,))).lines
    assert (found.quantity, found.unit_price) == (1, Decimal("1.01"))


def test_a_line_by_account_has_no_figures_and_the_default_account():
    line = Line("1", "", Decimal(2), Decimal(5), Decimal(10))
    (found,) = normal(RecordType.BILL, dataclasses.replace(SALE, lines=(line,))).lines
    assert (found.quantity, found.unit_price, found.account) == (1, 10, "80")


def test_what_is_not_due_later_is_due_at_once():
    now = dataclasses.replace(SALE, due_date=None, payment_term=None)
    assert normal(RecordType.INVOICE, now).due_date == SALE.date
    by_term = dataclasses.replace(SALE, due_date=None)
    assert normal(RecordType.INVOICE, by_term).due_date is None  # their term decides
    credit = normal(RecordType.CREDIT_MEMO, SALE)
    assert (credit.due_date, credit.payment_term) == (None, None)


def test_their_numbers_are_not_compared():
    theirs = dataclasses.replace(US, custom_numbers=False)
    assert normal(RecordType.INVOICE, SALE, theirs).number == ""
    assert normal(RecordType.BILL, SALE, theirs).number == "SO-1"


def test_a_payment_goes_to_the_default_account_and_its_applications_have_no_order():
    two = (Application("9", Decimal(1)), Application("130", Decimal(2)))
    found = normal(RecordType.PAYMENT, dataclasses.replace(PAYMENT, applications=two))
    assert found.deposit_account == "35"
    assert [each.document for each in found.applications] == ["130", "9"]


@pytest.mark.parametrize("record_type", [RecordType.INVOICE, RecordType.BILL])
def test_what_is_voided_has_nothing_in_it(record_type: RecordType):
    assert normal(record_type, dataclasses.replace(SALE, is_voided=True)).lines == ()
    found = normal(RecordType.PAYMENT, dataclasses.replace(PAYMENT, is_voided=True))
    assert (found.amount, found.applications) == (0, ())


def test_what_is_only_imported_stays_as_it_is():
    account = Account("Rent", number="6000")
    assert normal(RecordType.ACCOUNT, account) == account
