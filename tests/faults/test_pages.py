"""An import of several pages whose process is killed again and again."""

from __future__ import annotations

import json
import signal

import pytest
import urllib3

from connectors.models import Connection, Cursor, Link
from jobs.control import open_job
from jobs.foreground import follow
from jobs.models import SyncJob
from records.models import Customer
from syncqueue.models import SyncQueueItem
from tests import factories
from tests.books import connected
from tests.faults.books import Books
from tests.faults.forks import forked

pytestmark = pytest.mark.django_db(transaction=True)
# The vendor gives 1000 objects at most in one page.
CUSTOMERS = 1110
BATCH = 30


def fill(books: Books, connection: Connection) -> None:
    """Through the API, as another application of theirs would."""
    token = connection.credentials["access_token"]
    url = f"{books.address}/v3/company/{connection.account_id}/batch"
    pool = urllib3.PoolManager()
    for start in range(0, CUSTOMERS, BATCH):
        items = [
            {
                "bId": str(number),
                "operation": "create",
                "Customer": {"DisplayName": f"There {start + number}"},
            }
            for number in range(BATCH)
        ]
        body = json.dumps({"BatchItemRequest": items})
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        assert pool.request("POST", url, body=body, headers=headers).status == 200


def test_every_page_is_applied_once(books: Books) -> None:
    connection = connected(factories.company())
    fill(books, connection)
    opened = open_job(connection=connection).job
    assert opened
    for step in ("import.read", "import.applied", "import.moved"):
        for times in (1, 2):
            forked(opened, signal.SIGKILL, f"{step}:{times}")
            SyncJob.objects.filter(pk=opened.pk).update(lease_expires_at="2000-01-01T00:00Z")

    job = follow(opened, tell=lambda job: None)

    assert job.imported == Customer.objects.count() == CUSTOMERS
    assert Link.objects.filter(record_type="customer").count() == CUSTOMERS
    assert not SyncQueueItem.objects.exists()
    assert Cursor.objects.get(record_type="customer").position.keys() == {"since"}
