"""Employees: not synchronized, but customers and vendors share one list of names with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.interface import Steps
from connectors.quickbooks_online import query
from connectors.quickbooks_online.config import Config


def other_names(config: Config) -> Steps[Mapping[str, Sequence[str]]]:
    """The names that are taken by employees, inactive ones too."""
    rows = yield from query.ask_all(
        "Employee", config, where=["Active IN (true, false)"], summary="Employee: names"
    )
    return {"employee": [str(row.get("DisplayName", "")) for row in rows]}
