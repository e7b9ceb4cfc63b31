"""What holds for every test."""

from __future__ import annotations

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a real Tryton server takes minutes: `make test-tryton` runs it."""
    for item in items:
        if "tryton" in item.path.parts:
            item.add_marker(pytest.mark.tryton)
