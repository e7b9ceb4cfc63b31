"""What the Sync Jobs tell the pages of the queue: what differs, and what was sent before.

The queue knows nothing of mappings and journals. Who does, from a higher layer, says so here in
its AppConfig.ready.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from companies.walls import CompanyRequest
from syncqueue.models import SyncQueueItem


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a record that differs from what both sides last agreed on, in people's words;
    "" where there is nothing."""

    field: str
    old: str
    new: str


# By item id; an item is left out when nobody can say (never agreed, deleted).
Explainer = Callable[[Sequence[SyncQueueItem]], Mapping[int, Sequence[Change]]]
Panel = Callable[[CompanyRequest, SyncQueueItem], str]

_EXPLAINERS: list[Explainer] = []
_PANELS: list[Panel] = []


def add_explainer(explainer: Explainer) -> None:
    """`explainer` says what differs for many items at once; adding it again does nothing."""
    if explainer not in _EXPLAINERS:
        _EXPLAINERS.append(explainer)


def add_panel(panel: Panel) -> None:
    """`panel` answers with safe HTML for the page of an item, or with "" for nothing."""
    if panel not in _PANELS:
        _PANELS.append(panel)


def changes_of(items: Sequence[SyncQueueItem]) -> dict[int, Sequence[Change]]:
    found: dict[int, Sequence[Change]] = {}
    for explainer in _EXPLAINERS:
        found |= explainer(items)
    return found


def panels_of(request: CompanyRequest, item: SyncQueueItem) -> list[str]:
    return [html for panel in _PANELS if (html := panel(request, item))]
