"""`python -m syncapp.tryton_server`: a real Tryton on this machine until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from syncapp.tryton_server import TrytonError, install, running, server

PORT = 8101


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--books", type=Path, help="the folder that keeps its database")
    parser.add_argument("--prepare", action="store_true", help="install and prepare it only")
    options = parser.parse_args()
    try:
        if options.prepare:
            server.prepared(install.environment())
        else:
            run(options.books or install.home() / "books", options.port)
    except TrytonError as reason:
        sys.exit(f"Tryton cannot run here: {reason}")


def run(books: Path, port: int) -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    say(f"Preparing Tryton in {install.home()} (a minute or two the first time) ...")
    with running(books, port=port) as tryton:
        password = books / "password"
        password.touch(mode=0o600)
        password.write_text(f"{tryton.password}\n")
        say(
            f"Tryton is running at {tryton.address}/ - user {tryton.user}\n"
            "Connect a company that has no other books with it:\n"
            f'  .venv/bin/python manage.py connect tryton --company "NAME" '
            f"--url {tryton.address} --database {tryton.database} "
            f"--user {tryton.user} --password-file {password} --accept-exact --initial-load\n"
            "Ctrl-C stops it."
        )
        while tryton.process.poll() is None and not stop.wait(0.5):
            pass


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
