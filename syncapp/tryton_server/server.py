"""A prepared database, copied for each server; the server itself, started and stopped."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from syncapp.embedded import launch
from syncapp.tryton_server import install, rpc, sample
from syncapp.tryton_server.install import TrytonError

HOST = "127.0.0.1"
DATABASE = "books"
# Only for servers on loopback with made-up books.
PASSWORD = "syncapp-demo"
MODULES = ("party", "product", "account", "account_product", "account_invoice")
START_SECONDS = 60
# So many prepared databases: of several series, and of what was prepared before.
KEPT = 4


@dataclass
class TrytonServer:
    """A running server: where it is, and who may log in."""

    address: str
    process: subprocess.Popen[bytes]
    database: str = DATABASE
    user: str = rpc.ADMIN
    password: str = PASSWORD

    def client(self) -> rpc.Client:
        client = rpc.Client(self.address, self.database)
        client.log_in(self.password, self.user)
        company = client.find("company.company", [], "id")
        if company:
            client.context["company"] = company[0]["id"]
        return client

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def running(folder: Path, *, port: int = 0) -> Iterator[TrytonServer]:
    """A server on its own copy of the prepared database; books that are in `folder` are kept.
    Raises TrytonError."""
    environment = install.environment()
    books = folder / f"{DATABASE}.sqlite"
    folder.mkdir(parents=True, exist_ok=True)
    if not books.exists():
        copy(prepared(environment), books)
    server = start(environment, folder, port=port)
    try:
        yield server
    finally:
        server.stop()


def prepared(environment: Path) -> Path:
    """The database with a company, a chart of accounts and the rest, made once per key: the pins
    and the code that makes it."""
    code = b"".join(Path(module.__file__ or "").read_bytes() for module in (sample, rpc))
    key = hashlib.sha256(install.pins(environment).encode() + code).hexdigest()[:16]
    found = install.home() / f"prepared-{key}.sqlite"
    with install.alone(install.home()):
        if not found.exists():
            _prepare(environment, found)
    return found


def copy(source: Path, target: Path) -> None:
    """A consistent copy, whatever still stands in the source's write-ahead log."""
    for suffix in ("", "-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as database:
        database.execute("VACUUM INTO ?", [str(target)])


def start(environment: Path, folder: Path, *, port: int = 0) -> TrytonServer:
    """Start it on a port (0: a free one) and wait until it answers. Raises TrytonError."""
    port = port or _free_port()
    configuration = _configured(folder, port)
    log = folder / "trytond.log"
    # It ends with us, also when we are killed.
    launcher = [sys.executable, launch.__file__, os.getpid(), int(signal.SIGTERM), -1, -1]
    command = [*launcher, environment / "bin" / "trytond", "-c", configuration, "-d", DATABASE]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            # Without a worker for them, side jobs (printing invoices) are only noted.
            env=os.environ | {"TRYTOND_QUEUE__WORKER": "True"},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = TrytonServer(f"http://{HOST}:{port}", process)
    deadline = time.monotonic() + START_SECONDS
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            server.stop()
            raise TrytonError(f"Tryton did not start: {log.read_text()[-600:]}")
        time.sleep(0.05)
    return server


def _prepare(environment: Path, target: Path) -> None:
    _tidy(target.parent)
    folder = target.with_suffix(".unfinished")
    folder.mkdir()
    books = folder / f"{DATABASE}.sqlite"
    books.touch()
    _make_database(environment, folder)
    server = start(environment, folder)
    try:
        client = server.client()
        sample.set_up(client)
    finally:
        server.stop()
    finished = folder / "finished.sqlite"
    copy(books, finished)
    finished.replace(target)
    shutil.rmtree(folder)


def _tidy(home: Path) -> None:
    """What a killed preparation left, and the oldest databases: each change of the pins or of the
    code makes another one."""
    for left_over in home.glob("prepared-*.unfinished"):
        shutil.rmtree(left_over)
    by_age = sorted(home.glob("prepared-*.sqlite"), key=lambda path: path.stat().st_mtime)
    for old in by_age[: -(KEPT - 1)]:
        old.unlink()


def _make_database(environment: Path, folder: Path) -> None:
    secret = folder / "password"
    secret.write_text(f"{PASSWORD}\n")
    command = [
        environment / "bin" / "trytond-admin",
        *("-c", _configured(folder, 8000), "-d", DATABASE, "--email", "admin@example.com"),
        *("-u", *MODULES, "--activate-dependencies"),
    ]
    done = subprocess.run(
        [str(word) for word in command],
        env=os.environ | {"TRYTONPASSFILE": str(secret)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise TrytonError(f"Tryton's database could not be made: {done.stderr.strip()[-600:]}")


def _configured(folder: Path, port: int) -> Path:
    path = folder / "trytond.conf"
    path.write_text(
        f"[database]\nuri = sqlite://\npath = {folder}\n[web]\nlisten = {HOST}:{port}\nroot =\n"
    )
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False
