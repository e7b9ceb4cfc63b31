"""Redis from the wheel: nothing on disk, a password, its start and stop."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
from pathlib import Path

import redis

from syncapp.embedded import binaries, ports, processes
from syncapp.embedded.server import Server

FOLDER = "redis"


class Redis(Server):
    """Redis with the working folder `data_dir`/redis. What it holds is gone when it is stopped."""

    name = "Redis"
    port_variable = "SYNCAPP_REDIS_PORT"
    stop_steps = ((signal.SIGTERM, 5),)

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        self.folder = data_dir / FOLDER
        self.folder.mkdir(exist_ok=True)
        self.password = secrets.token_urlsafe(24)
        self.sweep()

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{ports.HOST}:{self.port}/0"

    def answers(self) -> bool:
        return answers(self.url)

    def sweep(self) -> None:
        sweep(self.data_dir)

    def spawn(self) -> subprocess.Popen[bytes]:
        """The settings go in by standard input: a command line is for all users of the machine."""
        settings = [
            f"bind {ports.HOST}",
            f"port {self.port}",
            f"requirepass {self.password}",
            "appendonly no",
            'save ""',
        ]
        with self.log.open("ab") as log:
            return processes.spawn(
                [binaries.redis_server(), "-"],
                folder=self.folder,
                output=log,
                environment={"PATH": os.defpath, "LC_ALL": "C"},
                send="\n".join(settings).encode(),
            )


def answers(url: str) -> bool:
    """Whether a server accepts a connection there."""
    with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def sweep(data_dir: Path) -> None:
    """Ends what a dead owner left running. The caller holds the owner's lock."""
    folder = data_dir / FOLDER
    processes.end(lambda: processes.in_folder(folder, "redis-server"), signal.SIGTERM, within=5)
