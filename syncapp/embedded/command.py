"""What manage.py does around a command: it sees to the servers and keys the command needs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from syncapp import environment
from syncapp.embedded import development
from syncapp.embedded.owner import servers

# Commands that use neither server; `up` starts them itself.
WITHOUT_SERVERS = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "startapp",
    "startproject",
    "up",
    "version",
}
HELP = {"-h", "--help", "--version"}


@contextlib.contextmanager
def servers_for(arguments: Sequence[str], *, base_dir: Path) -> Iterator[None]:
    """Runs a command of manage.py (`arguments` without the program) with servers that answer.

    Their addresses are exported to the environment, so Django's settings must not be read before.
    A development installation's keys come with them, or from the `make run` that is running.
    """
    if not needs_servers(arguments) or environment.flag("SYNCAPP_PRODUCTION", False):
        yield
        return
    data_dir = development.data_dir(base_dir)
    given = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
    with servers(
        data_dir,
        database_url=given["DATABASE_URL"],
        redis_url=given["REDIS_URL"],
        wait_for_guests=True,
    ) as urls:
        development.export({"DATABASE_URL": urls.database_url, "REDIS_URL": urls.redis_url})
        development.export(development.running_installation(data_dir))
        if not all(given.values()):
            development.export(development.environment(data_dir))
        yield


def needs_servers(arguments: Sequence[str]) -> bool:
    if not arguments or HELP.intersection(arguments):
        return False
    return arguments[0] not in WITHOUT_SERVERS or "--database" in arguments
