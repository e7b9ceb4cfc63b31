"""The real PostgreSQL and Redis of one test run, in a folder of its own."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path

from syncapp import embedded

PREFIX = "syncapp-tests-"
# A younger folder may belong to a run that is just starting and has no lock yet.
LEFT_OVER_SECONDS = 60
PORT_VARIABLES = ("SYNCAPP_POSTGRES_PORT", "SYNCAPP_REDIS_PORT")


def start_for_tests() -> embedded.Urls:
    """Addresses of both servers; those the environment names are used as they are.

    They are exported to the environment, where xdist's workers and every process that a test
    starts find them, and stopped when this process ends. Called by conftest.py before Django's
    settings are read, as these read the environment once.
    """
    given = embedded.Urls(
        database_url=os.environ.get("DATABASE_URL", ""),
        redis_url=os.environ.get("REDIS_URL", ""),
    )
    if given.database_url and given.redis_url:
        return given
    for variable in PORT_VARIABLES:  # They are for `make run`, which may run beside the tests.
        os.environ.pop(variable, None)
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    stack = contextlib.ExitStack()
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    urls = stack.enter_context(
        embedded.servers(
            folder, durable=False, database_url=given.database_url, redis_url=given.redis_url
        )
    )
    atexit.register(stack.close)
    os.environ |= {"DATABASE_URL": urls.database_url, "REDIS_URL": urls.redis_url}
    return urls


def _sweep() -> None:
    """Removes what killed test runs left: their servers and their folders."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            status = folder.stat()
            is_old = time.time() - status.st_mtime > LEFT_OVER_SECONDS
            if is_old and status.st_uid == os.geteuid() and embedded.sweep(folder):
                shutil.rmtree(folder, ignore_errors=True)
