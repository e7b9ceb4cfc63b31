"""Our record <-> the connectors' document. The only module that knows both.

`COLUMNS` says which column of ours is which field of theirs; `REFERENCES` which of them point to
another record. A test holds the models' `synced_fields` equal to what is read here.
"""

from __future__ import annotations

from collections import defaultdict, namedtuple
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import connection as database

from connectors import documents
from connectors.documents import Document, RecordType
from connectors.models import Connection
from records.models import LINE_MODELS, RECORD_MODELS, Record, Status

Key = tuple[RecordType, int]
Plan = Sequence[tuple[str, str, RecordType | None]]
# Their id of a record of ours; raises Missing when it has none yet.
Resolve = Callable[[RecordType, int | None], str | None]

_NAMED = {"name": "name", "is_active": "is_active"}
_PARTY = {
    **_NAMED,
    "contact_name": "contact_name",
    "email": "email",
    "phone": "phone",
    "address_line1": "address_line1",
    "city": "city",
    "region": "region",
    "postal_code": "postal_code",
    "country": "country",
    "currency": "currency",
    "tax_number": "tax_number",
    "payment_term_id": "payment_term",
}
_TRADE = {
    "number": "number",
    "date": "date",
    "due_date": "due_date",
    "currency": "currency",
    "payment_term_id": "payment_term",
    "memo": "memo",
}
# record type -> {our column: field of the document}
COLUMNS: Mapping[RecordType, Mapping[str, str]] = {
    RecordType.ACCOUNT: {
        **_NAMED,
        "kind": "kind",
        "detail_kind": "detail_kind",
        "number": "number",
        "currency": "currency",
    },
    RecordType.TAX_CODE: {
        **_NAMED,
        "description": "description",
        "rate": "rate",
        "is_taxable": "is_taxable",
    },
    RecordType.PAYMENT_TERM: {**_NAMED, "due_days": "due_days"},
    RecordType.PAYMENT_METHOD: _NAMED,
    RecordType.CUSTOMER: _PARTY,
    RecordType.VENDOR: _PARTY,
    RecordType.ITEM: {
        **_NAMED,
        "sku": "sku",
        "description": "description",
        "kind": "kind",
        "unit_price": "unit_price",
        "unit_cost": "unit_cost",
        "income_account_id": "income_account",
        "expense_account_id": "expense_account",
    },
    RecordType.INVOICE: {**_TRADE, "customer_id": "party"},
    RecordType.CREDIT_MEMO: {**_TRADE, "customer_id": "party"},
    RecordType.BILL: {**_TRADE, "vendor_id": "party"},
    RecordType.VENDOR_CREDIT: {**_TRADE, "vendor_id": "party"},
    RecordType.PAYMENT: {
        "customer_id": "party",
        "reference": "number",
        "date": "date",
        "currency": "currency",
        "amount": "amount",
        "method_id": "method",
        "deposit_account_id": "deposit_account",
        "memo": "memo",
    },
}
LINE_COLUMNS: Mapping[str, str] = {
    "position": "key",
    "item_id": "item",
    "description": "description",
    "quantity": "quantity",
    "unit_price": "unit_price",
    "amount": "amount",
    "tax_code_id": "tax_code",
    "account_id": "account",
}
APPLICATION_COLUMNS: Mapping[str, str] = {"invoice_id": "document", "amount": "amount"}
# our column -> what it points to
REFERENCES: Mapping[str, RecordType] = {
    "payment_term_id": RecordType.PAYMENT_TERM,
    "income_account_id": RecordType.ACCOUNT,
    "expense_account_id": RecordType.ACCOUNT,
    "deposit_account_id": RecordType.ACCOUNT,
    "account_id": RecordType.ACCOUNT,
    "customer_id": RecordType.CUSTOMER,
    "vendor_id": RecordType.VENDOR,
    "method_id": RecordType.PAYMENT_METHOD,
    "item_id": RecordType.ITEM,
    "tax_code_id": RecordType.TAX_CODE,
    "invoice_id": RecordType.INVOICE,
}


class Missing(Exception):
    """The record refers to one that accounting does not have yet."""

    def __init__(self, record_type: RecordType, record_id: int) -> None:
        super().__init__(f"{record_type} {record_id}")
        self.record_type = record_type
        self.record_id = record_id


@dataclass(frozen=True, slots=True)
class Loaded:
    """A record with its lines or applications, in order."""

    record: Any
    rows: Sequence[Any] = ()

    @property
    def is_exportable(self) -> bool:
        """Not deleted, and beyond a draft when it is a document."""
        status = getattr(self.record, "status", Status.ISSUED)
        return self.record.deleted_at is None and status != Status.DRAFT

    @property
    def is_voided(self) -> bool:
        return getattr(self.record, "status", None) == Status.VOIDED

    @property
    def amount(self) -> Decimal | None:
        value = getattr(self.record, "total", None)
        return value if value is not None else getattr(self.record, "amount", None)


def load(*, record_type: RecordType, ids: Collection[int], lock: bool = False) -> dict[int, Loaded]:
    """Records by id with their rows: two queries. `lock` holds them against other writers."""
    rows_of: dict[int, list[Any]] = defaultdict(list)
    model = RECORD_MODELS[record_type]
    # Every batch asks this; the ORM would take longer to say it than the database to answer.
    statement = f"SELECT * FROM {model._meta.db_table} WHERE id = ANY(%s) ORDER BY id"
    if lock:
        statement += " FOR NO KEY UPDATE"
    found = list(model._default_manager.raw(statement, [list(ids)]))
    if found and record_type in LINE_MODELS:
        statement, row = _row_query(record_type)
        with database.cursor() as cursor:
            cursor.execute(statement, [list(ids)])
            for parent, *values in cursor:
                rows_of[parent].append(row._make(values))
    return {record.pk: Loaded(record, rows_of[record.pk]) for record in found}


@cache
def _row_query(record_type: RecordType) -> tuple[str, Any]:
    """The rows of these records, in order, and what holds one. Plain tuples: a document has many
    lines, and an instance of a model costs ten times as much."""
    columns = [column for column, _field, _target in _row_plan(record_type)]
    order = "id" if record_type is RecordType.PAYMENT else "position, id"
    statement = (
        f"SELECT {record_type}_id, {', '.join(columns)}"
        f" FROM {LINE_MODELS[record_type]._meta.db_table}"
        f" WHERE {record_type}_id = ANY(%s) ORDER BY {order}"
    )
    return statement, namedtuple("Row", columns)


def references(record_type: RecordType, loaded: Iterable[Loaded]) -> set[Key]:
    """All records that these refer to."""
    wanted: set[Key] = set()
    for one in loaded:
        for column, _field, target in _plan(record_type):
            if target and (value := getattr(one.record, column)) is not None:
                wanted.add((target, value))
        for row in one.rows:
            for column, _field, target in _row_plan(record_type):
                if target and (value := getattr(row, column)) is not None:
                    wanted.add((target, value))
    return wanted


def to_document(record_type: RecordType, loaded: Loaded, resolve: Resolve) -> Document:
    """The neutral document of a record, references resolved. Raises Missing."""
    values = _values(loaded.record, _plan(record_type), resolve)
    if record_type in LINE_MODELS:
        rows = [_values(row, _row_plan(record_type), resolve) for row in loaded.rows]
        if record_type is RecordType.PAYMENT:
            values["applications"] = tuple(documents.Application(**row) for row in rows)
        else:
            values["lines"] = tuple(
                documents.Line(**{**row, "key": str(row["key"])}) for row in rows
            )
        values["is_voided"] = loaded.is_voided
    return documents.DOCUMENT_CLASSES[record_type](**values)


def to_columns(
    record_type: RecordType,
    values: Mapping[str, Any],
    record_id: Callable[[RecordType, str], int | None],
) -> dict[str, Any]:
    """Fields of a document as columns of ours; a reference we do not know is left out."""
    columns: dict[str, Any] = {}
    for column, field in COLUMNS[record_type].items():
        if field not in values:
            continue
        value = values[field]
        target = REFERENCES.get(column)
        if target is not None and value is not None:
            value = record_id(target, value)
            if value is None:
                continue
        columns[column] = value
    return columns


class Resolver:
    """Links of one connection, loaded in bulk: our ids to theirs, and back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._theirs: dict[Key, str] = {}
        self._ours: dict[tuple[RecordType, str], int] = {}

    def load(self, keys: Iterable[Key]) -> None:
        """One query for all keys that are not known yet. What exists only here is resolved to the
        object of its counterpart (jobs/counterparts.py)."""
        wanted = [key for key in keys if key not in self._theirs]
        chosen = self._connection.settings.get("counterparts", {})
        named = {f"{kind}:{pk}": (kind, pk) for kind, pk in wanted} if chosen else {}
        stand_ins = {key: (key[0], chosen[name]) for name, key in named.items() if name in chosen}
        self._read("record_id = ANY(%s)", _by_type([*wanted, *stand_ins.values()]))
        for key, other in stand_ins.items():
            if key not in self._theirs and other in self._theirs:
                self._theirs[key] = self._theirs[other]

    def load_external(self, record_type: RecordType, ids: Iterable[str]) -> None:
        unknown = [(record_type, i) for i in ids if (record_type, i) not in self._ours]
        self._read("external_id = ANY(%s)", _by_type(unknown))

    def resolve(self, record_type: RecordType, record_id: int | None) -> str | None:
        if record_id is None:
            return None
        try:
            return self._theirs[record_type, record_id]
        except KeyError:
            raise Missing(record_type, record_id) from None

    def record_id(self, record_type: RecordType, external_id: str) -> int | None:
        return self._ours.get((record_type, external_id))

    def _read(self, condition: str, wanted: Mapping[RecordType, set[Any]]) -> None:
        if not wanted:
            return
        parts = " OR ".join([f"record_type = %s AND {condition}"] * len(wanted))
        given = [value for kind, ids in wanted.items() for value in (kind.value, list(ids))]
        with database.cursor() as cursor:
            cursor.execute(
                "SELECT record_type, record_id, external_id FROM connectors_link"
                f" WHERE connection_id = %s AND is_finished AND gone_at IS NULL AND ({parts})",
                [self._connection.pk, *given],
            )
            for kind, record_id, external_id in cursor.fetchall():
                record_type = RecordType(kind)
                self._theirs[record_type, record_id] = external_id
                self._ours[record_type, external_id] = record_id


def labels(keys: Iterable[Key]) -> dict[Key, Record]:
    """The records themselves, for what is said about them."""
    return {
        (record_type, record.pk): record
        for record_type, ids in _by_type(keys).items()
        for record in RECORD_MODELS[record_type]._default_manager.filter(pk__in=ids)
    }


def currencies(wanted: Mapping[RecordType, Collection[int]]) -> dict[Key, str]:
    """The currency of each document."""
    found: dict[Key, str] = {}
    for record_type, ids in wanted.items():
        if "currency" in COLUMNS[record_type]:
            manager: Any = RECORD_MODELS[record_type]._default_manager
            rows = manager.filter(pk__in=ids).values_list("pk", "currency")
            found |= {(record_type, pk): currency for pk, currency in rows}
    return found


def _by_type(keys: Iterable[tuple[RecordType, Any]]) -> dict[RecordType, set[Any]]:
    found: dict[RecordType, set[Any]] = defaultdict(set)
    for record_type, key in keys:
        found[record_type].add(key)
    return found


@cache
def _plan(record_type: RecordType) -> Plan:
    """(our column, their field, what it points to) of a record."""
    return [
        (column, field, REFERENCES.get(column)) for column, field in COLUMNS[record_type].items()
    ]


@cache
def _row_plan(record_type: RecordType) -> Plan:
    """The same of its rows; not every type of line has every column."""
    if record_type not in LINE_MODELS:
        return []
    is_payment = record_type is RecordType.PAYMENT
    columns = APPLICATION_COLUMNS if is_payment else LINE_COLUMNS
    there = {field.attname for field in LINE_MODELS[record_type]._meta.concrete_fields}
    return [
        (column, field, REFERENCES.get(column))
        for column, field in columns.items()
        if column in there
    ]


def _values(row: Any, plan: Plan, resolve: Resolve) -> dict[str, Any]:
    return {
        field: resolve(target, getattr(row, column)) if target else getattr(row, column)
        for column, field, target in plan
    }
