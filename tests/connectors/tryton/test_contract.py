"""The connector keeps the contract of all connectors."""

from __future__ import annotations

from tests.connectors.contract import Contract


class TestTryton(Contract):
    """Against a real Tryton server, over HTTP."""
