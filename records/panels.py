"""What other apps show on the page of a record, such as its state in accounting.

Records know nothing of accounting. Who does, from a higher layer, adds a panel in its
AppConfig.ready: a function that answers with safe HTML, or with "" for nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from companies.walls import CompanyRequest
from records.models import Record

Panel = Callable[[CompanyRequest, Record], str]

_PANELS: list[Panel] = []


def add_panel(panel: Panel) -> Panel:
    """May be used as a decorator. Adding the same panel again does nothing."""
    if panel not in _PANELS:
        _PANELS.append(panel)
    return panel


def panels_of(request: CompanyRequest, record: Record) -> list[str]:
    return [html for panel in _PANELS if (html := panel(request, record))]
