"""`make run`: servers, database, demo, accounting simulator, worker, scheduler and web server."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError, get_commands

from syncapp import embedded
from syncapp.embedded import development, launch, owner, ports, processes
from syncapp.supervisor import Program, ProgramError, Supervisor, stop_requests

# Every process of an installation carries it, so that the next start finds what was left behind.
MARKER = "SYNCAPP_UP"
# How long a new start waits for one that is just stopping.
STOPPING_SECONDS = 60
SWEEP_SECONDS = 10


class Command(BaseCommand):
    help = "Runs the whole application on this machine until Ctrl-C. This is what `make run` does."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--end-with-parent",
            action="store_true",
            help="stop also when the program that started this one (make) is killed",
        )
        parser.add_argument(
            "--tryton",
            action="store_true",
            help="a real Tryton for the demo company's books, in place of the simulator",
        )

    def handle(self, *, end_with_parent: bool, tryton: bool, **options: object) -> None:
        if end_with_parent and sys.platform == "linux":
            ctypes.CDLL(None).prctl(launch.PR_SET_PDEATHSIG, int(signal.SIGTERM))
        try:
            with stop_requests(self.say), alone(settings.DATA_DIR.absolute()) as data_dir:
                self.run(data_dir, with_tryton=tryton)
        except (embedded.EmbeddedServerError, ProgramError) as error:
            raise CommandError(str(error)) from error
        self.say("Everything is stopped.")

    def run(self, data_dir: Path, *, with_tryton: bool) -> None:
        processes.end(
            lambda: processes.with_variable(MARKER, str(data_dir)),
            signal.SIGTERM,
            within=SWEEP_SECONDS,
        )
        refuse_taken_ports()
        with embedded.servers(
            data_dir,
            database_url=os.environ.get("DATABASE_URL", ""),
            redis_url=os.environ.get("REDIS_URL", ""),
        ) as urls:
            development.export({"DATABASE_URL": urls.database_url, "REDIS_URL": urls.redis_url})
            own = development.environment(data_dir)
            development.export(own)
            with (
                Supervisor(
                    folder=settings.BASE_DIR,
                    logs=data_dir / "logs",
                    environment=os.environ | {MARKER: str(data_dir), "PYTHONUNBUFFERED": "1"},
                    say=self.say,
                ) as supervisor,
                announced(data_dir, {name: os.environ[name] for name in own}),
            ):
                for program in programs(data_dir, with_tryton=with_tryton):
                    supervisor.start(program)
                self.say(welcome(with_tryton=with_tryton))
                supervisor.watch(check=lambda: self.revive(urls))

    def revive(self, urls: embedded.Urls) -> None:
        for name in urls.revive():
            self.say(f"{name} ended and was started again; its log is in .data/logs")

    def say(self, text: str) -> None:
        with contextlib.suppress(OSError):  # The terminal may be gone; stopping goes on.
            self.stdout.write(text)
            self.stdout.flush()


def programs(data_dir: Path, *, with_tryton: bool) -> list[Program]:
    """In the order they start; the demo connects to the accounting system."""
    manage = [sys.executable, "manage.py"]
    celery = [sys.executable, "-m", "celery", "-A", "syncapp"]
    worker = ["worker", "--concurrency", "2", "--loglevel", "INFO", "--without-mingle"]
    beat = ["beat", "--loglevel", "INFO", "--schedule", str(data_dir / "beat-schedule")]
    # A control socket would be shared by all checkouts of this user.
    gunicorn = ["--workers", "2", "--threads", "4", "--graceful-timeout", "5"]
    gunicorn += ["--no-control-socket", "--bind", f"{ports.HOST}:{development.web_port()}"]
    connect = ["--tryton", accounting_address()] if with_tryton else []
    demo = [Program("demo", [*manage, "demo", *connect], once=True)]
    return [
        Program("migrate", [*manage, "migrate", "--no-input"], once=True),
        *(tryton(data_dir) if with_tryton else simulator(data_dir)),
        *(demo if "demo" in get_commands() else []),
        Program(
            "worker",
            [*celery, *worker, "--pidfile", ""],
            # Warm: the batch at hand is finished. Then cold: another worker takes the job over.
            stop=((signal.SIGTERM, 15), (signal.SIGQUIT, 3)),
        ),
        Program("beat", [*celery, *beat, "--pidfile", ""]),
        Program(
            "web",
            [sys.executable, "-m", "gunicorn", "syncapp.wsgi:application", *gunicorn],
            port=development.web_port(),
        ),
    ]


def simulator(data_dir: Path) -> list[Program]:
    port = development.simulator_port()
    command = [sys.executable, "-m", "simulators.quickbooks_online", "--port", str(port)]
    books = str(data_dir / "quickbooks_online.sqlite")
    return [Program("simulator", [*command, "--data", books, "--auto-approve"], port=port)]


def tryton(data_dir: Path) -> list[Program]:
    """Installed and prepared first, which takes a minute or two and is kept."""
    port = development.simulator_port()
    command = [sys.executable, "-m", "syncapp.tryton_server", "--port", str(port)]
    return [
        Program("prepare", [*command, "--prepare"], once=True),
        Program("tryton", [*command, "--books", str(data_dir / "tryton-books")], port=port),
    ]


def accounting_address() -> str:
    return f"http://{ports.HOST}:{development.simulator_port()}"


def welcome(*, with_tryton: bool) -> str:
    site = f"http://{ports.HOST}:{development.web_port()}/"
    books = "Tryton (user admin)" if with_tryton else "Accounting simulator"
    log_in = " - log in as demo / demo" if "demo" in get_commands() else ""
    return (
        f"\nSyncapp is running at {site}{log_in}\n"
        f"{books}: {accounting_address()}/\n"
        "Ctrl-C stops everything.\n"
    )


def refuse_taken_ports() -> None:
    for port, variable in (
        (development.web_port(), development.PORT_VARIABLE),
        (development.simulator_port(), development.SIMULATOR_PORT_VARIABLE),
    ):
        if ports.is_taken(port):
            raise ProgramError(
                f"Port {port} is taken. Choose another one: make run {variable}={port + 1}"
            )


@contextlib.contextmanager
def alone(data_dir: Path) -> Iterator[Path]:
    """Only one `make run` per data folder; one that is just stopping is waited for."""
    owner.make_folder(data_dir)
    deadline = time.monotonic() + STOPPING_SECONDS
    while time.monotonic() < deadline:
        with owner.locked(data_dir / development.UP_LOCK) as is_alone:
            if is_alone:
                yield data_dir
                return
        running = development.running_installation(data_dir)
        if running:
            raise ProgramError(f"Syncapp is already running at {running['SYNCAPP_SITE_URL']}/")
        time.sleep(0.2)
    raise ProgramError(f"Another start of Syncapp in {data_dir} does not come to its end.")


@contextlib.contextmanager
def announced(data_dir: Path, variables: dict[str, str]) -> Iterator[None]:
    """Tells other commands of this checkout which environment the running one uses.

    It is taken back before the programs are stopped: a new start then waits for the end.
    """
    file = data_dir / development.UP_FILE
    owner.write_private(file, variables)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)
