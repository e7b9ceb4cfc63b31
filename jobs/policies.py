"""Which side counts when both changed a field: what people chose, else what is the default."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connectors.documents import RecordType
from connectors.interface import Direction
from connectors.models import Connection
from jobs import mapping
from jobs.merge import Policy
from records.models import LINE_MODELS

# Fields whose value a person decides when both sides changed it; in all others ours counts.
ASK = frozenset(
    {"name", "currency", "tax_number", "unit_price", "unit_cost", "amount", "lines", "party"}
)
WORDS: Mapping[Policy, str | Promise] = {
    Policy.ASK: _("Ask a person"),
    Policy.OURS: _("Ours counts"),
    Policy.THEIRS: _("Theirs counts"),
    Policy.NEWEST: _("The newest counts"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """The policy of one field, and which it may have."""

    field: str
    policy: Policy
    default: Policy
    allowed: Sequence[Policy]


def default_of(field: str) -> Policy:
    return Policy.ASK if field in ASK else Policy.OURS


def policies_of(connection: Connection, record_type: RecordType) -> dict[str, Policy]:
    """The policy of each field of this type."""
    chosen = connection.settings.get("policies", {}).get(record_type.value, {})
    return {
        field: Policy(chosen[field]) if chosen.get(field) in set(Policy) else default_of(field)
        for field in fields_of(record_type)
    }


def decided(
    policies: Mapping[str, Policy],
    *,
    ours_at: datetime.datetime,
    theirs_at: datetime.datetime | None,
) -> dict[str, Policy]:
    """The newest is one of the two sides; where nobody knows when theirs was changed, a person is
    asked."""
    newest = Policy.ASK
    if theirs_at is not None:
        newest = Policy.OURS if ours_at > theirs_at else Policy.THEIRS
    return {
        field: newest if policy is Policy.NEWEST else policy for field, policy in policies.items()
    }


def fields_of(record_type: RecordType) -> list[str]:
    """All that both sides could change, in the order of the record's form."""
    fields = list(mapping.COLUMNS[record_type].values())
    if record_type is RecordType.PAYMENT:
        return [*fields, "applications"]
    return [*fields, "lines"] if record_type in LINE_MODELS else fields


def choices(connection: Connection, record_type: RecordType, direction: Direction) -> list[Choice]:
    """What is only exported is never changed here: theirs could not be taken."""
    allowed = list(Policy) if direction.imports else [Policy.ASK, Policy.OURS]
    present = policies_of(connection, record_type)
    return [
        Choice(field, policy if policy in allowed else Policy.ASK, default_of(field), allowed)
        for field, policy in present.items()
    ]
