"""What other apps show on the page of a record, such as its state in accounting.

Records know nothing of accounting. Who does, from a higher layer, adds a panel in its
AppConfig.ready: a function that answers with safe HTML, or with None for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from companies.walls import CompanyRequest
from records.models import Record


@dataclass(frozen=True, slots=True)
class Shown:
    """Safe HTML `above` the form, for what must be seen at once, and `below` it, for the rest."""

    above: str
    below: str


Panel = Callable[[CompanyRequest, Record], Shown | None]

_PANELS: list[Panel] = []


def add_panel(panel: Panel) -> Panel:
    """May be used as a decorator. Adding the same panel again does nothing."""
    if panel not in _PANELS:
        _PANELS.append(panel)
    return panel


def panels_of(request: CompanyRequest, record: Record) -> list[Shown]:
    return [shown for panel in _PANELS if (shown := panel(request, record))]
