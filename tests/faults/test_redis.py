"""A worker outlives its Redis: it goes on when there is one again."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings

from syncapp import embedded
from syncapp.embedded import processes
from tests.books import until
from tests.workers import running_worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_survives_that_redis_is_restarted(tmp_path: Path) -> None:
    """Also with a message that it was given and that is not due yet."""
    log = tmp_path / "worker.log"
    database_url = os.environ["DATABASE_URL"]
    with embedded.servers(tmp_path / "own", durable=False, database_url=database_url) as urls:
        redis = urls.own[0]
        caller = Celery(broker=urls.redis_url)
        variables = {"REDIS_URL": urls.redis_url, "SYNCAPP_BEAT_SECONDS": "3600"}
        with running_worker(log, **variables) as worker:
            caller.send_task("jobs.ring", countdown=settings.SYNC_LEASE_SECONDS)
            until(lambda: "received" in log.read_text(), seconds=60)

            processes.stop(redis.process, (signal.SIGKILL, 10))
            time.sleep(1)
            urls.revive()

            until(lambda: log.read_text().count("Connected to redis") == 2, seconds=30)
            caller = Celery(broker=urls.redis_url)
            caller.send_task("jobs.ring")
            until(lambda: "succeeded" in log.read_text(), seconds=30)
            assert worker.poll() is None
