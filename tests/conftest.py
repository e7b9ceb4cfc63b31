"""What holds for every test."""

from __future__ import annotations

import pytest
from django.conf import settings


def pytest_configure() -> None:
    """The passwords of tests keep nobody out: hashing one well takes a third of a second."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a real Tryton server can be chosen, or left out: `-m "not tryton"`."""
    for item in items:
        if "tryton" in item.path.parts:
            item.add_marker(pytest.mark.tryton)
