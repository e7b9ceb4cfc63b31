"""Who starts and stops the two servers, and how several commands share one pair."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from syncapp.embedded import postgresql, redis_server
from syncapp.embedded.errors import EmbeddedServerError
from syncapp.embedded.postgresql import PostgreSQL
from syncapp.embedded.redis_server import Redis
from syncapp.embedded.server import Server

# Another command may be making the database, or waiting for its guests.
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Urls:
    """Addresses of a PostgreSQL database and of a Redis database."""

    database_url: str
    redis_url: str
    own: tuple[Server, ...] = field(default=(), compare=False, repr=False)

    def revive(self) -> list[str]:
        """Starts those of our own servers again that have ended, and names them."""
        return [server.name for server in self.own if server.revive()]


@contextlib.contextmanager
def servers(
    data_dir: Path,
    *,
    durable: bool = True,
    database_url: str = "",
    redis_url: str = "",
    wait_for_guests: bool = False,
) -> Iterator[Urls]:
    """Addresses of both servers while the block runs; a given one is used as it is.

    Whoever comes first owns the servers of this data folder and stops them at the end of its
    block, after the guests have gone if it waits for them. Whoever comes later is a guest.
    `durable=False` is faster and may lose the data when the operating system crashes.
    """
    given = Urls(database_url=database_url, redis_url=redis_url)
    if database_url and redis_url:
        yield given
        return
    data_dir = data_dir.absolute()
    make_folder(data_dir)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with locked(data_dir / "owner.lock") as is_owner:
            if is_owner:
                with _owned(data_dir, given, durable=durable, wait=wait_for_guests) as urls:
                    yield urls
                return
        with locked(data_dir / "guests.lock", shared=True) as is_guest:
            found = _found(data_dir, given) if is_guest else None
            if found and not is_free(data_dir / "owner.lock"):  # The owner may just have died.
                yield found
                return
        time.sleep(0.1)
    raise EmbeddedServerError(
        f"Another command is starting or stopping the servers in {data_dir} and does not finish. "
        "End it, or set DATABASE_URL and REDIS_URL."
    )


def running(data_dir: Path) -> Urls | None:
    """What the present owner's run.json says, if its servers answer."""
    return _found(data_dir, Urls(database_url="", redis_url=""))


def sweep(data_dir: Path) -> bool:
    """Ends what a dead owner left running in this folder; false if its owner is alive."""
    with locked(data_dir / "owner.lock") as is_abandoned:
        if is_abandoned:
            redis_server.sweep(data_dir)
            postgresql.sweep(data_dir)
        return is_abandoned


def make_folder(data_dir: Path) -> None:
    """The folder for everything we keep: passwords and business data, so for its owner only."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_private(path: Path, content: Mapping[str, object]) -> None:
    """Replaces a JSON file as a whole; only its owner may read it."""
    making = path.with_name(f"{path.name}.{os.getpid()}")
    making.touch(mode=0o600)
    making.write_text(json.dumps(dict(content), indent=2) + "\n")
    making.replace(path)


def read_private(path: Path) -> dict[str, str]:
    """A file that write_private wrote; empty if there is none."""
    try:
        content: dict[str, str] = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return content


@contextlib.contextmanager
def locked(path: Path, *, shared: bool = False, wait: bool = False) -> Iterator[bool]:
    """Whether the lock could be had; it is held during the block and falls with the process."""
    with path.open("ab") as file:
        path.chmod(0o600)
        how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
        try:
            fcntl.flock(file, how)
        except BlockingIOError:
            yield False
            return
        yield True


def is_free(path: Path) -> bool:
    """Whether nobody holds the lock."""
    with locked(path, shared=True) as is_free:
        return is_free


@contextlib.contextmanager
def _owned(data_dir: Path, given: Urls, *, durable: bool, wait: bool) -> Iterator[Urls]:
    file = data_dir / "run.json"
    file.unlink(missing_ok=True)
    own: dict[str, Server] = {}
    with contextlib.ExitStack() as stack:
        if not given.database_url:
            own["database_url"] = _started(PostgreSQL(data_dir, durable=durable), stack)
        if not given.redis_url:
            own["redis_url"] = _started(Redis(data_dir), stack)
        own_urls = {name: server.url for name, server in own.items()}
        write_private(file, own_urls | {"pid": os.getpid(), "started": _now()})
        stack.enter_context(_goodbye(data_dir, file, wait=wait))
        yield replace(given, own=tuple(own.values()), **own_urls)


def _started(server: Server, stack: contextlib.ExitStack) -> Server:
    server.start()
    stack.callback(server.stop)
    return server


@contextlib.contextmanager
def _goodbye(data_dir: Path, file: Path, *, wait: bool) -> Iterator[None]:
    """Keeps new guests out at the end and waits for those who are in, unless interrupted."""
    try:
        yield
    finally:
        with contextlib.ExitStack() as stack:
            path = data_dir / "guests.lock"
            alone = stack.enter_context(locked(path))
            if not alone and wait:
                sys.stderr.write(
                    "Done. Another command still uses the servers of this one; they are stopped "
                    "when it ends (Ctrl-C stops them now).\n"
                )
                with contextlib.suppress(KeyboardInterrupt):
                    stack.enter_context(locked(path, wait=True))
            file.unlink(missing_ok=True)


def _found(data_dir: Path, given: Urls) -> Urls | None:
    """The running owner's servers, where none is given, if they answer."""
    run = read_private(data_dir / "run.json")
    if not run:
        return None
    wanted = {"database_url": given.database_url, "redis_url": given.redis_url}
    missing = [name for name, url in wanted.items() if not url and name not in run]
    if missing:
        raise EmbeddedServerError(
            f"Process {run['pid']} runs the servers in {data_dir}, but was given a "
            f"{missing[0].upper()} of its own. Set it here too, or end that process."
        )
    urls = Urls(
        database_url=given.database_url or run["database_url"],
        redis_url=given.redis_url or run["redis_url"],
    )
    answers = (given.database_url or postgresql.answers(urls.database_url)) and (
        given.redis_url or redis_server.answers(urls.redis_url)
    )
    return urls if answers else None


def _now() -> str:
    return dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds")
