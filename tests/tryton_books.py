"""A real Tryton for tests: a server with a fresh copy of the prepared books."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from syncapp.tryton_server import TrytonServer, Unavailable, install, running


@contextlib.contextmanager
def tryton_or_skip(folder: Path) -> Iterator[TrytonServer]:
    """Installed and prepared on first use, which is kept in .data/tryton. Where it cannot be
    installed the test is skipped and says why; anything else that fails is a failure."""
    if why := _why_not():
        pytest.skip(f"Tryton cannot be installed here: {why}")
    with running(folder) as server:
        yield server


@cache
def _why_not() -> str:
    """ "" if it is installed, now or since long; else the reason, found out once per process."""
    try:
        install.environment()
    except Unavailable as reason:
        return str(reason)
    return ""
