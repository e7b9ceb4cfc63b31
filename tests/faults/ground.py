"""The ground a history stands on: PostgreSQL, Redis, books and workers of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import redis

from syncapp import embedded
from syncapp.embedded import processes
from tests.servers import LEFT_OVER_SECONDS, PORT_VARIABLES

PREFIX = "syncapp-faults-"
# The same code as in production, with its times shortened to about a second.
HURRIED = {
    "SYNCAPP_LEASE_SECONDS": "1.5",
    "SYNCAPP_HEARTBEAT_SECONDS": "0.3",
    "SYNCAPP_SLICE_SECONDS": "2",
    "SYNCAPP_PROVIDER_TIMEOUT_SECONDS": "1",
    "SYNCAPP_BEAT_SECONDS": "1",
}
UNHURRIED = {"SYNCAPP_BEAT_SECONDS": "30"}


@dataclass
class Ground:
    """What a history may break."""

    folder: Path
    urls: embedded.Urls

    def flush_redis(self) -> None:
        with redis.Redis.from_url(self.urls.redis_url) as client:
            client.flushall()

    def restart_postgres(self) -> None:
        """At once, as when it is killed: every connection breaks, and what was not committed."""
        server = self.urls.own[0]
        processes.stop(server.process, (signal.SIGQUIT, 10))
        self.urls.revive()


@contextlib.contextmanager
def prepared(variables: Mapping[str, str]) -> Iterator[Ground]:
    """Servers in a temporary folder, and Django made ready for this process to use them."""
    for variable in PORT_VARIABLES:
        os.environ.pop(variable, None)
    _sweep()
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with embedded.servers(folder, durable=False) as urls:
            os.environ.update(variables)
            os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = urls.database_url, urls.redis_url
            os.environ["DJANGO_SETTINGS_MODULE"] = "syncapp.settings"
            _set_up()
            yield Ground(folder, urls)


def _sweep() -> None:
    """Removes what killed runs left: their servers and their folders."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            is_old = time.time() - folder.stat().st_mtime > LEFT_OVER_SECONDS
            if is_old and embedded.sweep(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _set_up() -> None:
    sys.path.append(str(Path(__file__).resolve().parents[2] / "queue"))
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
