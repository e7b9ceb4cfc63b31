"""Tryton's own virtual environment, made once and again when its requirements change."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
REQUIREMENTS = ROOT / "requirements-tryton.txt"
# A folder with an installed Tryton (its bin/trytond-admin), instead of one that we install.
VENV_VARIABLE = "SYNCAPP_TRYTON_VENV"
# Another series than the one that the requirements name: 7.0, 8.2.
SERIES_VARIABLE = "SYNCAPP_TRYTON_SERIES"
SERIES = "8.0"
STAMP = "installed.txt"
INSTALL_SECONDS = 600


class TrytonError(Exception):
    """Tryton does not do what it should; the text says what happened."""


class Unavailable(TrytonError):
    """Tryton cannot be installed here; the text says why."""


def home() -> Path:
    """Where the environments and the prepared databases are kept between runs."""
    return Path(os.environ.get("SYNCAPP_TRYTON_DIR") or ROOT / ".data" / "tryton").absolute()


def series() -> str:
    return os.environ.get(SERIES_VARIABLE) or SERIES


def environment() -> Path:
    """The folder of the virtual environment, with Tryton installed. Raises TrytonError."""
    given = os.environ.get(VENV_VARIABLE, "")
    if given:
        if not (Path(given) / "bin" / "trytond-admin").exists():
            raise TrytonError(
                f"{VENV_VARIABLE} is {given}, but there is no bin/trytond-admin in it."
            )
        return Path(given)
    folder = home() / f"venv-{series()}"
    with alone(home()):
        if not _is_current(folder):
            _install(folder)
    return folder


def pins(environment: Path) -> str:
    """The exact versions installed there: a part of the prepared database's key."""
    packages = environment.glob("lib/python*/site-packages/*.dist-info")
    return "\n".join(sorted(package.name for package in packages))


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One process at a time prepares; the others wait and find it done."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_current(folder: Path) -> bool:
    stamp = folder / STAMP
    return stamp.exists() and stamp.read_text() == _wanted()


def _wanted() -> str:
    return f"{sys.version}\n{requirements()}"


def requirements() -> str:
    """What pip is told to install, of the series that is asked for."""
    return REQUIREMENTS.read_text().replace(f"~={SERIES}.0", f"~={series()}.0")


def _install(folder: Path) -> None:
    try:
        venv.create(folder, clear=True, with_pip=True)
        wanted = folder / "requirements.txt"
        wanted.write_text(requirements())
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run(
            [*pip, "--disable-pip-version-check", "-r", str(wanted)],
            capture_output=True,
            text=True,
            check=True,
            timeout=INSTALL_SECONDS,
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = str(getattr(error, "stderr", "") or error).strip()
        raise Unavailable(said[-600:]) from error
    (folder / STAMP).write_text(_wanted())
