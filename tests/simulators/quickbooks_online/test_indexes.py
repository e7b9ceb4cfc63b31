"""Look-ups stay fast with 100,000 objects: each finds its rows by the right index."""

from __future__ import annotations

import pytest

from simulators.quickbooks_online.api import queries
from simulators.quickbooks_online.store import Store


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "books.db")
    yield opened
    opened.close()


def plan(store, look_up):
    """The steps SQLite takes for the first statement that `look_up` executes."""
    with store.reading() as rows:
        executed: list[str] = []
        rows.db.set_trace_callback(executed.append)
        look_up(rows)
        rows.db.set_trace_callback(None)
        steps = rows.db.execute(f"EXPLAIN QUERY PLAN {executed[0]}").fetchall()
    return " ".join(step[3] for step in steps)


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("SELECT * FROM Customer", "objects_by_state"),
        ("SELECT * FROM Customer ORDERBY Id", "objects_by_state"),
        ("SELECT * FROM Customer WHERE Active = true", "objects_by_state"),
        ("SELECT * FROM Customer WHERE Id IN ('1', '2')", "objects_by_id"),
        ("SELECT * FROM Customer WHERE DisplayName IN ('a', 'b')", "objects_by_name"),
        ("SELECT * FROM Customer WHERE DisplayName LIKE 'a%'", "objects_by_name"),
        ("SELECT * FROM Item WHERE Name = 'a' AND Active IN (true, false)", "objects_by_name"),
        ("SELECT * FROM Invoice WHERE DocNumber IN ('a', 'b')", "objects_by_number"),
        ("SELECT * FROM Invoice WHERE CustomerRef = '1'", "objects_by_party"),
        ("SELECT * FROM Invoice WHERE TxnDate IN ('2026-01-01')", "objects_by_date"),
        ("SELECT * FROM Payment WHERE CustomerRef = '1' AND PaymentRefNum = 'a'", "by_number"),
        ("SELECT * FROM Invoice WHERE MetaData.LastUpdatedTime > '2026-01-01'", "by_updated"),
        ("SELECT * FROM Invoice ORDERBY MetaData.LastUpdatedTime", "objects_by_updated"),
    ],
)
def test_a_query_uses_the_index_that_fits(store, statement, index):
    assert index in plan(store, lambda rows: queries.run(rows, statement))


def test_uniqueness_and_links_use_an_index(store):
    assert "by_name" in plan(store, lambda rows: rows.named("Customer", "a", ""))
    assert "by_number" in plan(store, lambda rows: rows.numbered("Invoice", "a", "1"))
    assert "by_id" in plan(store, lambda rows: rows.glance("Customer", "1"))
    assert "by_source" in plan(store, lambda rows: rows.links_from("Payment", "1"))
    assert "by_target" in plan(store, lambda rows: rows.links_to("Invoice", "1"))
