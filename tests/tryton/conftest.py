"""A company of ours whose books are a real Tryton."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from companies.models import Company
from connectors.models import Connection
from jobs.control import open_job
from jobs.foreground import follow
from jobs.models import SyncJob
from syncapp.tryton_server import TrytonServer
from syncapp.tryton_server.rpc import Client
from tests.tryton_books import tryton_or_skip


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TrytonServer]:
    with tryton_or_skip(tmp_path / "tryton") as running:
        yield running


@pytest.fixture
def client(server: TrytonServer) -> Client:
    return server.client()


def connected(
    company: Company, server: TrytonServer, folder: Path, **options: object
) -> Connection:
    """Connects through the command, as an operator would."""
    password = folder / "password"
    password.write_text(server.password + "\n")
    call_command(
        "connect",
        "tryton",
        company=company.name,
        url=server.address,
        database=server.database,
        user=server.user,
        password_file=password,
        json=True,
        **options,
    )
    return Connection.objects.open().get(company=company)


def run_job(connection: Connection) -> SyncJob:
    opened = open_job(connection=connection)
    assert opened.job, opened.refusal
    return follow(opened.job, tell=lambda job: None)
