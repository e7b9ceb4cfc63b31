"""The file that holds the books: one writer at a time, on disk before it answers."""

from __future__ import annotations

import fcntl
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from simulators.quickbooks_online.clock import Clock
from simulators.quickbooks_online.rows import Changed, Rows

TABLES = Path(__file__).with_name("tables.sql").read_text(encoding="utf-8")


class FileInUse(Exception):
    """Another simulator has these books open."""


class Store:
    """SQLite in WAL mode with synchronous=FULL: a commit survives kill -9 and power."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._guard = _locked(path)
        self._writer = self._connect()
        self._writer.execute("PRAGMA journal_mode = WAL")
        self._writer.executescript(TABLES)
        self._lock = threading.Lock()
        self._readers: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self.clock = Clock(self._latest_stamp())
        # Called with what a transaction changed, in the order of commits.
        self.on_commit: Callable[[Sequence[Changed]], None] | None = None

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=30)
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA cache_size = -65536")
        return db

    def _latest_stamp(self) -> int:
        row = self._writer.execute("SELECT max(updated) FROM objects").fetchone()
        return int(row[0] or 0)

    @contextmanager
    def writing(self) -> Iterator[Rows]:
        """The one open transaction; committed at the end, or wholly undone."""
        with self._lock:
            self._writer.execute("BEGIN IMMEDIATE")
            rows = Rows(self._writer, self.clock)
            try:
                yield rows
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
            if rows.changes and self.on_commit:
                self.on_commit(rows.changes)

    @contextmanager
    def reading(self) -> Iterator[Rows]:
        """A snapshot of what is committed; never waits for the writer."""
        try:
            db = self._readers.get_nowait()
        except queue.Empty:
            db = self._connect()
        db.execute("BEGIN")
        try:
            yield Rows(db, self.clock)
        finally:
            db.execute("ROLLBACK")
            self._readers.put(db)

    def close(self) -> None:
        """Wait for the open transaction, then close the file."""
        with self._lock:
            self._writer.close()
            self._guard.close()


def _locked(path: Path) -> _Guard:
    """Two simulators on one file would each believe their own clock and counters."""
    guard = _Guard(path.with_name(path.name + ".lock"))
    try:
        fcntl.flock(guard.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        guard.close()
        raise FileInUse("another simulator has them open") from error
    return guard


class _Guard:
    """The lock file, held as long as it is open."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("w")

    def close(self) -> None:
        self.file.close()
