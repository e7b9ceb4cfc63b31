"""Which properties a query can use, and where the books keep them."""

from __future__ import annotations

from dataclasses import dataclass

from simulators.quickbooks_online import clock
from simulators.quickbooks_online.refusal import Refusal, refuse
from simulators.quickbooks_online.schema import Entity, Field, Kind

TOTALS = ("TotalAmt", "UnappliedAmt", "RemainingCredit")


@dataclass(frozen=True)
class Column:
    """An SQL expression, and how a literal becomes comparable with it."""

    name: str
    sql: str
    kind: str = "text"
    sort_sql: str = ""

    @property
    def is_id(self) -> bool:
        return self.kind == "id"

    @property
    def is_text(self) -> bool:
        return self.kind == "text"

    @property
    def sort(self) -> str:
        return self.sort_sql or self.sql

    def value(self, literal: str) -> object:
        """The literal as the column's kind; 4001 if it is none."""
        try:
            if self.kind == "number":
                return float(literal)
            if self.kind == "moment":
                return clock.parsed(literal)
        except ValueError:
            detail = f"QueryValidationError: value {literal} does not fit {self.name}"
            raise refuse("4001", detail) from None
        if self.kind == "state":
            return 0 if literal.lower() == "true" else 1
        if self.kind == "boolean":
            return int(literal.lower() == "true")
        return literal if self.kind in ("id", "exact") else literal.casefold()


_FIXED = {
    "id": Column("Id", "id", "id", "rowid"),
    "active": Column("Active", "state", "state"),
    "metadata.createtime": Column("MetaData.CreateTime", "created", "moment"),
    "metadata.lastupdatedtime": Column("MetaData.LastUpdatedTime", "updated", "moment"),
}
_KINDS = {Kind.NUMBER: "number", Kind.INTEGER: "number", Kind.BOOLEAN: "boolean"}


def column_of(entity: Entity, name: str) -> Column:
    """The column behind a property; 4001 if there is none, or none that can be asked."""
    lowered = name.lower()
    if lowered in _FIXED:
        return _FIXED[lowered]
    if lowered == "balance" and (entity.sign or entity.has_live_balance):
        return Column(name, "open_cents / 100.0", "number")
    indexed = _indexed(entity, lowered)
    if indexed:
        return indexed
    field = next((each for each in entity.fields.values() if each.name.lower() == lowered), None)
    if field is None:
        detail = f"QueryValidationError: Property {name} not found for Entity {entity.name}"
        raise refuse("4001", detail)
    return _extracted(field)


def _indexed(entity: Entity, lowered: str) -> Column | None:
    if lowered == "txndate" and entity.is_transaction:
        return Column("TxnDate", "txn_date", "exact")
    for field, sql, kind in (
        (entity.name_field, "name_key", "text"),
        (entity.number_field, "number_key", "text"),
        (entity.party_field, "party", "id"),
    ):
        if field and lowered == field.lower():
            return Column(field, sql, kind)
    return None


def _extracted(field: Field) -> Column:
    name = field.name
    if field.parts is not None and "Address" in field.parts:
        path, kind = f"{name}.Address", "text"
    elif field.kind is Kind.REFERENCE:
        return Column(name, f"json_extract(body, '$.{name}.value')", "id")
    elif name in TOTALS:
        path, kind = name, "number"
    elif (field.kind is Kind.COMPUTED and name != "FullyQualifiedName") or not field.is_queryable:
        raise _not_queryable(name)
    else:
        path, kind = name, _KINDS.get(field.kind, "text")
    sql = f"json_extract(body, '$.{path}')"
    return Column(name, f"lower({sql})" if kind == "text" else sql, kind)


def _not_queryable(name: str) -> Refusal:
    detail = f"QueryValidationError: property '{name}' is not queryable"
    return refuse("4001", detail)
