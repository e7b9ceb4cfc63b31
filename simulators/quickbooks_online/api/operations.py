"""One operation on one object, as its own request or as an item of a batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulators.quickbooks_online import writing
from simulators.quickbooks_online.jsontext import Raw
from simulators.quickbooks_online.refusal import (
    not_found,
    operation_unsupported,
    refuse,
)
from simulators.quickbooks_online.rows import DELETED, Rows, shown
from simulators.quickbooks_online.schema import Entity, Json


@dataclass(frozen=True)
class Options:
    """What an address or a batch item says besides the object."""

    operation: str = ""
    is_void: bool = False
    allows_duplicate_numbers: bool = False

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Options:
        include = query.get("include", "").lower().split(",")
        return cls(
            operation=query.get("operation", "").lower(),
            is_void="void" in include,
            allows_duplicate_numbers="allowduplicatedocnum" in include,
        )


def read(rows: Rows, entity: Entity, id_: str) -> Raw:
    """The object as it is now; one that is deleted or never was is fault 610."""
    if not id_:
        raise operation_unsupported(f"read of {entity.name} without an id")
    if not (id_.isdigit() or id_ in ("TAX", "NON")):
        raise refuse("2030", f"Invalid ID. Supplied value:{id_}", "Id")
    row = rows.db.execute(
        "SELECT open_cents, body FROM objects WHERE type = ? AND id = ? AND state <> ?",
        (entity.name, id_, DELETED),
    ).fetchone()
    if row is None:
        raise not_found()
    return shown(entity.name, row[0], row[1])


def write(rows: Rows, entity: Entity, sent: Json, options: Options, request_id: str) -> Json:
    """Carry out the operation; the answer holds the object under its name."""
    change = writing.Change(
        rows,
        request_id=request_id,
        allows_duplicate_numbers=options.allows_duplicate_numbers,
    )
    if options.operation == "delete":
        return {entity.name: writing.delete(change, entity, sent)}
    if _is_void(entity, options):
        stored = writing.void(change, entity, sent)
    elif options.operation in ("", "create", "update"):
        _check_operation(options, sent)
        stored = writing.save(change, entity, sent)
    else:
        raise operation_unsupported(options.operation)
    return {entity.name: shown(entity.name, stored.open_cents, stored.text)}


def _is_void(entity: Entity, options: Options) -> bool:
    """operation=void for an invoice, operation=update&include=void for a payment."""
    if options.operation == "void" and entity.void_is_update:
        raise operation_unsupported(f"void of {entity.name}")
    return options.operation == "void" or (options.operation == "update" and options.is_void)


def _check_operation(options: Options, sent: Json) -> None:
    if options.operation == "update" and not sent.get("Id"):
        raise refuse("2020", "Required parameter Id is missing in the request", "Id")
    if options.operation == "create" and sent.get("Id"):
        raise refuse("2010", "Property Name:Id is not supported by create", "Id")
