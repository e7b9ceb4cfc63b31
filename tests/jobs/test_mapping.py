"""Our records as documents: what the triggers watch is exactly what is sent."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from connectors import documents
from connectors.documents import DOCUMENT_CLASSES, RecordType
from jobs import mapping
from records.models import LINE_MODELS, RECORD_MODELS
from tests import factories

EXPORTED = [name for name, model in RECORD_MODELS.items() if model.synced_fields]


@pytest.mark.parametrize("record_type", EXPORTED)
def test_what_the_triggers_watch_is_what_is_sent(record_type: str) -> None:
    columns = mapping.COLUMNS[RecordType(record_type)]
    assert set(RECORD_MODELS[record_type].synced_fields) == set(columns)


@pytest.mark.parametrize("record_type", LINE_MODELS)
def test_what_the_triggers_watch_of_lines_is_what_is_sent(record_type: str) -> None:
    model = LINE_MODELS[record_type]
    names = {field.attname for field in model._meta.concrete_fields}
    is_payment = record_type == RecordType.PAYMENT
    columns = mapping.APPLICATION_COLUMNS if is_payment else mapping.LINE_COLUMNS
    assert set(model.synced_fields) == set(columns) & names


@pytest.mark.parametrize("record_type", list(RecordType))
def test_every_field_of_a_document_comes_from_a_column(record_type: RecordType) -> None:
    fields = set(DOCUMENT_CLASSES[record_type].__dataclass_fields__)
    made = set(mapping.COLUMNS[record_type].values()) | {"lines", "applications", "is_voided"}
    assert fields <= made
    assert set(mapping.COLUMNS[record_type].values()) <= fields


@pytest.mark.django_db
def test_an_invoice_is_a_document_with_their_ids() -> None:
    company = factories.company()
    item = factories.item(company=company)
    made = factories.invoice(
        company=company,
        number="10248",
        date=datetime.date(2026, 7, 4),
        lines=[{"item": item, "description": "Chai", "quantity": 3, "unit_price": Decimal("1.5")}],
    )
    loaded = mapping.load(record_type=RecordType.INVOICE, ids=[made.pk])[made.pk]
    ids = {
        (RecordType.CUSTOMER, made.customer_id): "58",
        (RecordType.ITEM, item.pk): "11",
    }
    assert mapping.references(RecordType.INVOICE, [loaded]) == set(ids)

    document = mapping.to_document(
        RecordType.INVOICE, loaded, lambda kind, pk: ids[kind, pk] if pk else None
    )

    assert document == documents.Trade(
        number="10248",
        party="58",
        date=datetime.date(2026, 7, 4),
        due_date=made.due_date,
        currency="USD",
        lines=(
            documents.Line(
                key="1",
                description="Chai",
                quantity=Decimal(3),
                unit_price=Decimal("1.5"),
                amount=Decimal("4.5"),
                item="11",
            ),
        ),
    )


@pytest.mark.parametrize("record_type", list(RecordType))
def test_documents_survive_json(record_type: RecordType) -> None:
    today = datetime.date(2026, 11, 23)
    examples: dict[type, documents.Document] = {
        documents.Trade: documents.Trade(
            "1", "2", today, lines=(documents.Line("1", amount=Decimal("1.10")),)
        ),
        documents.Payment: documents.Payment(
            "1", "2", today, Decimal("5"), applications=(documents.Application("3", Decimal("5")),)
        ),
    }
    cls = DOCUMENT_CLASSES[record_type]
    document = examples.get(cls) or cls(name="Chai")
    again = documents.from_json(record_type, documents.to_json(document))
    assert again == document


def test_equal_numbers_are_equal_texts() -> None:
    assert documents.plain_decimal(Decimal("12.3400")) == documents.plain_decimal(Decimal("12.34"))
    assert documents.plain_decimal(Decimal("100")) == "100"
    assert documents.plain_decimal(Decimal("1E+2")) == "100"
