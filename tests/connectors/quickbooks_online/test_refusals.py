"""What is refused before it is sent, and that the simulator refuses the same with the same code."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from connectors.documents import Application, Document, Item, Line, Party, RecordType
from connectors.interface import LinkState, Operation, Push, Reason, Rejected
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.connector import QuickBooksOnline
from tests.connectors.contract import Subject, create
from tests.connectors.quickbooks_online.test_payloads import (
    ACME,
    CANADA,
    LINES,
    MARKER,
    PAYMENT,
    SALE,
    US,
    WIDGET,
)

BARE = dataclasses.replace(US, defaults={})
VALUED = dataclasses.replace(US, values_inventory=True)
CUSTOMER, ITEM, INVOICE = RecordType.CUSTOMER, RecordType.ITEM, RecordType.INVOICE
BILL, PAID = RecordType.BILL, RecordType.PAYMENT


def refusal(
    record_type: RecordType, content: Document, config: Config = US, marker: str = MARKER
) -> Rejected | None:
    return QuickBooksOnline(config).refuse(create(record_type, content, marker=marker))


def changed(content: Any, **changes: Any) -> Any:
    return dataclasses.replace(content, **changes)


@pytest.mark.parametrize(
    ("record_type", "content"),
    [
        (CUSTOMER, ACME),
        (RecordType.VENDOR, ACME),
        (CUSTOMER, Party(name="x" * 500)),
        (CUSTOMER, Party(name=" padded\n")),
        (ITEM, WIDGET),
        (ITEM, Item(name="x" * 100)),
        (INVOICE, SALE),
        (RecordType.CREDIT_MEMO, SALE),
        (BILL, SALE),
        (RecordType.VENDOR_CREDIT, SALE),
        (INVOICE, changed(SALE, number="x" * 21)),
        (PAID, PAYMENT),
        (PAID, changed(PAYMENT, amount=Decimal(0), applications=())),
    ],
)
def test_what_is_good_passes(record_type: RecordType, content: Document):
    assert refusal(record_type, content) is None


@pytest.mark.parametrize(
    ("record_type", "content", "code", "field"),
    [
        (CUSTOMER, changed(ACME, name=" "), "2020", "name"),
        (CUSTOMER, changed(ACME, name="A:B"), "2040", "name"),
        (CUSTOMER, changed(ACME, name="A\tB"), "2040", "name"),
        (CUSTOMER, changed(ACME, name="A\nB"), "2040", "name"),
        (CUSTOMER, changed(ACME, contact_name="A: B"), "2040", "contact_name"),
        (CUSTOMER, changed(ACME, name="x" * 501), "2050", "name"),
        (CUSTOMER, changed(ACME, contact_name="A " + "x" * 101), "2050", "contact_name"),
        (CUSTOMER, changed(ACME, phone="x" * 31), "2050", "phone"),
        (CUSTOMER, changed(ACME, postal_code="x" * 32), "2050", "postal_code"),
        (CUSTOMER, changed(ACME, tax_number="x" * 21), "2050", "tax_number"),
        (CUSTOMER, changed(ACME, email="x" * 100 + "@example.com"), "2050", "email"),
        (CUSTOMER, changed(ACME, email="nobody"), "2210", "email"),
        (CUSTOMER, changed(ACME, email="a@b"), "2210", "email"),
        (CUSTOMER, changed(ACME, currency="EUR"), "2220", "currency"),
        (ITEM, changed(WIDGET, name="A:B"), "2040", "name"),
        (ITEM, changed(WIDGET, name="x" * 101), "2050", "name"),
        (ITEM, changed(WIDGET, sku="x" * 101), "2050", "sku"),
        (ITEM, changed(WIDGET, description="x" * 4001), "2050", "description"),
        (ITEM, changed(WIDGET, unit_price=Decimal(10) ** 11), "2110", "unit_price"),
        (INVOICE, changed(SALE, number="x" * 22), "2050", "number"),
        (INVOICE, changed(SALE, memo="x" * 4000), "2050", "memo"),
        (INVOICE, changed(SALE, currency="EUR"), "2220", "currency"),
        (INVOICE, changed(SALE, lines=()), "2250", "lines"),
        (INVOICE, changed(SALE, lines=(changed(LINES[0], item=None),)), "6440", "item"),
        (
            INVOICE,
            changed(SALE, lines=(changed(LINES[0], description="x" * 4001),)),
            "2050",
            "lines",
        ),
        (
            INVOICE,
            changed(SALE, lines=(changed(LINES[0], amount=Decimal("0.001")),)),
            "2110",
            "lines",
        ),
        (INVOICE, changed(SALE, lines=(LINES[1],) * 751), "6000", "lines"),
        (INVOICE, changed(SALE, lines=(changed(LINES[0], amount=Decimal(-1)),)), "6000", "lines"),
        (
            INVOICE,
            changed(
                SALE,
                lines=(changed(LINES[0], tax_code="2"), changed(LINES[0], tax_code="3")),
            ),
            "6100",
            "tax_code",
        ),
        (BILL, changed(SALE, lines=(changed(LINES[0], amount=Decimal(-1)),)), "6000", "lines"),
        (PAID, changed(PAYMENT, number="x" * 22), "2050", "number"),
        (PAID, changed(PAYMENT, amount=Decimal(-1), applications=()), "6000", "amount"),
        (PAID, changed(PAYMENT, amount=Decimal(15)), "6000", "applications"),
        (
            PAID,
            changed(PAYMENT, applications=(Application("130", Decimal(0)),)),
            "6000",
            "applications",
        ),
    ],
)
def test_what_is_wrong_is_refused_under_its_code(
    record_type: RecordType, content: Document, code: str, field: str
):
    found = refusal(record_type, content)
    assert found is not None
    assert (found.reason, found.code, found.field) == (Reason.VALIDATION, code, field)
    assert found.message


def test_a_length_says_how_much_is_supported():
    found = refusal(INVOICE, changed(SALE, number="x" * 45))
    assert found is not None
    assert found.message.endswith("Min:0 Max:21 supported. Supplied length:45")
    memo = refusal(INVOICE, changed(SALE, memo="x" * 4000))
    assert memo is not None
    assert f"Max:{4000 - len(MARKER) - 1} " in memo.message


def test_a_character_is_named_with_its_place():
    found = refusal(CUSTOMER, changed(ACME, name="Acme: Inc"))
    assert found is not None
    assert found.message == "A name cannot contain a colon (character 5)."


@pytest.mark.parametrize(
    ("record_type", "content", "config", "code", "role"),
    [
        (ITEM, WIDGET, BARE, "no_income_account", "income_account"),
        (
            ITEM,
            changed(WIDGET, income_account="1"),
            BARE,
            "no_expense_account",
            "expense_account",
        ),
        (ITEM, WIDGET, VALUED, "no_asset_account", "asset_account"),
        (
            BILL,
            changed(SALE, lines=(changed(LINES[0], item=None),)),
            BARE,
            "no_expense_account",
            "expense_account",
        ),
        (INVOICE, SALE, CANADA, "no_untaxed_code", "untaxed_code"),
    ],
)
def test_what_has_no_counterpart_waits_for_the_mapping(
    record_type: RecordType, content: Document, config: Config, code: str, role: str
):
    content = content if config is not CANADA else changed(content, currency="CAD")
    found = refusal(record_type, content, config)
    assert found is not None
    assert (found.reason, found.code, found.field) == (Reason.MAPPING, code, role)


@pytest.mark.parametrize(
    ("record_type", "content", "config"),
    [
        (ITEM, Item(name="A service", kind="service", income_account="1"), BARE),
        (INVOICE, SALE, BARE),
        (BILL, changed(SALE, lines=(Line("1", account="7", amount=Decimal(1)),)), BARE),
        (INVOICE, changed(SALE, number="x" * 99), dataclasses.replace(US, custom_numbers=False)),
        (
            INVOICE,
            changed(SALE, currency="EUR"),
            dataclasses.replace(US, multi_currency=True),
        ),
        (
            INVOICE,
            changed(SALE, currency="CAD"),
            dataclasses.replace(CANADA, defaults={"untaxed_code": "9"}),
        ),
    ],
)
def test_what_the_company_does_not_need_is_not_asked_for(
    record_type: RecordType, content: Document, config: Config
):
    assert refusal(record_type, content, config) is None


def test_a_void_and_a_delete_need_no_content_that_is_good():
    bad = changed(SALE, number="x" * 99)
    for operation in (Operation.VOID, Operation.DELETE):
        push = Push("0", INVOICE, operation, MARKER, "it", bad, LinkState("130", "0"))
        assert QuickBooksOnline(US).refuse(push) is None


@pytest.mark.parametrize(
    ("record_type", "changes"),
    [
        (CUSTOMER, {"name": "A:B"}),
        (CUSTOMER, {"name": "A\tB"}),
        (CUSTOMER, {"name": "x" * 501}),
        (CUSTOMER, {"contact_name": "A: B"}),
        (CUSTOMER, {"phone": "x" * 31}),
        (CUSTOMER, {"email": "nobody"}),
        (RecordType.VENDOR, {"tax_number": "x" * 21}),
        (RecordType.VENDOR, {"postal_code": "x" * 32}),
        (ITEM, {"name": "A:B"}),
        (ITEM, {"description": "x" * 4001}),
        (ITEM, {"unit_price": Decimal(10) ** 11}),
        (INVOICE, {"number": "x" * 22}),
        (INVOICE, {"memo": "x" * 4000}),
        (INVOICE, {"lines": (LINES[1],) * 751}),
        (INVOICE, {"lines": (changed(LINES[0], item=None),)}),
        (INVOICE, {"lines": (changed(LINES[0], amount=Decimal("0.001")),)}),
        (INVOICE, {"lines": (changed(LINES[0], amount=Decimal(-1)),)}),
        (PAID, {"number": "x" * 22}),
        (PAID, {"amount": Decimal(-1), "applications": ()}),
    ],
)
def test_the_books_refuse_the_same_under_the_same_code(
    subject: Subject, record_type: RecordType, changes: dict[str, Any]
):
    if "lines" in changes:  # as the lines above refer to an item that is not there
        there = subject.id_of(ITEM)
        lines = (changed(line, item=line.item and there) for line in changes["lines"])
        changes = {"lines": tuple(lines)}
    push = create(record_type, subject.document(record_type, **changes), marker=MARKER)
    here = subject.connector.refuse(push)
    there_ = subject.push(push)["0"]
    assert isinstance(here, Rejected)
    assert isinstance(there_, Rejected)
    assert (there_.code, there_.reason) == (here.code, here.reason)


def test_the_books_refuse_an_item_without_an_income_account(
    subject: Subject, with_config: Callable[..., Subject]
):
    bare = with_config(defaults={})
    push = create(ITEM, Item(name="Lost"))
    outcome = bare.push(push)["0"]
    assert isinstance(outcome, Rejected)
    assert (outcome.reason, outcome.field) == (Reason.MAPPING, "income_account")
