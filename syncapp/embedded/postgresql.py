"""PostgreSQL from the wheel: its data folder, its one role and database, its start and stop."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg2

from syncapp.embedded import binaries, ports, processes
from syncapp.embedded.errors import EmbeddedServerError
from syncapp.embedded.processes import Account
from syncapp.embedded.server import Server

NAME = "syncapp"
FOLDER = "postgres"
UNFINISHED = "postgres.unfinished"

# Every program is run inside the data folder and told that the data is "where you are": the
# unprivileged user that root's server runs as needs no way through the folders above. (Only the
# kernel's own link to that folder does this; "." is made a path again, good enough for the others.)
DATA = "/proc/self/cwd" if sys.platform == "linux" else "."

SETTINGS = {
    "listen_addresses": ports.HOST,
    "unix_socket_directories": "",
    "cluster_name": NAME,
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
# A test's data is thrown away: only the operating system's crash could lose it.
FORGETFUL = {"fsync": "off", "full_page_writes": "off"}

# The role is no superuser, as in production; nobody else can log in, and nobody without password.
ACCESS = f"host all {NAME} {ports.HOST}/32 scram-sha-256\n"


class PostgreSQL(Server):
    """PostgreSQL with its data in `data_dir`/postgres, which is made if there is none."""

    name = "PostgreSQL"
    port_variable = "SYNCAPP_POSTGRES_PORT"
    # A fast shutdown, then an immediate one, which the next start repairs.
    stop_steps = ((signal.SIGINT, 20), (signal.SIGQUIT, 5))

    def __init__(self, data_dir: Path, *, durable: bool) -> None:
        super().__init__(data_dir)
        self.folder = data_dir / FOLDER
        self.account = _account(self.folder)
        self.version = binaries.postgres_version()
        self.programs = binaries.postgres_programs(self.account)
        self.durable = durable
        self.password = secrets.token_urlsafe(24)
        self.sweep()
        self._prepare()
        self._admit()

    @property
    def url(self) -> str:
        return f"postgresql://{NAME}:{self.password}@{ports.HOST}:{self.port}/{NAME}"

    def answers(self) -> bool:
        return answers(self.url)

    def sweep(self) -> None:
        sweep(self.data_dir)

    def spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return processes.spawn(
                [self.programs / "postgres", *self._options(), "-c", f"port={self.port}"],
                folder=self.folder,
                output=log,
                environment=_environment(),
                account=self.account,
                death_signal=signal.SIGINT,
            )

    def _prepare(self) -> None:
        """Sees to a data folder of the right version; a new one is there whole or not at all."""
        marker = self.folder / "PG_VERSION"
        if marker.exists():
            found = marker.read_text().strip()
            if found != self.version:
                raise EmbeddedServerError(
                    f"The data in {self.folder} is PostgreSQL {found}'s, not {self.version}'s. "
                    f"Set PGSERVER_POSTGRES_VERSION={found} or move the folder away."
                )
            return
        unfinished = self.data_dir / UNFINISHED
        unfinished.mkdir(mode=0o700)
        if self.account:
            os.chown(unfinished, self.account.uid, self.account.gid)
        self._initialize(unfinished)
        if self.folder.exists():  # rmdir refuses a folder that holds anything.
            self.folder.rmdir()
        unfinished.rename(self.folder)

    def _initialize(self, folder: Path) -> None:
        # Text is compared by code point and folded as Unicode says, the same on every system.
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if self.version == "16":
            locale = ["--locale=C.UTF-8"]
        sync = [] if self.durable else ["--no-sync"]
        options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", *locale, *sync]
        self._execute("initdb", "-D", DATA, *options, folder=folder)
        self._sql(
            f"CREATE ROLE {NAME} LOGIN CREATEDB",
            f"CREATE DATABASE {NAME} OWNER {NAME}",
            folder=folder,
        )

    def _admit(self) -> None:
        """Gives the role this start's password, before anybody can connect."""
        (self.folder / "pg_hba.conf").write_text(ACCESS)
        self._sql(f"ALTER ROLE {NAME} PASSWORD '{self.password}'", folder=self.folder)

    def _sql(self, *statements: str, folder: Path) -> None:
        """Executes statements in a server without network, which ends afterwards."""
        sql = "".join(f"{statement}\n" for statement in statements)
        single = ["--single", *self._options(), "postgres"]
        self._execute("postgres", *single, folder=folder, sql=sql)

    def _execute(self, program: str, *options: str, folder: Path, sql: str = "") -> None:
        command = processes.launched(
            [self.programs / program, *options],
            account=self.account,
            death_signal=signal.SIGQUIT,
        )
        ran = subprocess.run(
            command,
            cwd=folder,
            env=_environment(),
            input=sql,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode != 0 or "ERROR: " in ran.stderr:
            said = (ran.stderr or ran.stdout).strip()[-2000:]
            raise EmbeddedServerError(f"PostgreSQL's {program} failed in {folder}:\n{said}")

    def _options(self) -> list[str]:
        settings = SETTINGS if self.durable else SETTINGS | FORGETFUL
        pairs = [f"{name}={value}" for name, value in settings.items()]
        return ["-D", DATA, *(word for pair in pairs for word in ("-c", pair))]


def answers(url: str) -> bool:
    """Whether a server accepts a connection there."""
    try:
        psycopg2.connect(url, connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True


def sweep(data_dir: Path) -> None:
    """Ends what a dead owner left running in the data folder, and removes its pid file.

    The caller holds the owner's lock, so nothing that runs here can be anybody's server. The pid
    file must go: its number may be another process's by now, and PostgreSQL would refuse to start.
    """
    folder, unfinished = data_dir / FOLDER, data_dir / UNFINISHED
    processes.end(lambda: processes.in_folder(unfinished), signal.SIGKILL, within=5)
    processes.end(lambda: processes.in_folder(folder, "postgres"), signal.SIGINT, within=10)
    (folder / "postmaster.pid").unlink(missing_ok=True)
    if unfinished.exists():
        shutil.rmtree(unfinished)


def _environment() -> dict[str, str]:
    """Nothing of ours: PGDATA, PGPORT or a locale would change what the programs do."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _account(folder: Path) -> Account | None:
    """Who runs the server: we do, but for root, whom PostgreSQL refuses, the data's owner."""
    if os.geteuid() != 0:
        return None
    if folder.exists() and (status := folder.stat()).st_uid != 0:
        return Account(uid=status.st_uid, gid=status.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedServerError(
            "PostgreSQL does not run as root, and this machine has no user nobody. "
            "Run this as an ordinary user, or set DATABASE_URL."
        ) from None
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid)
