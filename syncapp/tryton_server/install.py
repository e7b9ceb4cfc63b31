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
STAMP = "installed.txt"


class Unavailable(Exception):
    """Tryton cannot be installed or prepared here; the text says why."""


def home() -> Path:
    """Where the environment and the prepared database are kept between runs."""
    return Path(os.environ.get("SYNCAPP_TRYTON_DIR") or ROOT / ".data" / "tryton").absolute()


def environment() -> Path:
    """The folder of the virtual environment, with Tryton installed. Raises Unavailable."""
    given = os.environ.get(VENV_VARIABLE, "")
    if given:
        if not (Path(given) / "bin" / "trytond-admin").exists():
            raise Unavailable(
                f"{VENV_VARIABLE} is {given}, but there is no bin/trytond-admin in it."
            )
        return Path(given)
    folder = home() / "venv"
    with alone(home()):
        if not _is_current(folder):
            _install(folder)
    return folder


def pins(folder: Path) -> str:
    """The exact versions installed there: a part of the prepared database's key."""
    listed = _run([folder / "bin" / "python", "-m", "pip", "freeze"])
    return "\n".join(sorted(line for line in listed.splitlines() if "==" in line))


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
    return f"{sys.version}\n{REQUIREMENTS.read_text()}"


def _install(folder: Path) -> None:
    venv.create(folder, clear=True, with_pip=True)
    pip: list[Path | str] = [folder / "bin" / "python", "-m", "pip", "install", "--quiet"]
    _run([*pip, "--disable-pip-version-check", "-r", REQUIREMENTS])
    (folder / STAMP).write_text(_wanted())


def _run(command: list[Path | str]) -> str:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode:
        raise Unavailable(f"{command[0]} failed: {done.stderr.strip()[-600:]}")
    return done.stdout
