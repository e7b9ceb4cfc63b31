"""A real Tryton for tests: one server per session, on a copy of the prepared database."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncapp.tryton_server import TrytonServer, Unavailable, running


@contextlib.contextmanager
def tryton_or_skip(folder: Path) -> Iterator[TrytonServer]:
    """Skips, and says why, where Tryton cannot be installed."""
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(running(folder))
        except Unavailable as reason:
            pytest.skip(f"Tryton is not available here: {reason}")
        yield server
