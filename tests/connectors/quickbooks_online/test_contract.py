"""The connector keeps the contract of all connectors."""

from __future__ import annotations

from tests.connectors.contract import Contract


class TestQuickBooksOnline(Contract):
    """Against the simulator, over HTTP."""
