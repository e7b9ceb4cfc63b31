"""Real Celery workers on the test database, as processes of their own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def environment() -> dict[str, str]:
    """What a process needs to work on this test's database, broker and books."""
    url = urlsplit(os.environ["DATABASE_URL"])
    quickbooks = settings.QUICKBOOKS_ONLINE
    return os.environ | {
        "DATABASE_URL": urlunsplit(url._replace(path="/" + connection.settings_dict["NAME"])),
        "REDIS_URL": settings.REDIS_URL,
        "QUICKBOOKS_ONLINE_API_URL": quickbooks["api_url"],
        "QUICKBOOKS_ONLINE_TOKEN_URL": quickbooks["token_url"],
        "QUICKBOOKS_ONLINE_AUTHORIZE_URL": quickbooks["authorize_url"],
        "QUICKBOOKS_ONLINE_CLIENT_ID": quickbooks["client_id"],
        "QUICKBOOKS_ONLINE_CLIENT_SECRET": quickbooks["client_secret"],
        "QUICKBOOKS_ONLINE_RATE_FACTOR": "100",
    }


@contextlib.contextmanager
def running_worker(log: Path, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker with the scheduler inside; stopped with its children at the end."""
    command = [sys.executable, "-m", "celery", "-A", "syncapp", "worker", "--concurrency", "1"]
    beat = ["--beat", "--schedule", str(log.with_suffix(".schedule")), "--loglevel", "INFO"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *beat],
            cwd=ROOT,
            env=environment() | variables,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
