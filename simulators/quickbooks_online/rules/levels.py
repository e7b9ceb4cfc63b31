"""Parents and children: the full name of a nested object, and how deep it may lie."""

from __future__ import annotations

from simulators.quickbooks_online.drafts import Draft
from simulators.quickbooks_online.schema import Json


def qualify(draft: Draft, *, deepest: int) -> None:
    """Set FullyQualifiedName ("Parent:Child"); deeper than `deepest` is fault 6180."""
    ancestors = _ancestors(draft, deepest)
    if draft.id and draft.id in (each["Id"] for each in ancestors):
        draft.note("6000", "An object cannot be its own parent", "ParentRef")
        return
    if len(ancestors) >= deepest:
        draft.note("6180", f"At most {deepest} levels can be nested", "ParentRef")
        return
    own = str(draft.body.get(draft.entity.name_field) or "")
    parent = f"{ancestors[0]['FullyQualifiedName']}:" if ancestors else ""
    draft.body["FullyQualifiedName"] = parent + own
    draft.body.pop("Level", None)
    if ancestors and "Level" in draft.entity.fields:
        draft.body["Level"] = len(ancestors)


def _ancestors(draft: Draft, deepest: int) -> list[Json]:
    found: list[Json] = []
    parent = draft.reference("ParentRef")
    while parent and len(found) <= deepest:
        row = draft.rows.find(draft.entity.name, parent)
        if row is None:
            break
        found.append(row.body)
        parent = str((row.body.get("ParentRef") or {}).get("value") or "")
    return found
