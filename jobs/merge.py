"""Agreed, ours, theirs: what to do, field by field. Pure.

All documents are plain JSON as made by `connectors.documents.to_json`. A link keeps two snapshots
of the last agreement, because providers cut, transliterate and normalize what they are given:
ours changed when ours differs from *our* snapshot, theirs when theirs differs from *theirs*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Snapshot = Mapping[str, Any]


class Policy(StrEnum):
    """Which side counts when both changed a field to different values."""

    OURS = "ours"
    THEIRS = "theirs"
    # Becomes one of the other three before two documents are merged: see policies.py.
    NEWEST = "newest"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Merge:
    """`take`: fields that get their value here; `send`: fields that ours must send;
    `conflicts`: fields that a person decides."""

    take: dict[str, Any] = field(default_factory=dict)
    send: frozenset[str] = frozenset()
    conflicts: frozenset[str] = frozenset()


def changed_fields(snapshot: Snapshot, present: Snapshot) -> frozenset[str]:
    """The fields of `present` that differ from the snapshot; fields it never had count as equal
    when they are empty, so that a new version of the product sends nothing."""
    return frozenset(
        name
        for name, value in present.items()
        if value != snapshot.get(name) and (name in snapshot or value not in ("", None, [], False))
    )


def merge(
    *,
    agreed_ours: Snapshot,
    agreed_theirs: Snapshot,
    ours: Snapshot,
    theirs: Snapshot,
    policies: Mapping[str, Policy] | None = None,
    default: Policy = Policy.ASK,
) -> Merge:
    """Only one side changed a field: take it. Both to the same value: fine. Both differently: the
    policy of the field decides."""
    policies = policies or {}
    here = changed_fields(agreed_ours, ours)
    there = changed_fields(agreed_theirs, theirs)
    take: dict[str, Any] = {name: theirs[name] for name in there - here}
    send = set(here - there)
    conflicts = set()
    for name in here & there:
        if ours.get(name) == theirs.get(name):
            continue
        policy = policies.get(name, default)
        if policy is Policy.THEIRS:
            take[name] = theirs[name]
        elif policy is Policy.OURS:
            send.add(name)
        else:
            conflicts.add(name)
    return Merge(take=take, send=frozenset(send), conflicts=frozenset(conflicts))
