"""How long the list pages take: the median of some requests, with their statements."""

from __future__ import annotations

import json
import statistics
import time

import django


def main() -> None:
    django.setup()
    from django.contrib.auth.models import User
    from django.db import connection as database
    from django.test import Client
    from django.urls import reverse

    from benchmarks.measure import Statements

    browser = Client(headers={"host": "127.0.0.1"})
    browser.force_login(User.objects.create_superuser("reader"))
    found = {}
    for name in ("sync-jobs", "sync-queue", "sync-errors"):
        seconds = []
        for _ in range(7):
            statements = Statements()
            started = time.perf_counter()
            with database.execute_wrapper(statements):
                answer = browser.get(reverse(name))
            seconds.append(time.perf_counter() - started)
            assert answer.status_code == 200, (name, answer.status_code)
        found[name] = {"ms": statistics.median(seconds) * 1000, "statements": statements.count}
    print(json.dumps(found))  # noqa: T201  (the starter reads it)


if __name__ == "__main__":
    main()
