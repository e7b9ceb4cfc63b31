"""Classes and departments: what documents and lines are sorted by."""

from __future__ import annotations

from simulators.quickbooks_online.entities.blocks import COMMON
from simulators.quickbooks_online.entities.unmodelled import unmodelled
from simulators.quickbooks_online.rules.lists import prepare_dimension
from simulators.quickbooks_online.schema import (
    Entity,
    Fields,
    boolean,
    computed,
    reference,
    text,
)


def _dimension(name: str, family: str) -> Entity:
    return Entity(
        name=name,
        family=family,
        fields=Fields(
            *COMMON,
            text("Name", 100, forbidden=":"),
            boolean("Active"),
            boolean(f"Sub{name}"),
            reference("ParentRef", name),
            *computed("FullyQualifiedName"),
            *unmodelled(name),
        ),
        required=("Name",),
        name_field="Name",
        name_shared_with=(name,),
        party_field="ParentRef",
        prepare=prepare_dimension,
    )


CLASS = _dimension("Class", "Classes")
DEPARTMENT = _dimension("Department", "Departments")
