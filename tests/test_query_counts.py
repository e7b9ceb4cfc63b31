"""How many queries each page takes: as recorded, and as many with fifty rows as with few.

A page that needs more fails here. When that is meant: SYNCAPP_RECORD_QUERIES=1 writes
query_counts.txt anew, and the difference is seen in review.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from companies.models import Role
from tests import factories
from tests.test_permissions import RULES, Rule
from tests.worlds import World, add, world

RECORD = Path(__file__).with_name("query_counts.txt")
# Their answer is no page, or not ours.
NO_PAGES = {"admin:login", "admin:jsi18n", "sync-jobs-news"}


def pages() -> list[Rule]:
    """Every address that an administrator may look at."""
    return [
        rule
        for rule in RULES.values()
        if rule.name not in NO_PAGES
        and rule.is_allowed(Role.ADMINISTRATOR, "GET")
        and rule.answers(Role.ADMINISTRATOR, "GET") == {200}
    ]


@pytest.mark.django_db
def test_no_page_takes_more_queries_than_recorded_however_many_rows_there_are() -> None:
    cache.clear()
    made = world(name="Northwind", rows=3)
    client = Client()
    client.force_login(
        factories.member(company=made.company, role=Role.ADMINISTRATOR, may_see_bodies=True)
    )
    few = counts(client, made)
    add(made, 47)
    many = counts(client, made)
    assert {name: n for name, n in many.items() if n != few[name]} == {}
    if os.environ.get("SYNCAPP_RECORD_QUERIES"):
        RECORD.write_text("".join(f"{n:3}  {name}\n" for name, n in sorted(few.items())))
    assert few == recorded()


def counts(client: Client, made: World) -> dict[str, int]:
    """The second request counts: the first may fill caches that live as long as the process."""
    found = {}
    for rule in pages():
        address = reverse(rule.name, args=[made.id_of(what) for what in rule.about])
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
        assert answer.status_code == 200, address
        found[rule.name] = len(captured)
    return found


def recorded() -> dict[str, int]:
    lines = (line.split() for line in RECORD.read_text().splitlines())
    return {name: int(count) for count, name in lines}
