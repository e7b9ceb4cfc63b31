"""A real Tryton for tests: a server with a fresh copy of the prepared books."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncapp.tryton_server import TrytonServer, Unavailable, running


@contextlib.contextmanager
def tryton_or_skip(folder: Path) -> Iterator[TrytonServer]:
    """Installed and prepared on first use, which is kept in .data/tryton. Where it cannot be
    installed the test is skipped and says why; anything else that fails is a failure."""
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(running(folder))
        except Unavailable as reason:
            pytest.skip(f"Tryton cannot be installed here: {reason}")
        yield server
