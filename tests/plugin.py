"""Loaded by `-p` before pytest-django reads the settings: starts the servers of the run."""

from __future__ import annotations

import os

from tests.servers import start_for_tests

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "syncapp.settings")
# Emptying the tables between tests is the one TRUNCATE that is meant (records/triggers.py).
os.environ["PGOPTIONS"] = "-c sync.truncate=on"
start_for_tests()
# Each xdist worker rings its own doorbells.
worker = os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")
os.environ["REDIS_URL"] = os.environ["REDIS_URL"].rpartition("/")[0] + f"/{int(worker) + 1}"
