"""The limit: the least a program must do to export the same batches as safely, without Django.

A bare psycopg2 loop: the same locks, the same rows in the same tables, the same three commits per
batch, hand-written SQL and JSON. It checks nothing, compares nothing and can do nothing else.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg2
import urllib3
from psycopg2.extras import execute_values

from benchmarks.measure import measured

BATCH = 30
IN_FLIGHT = 4
URL = os.environ["QUICKBOOKS_ONLINE_API_URL"] + "/v3/company/1/batch?requestid="
HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer t"}
Row = dict[str, Any]


class Loop:
    def __init__(self) -> None:
        self.database = psycopg2.connect(os.environ["DATABASE_URL"])
        self.cursor = self.database.cursor()
        self.http = urllib3.PoolManager(maxsize=IN_FLIGHT)
        self.pool = ThreadPoolExecutor(IN_FLIGHT)
        self.statements = 0
        self.ask("SELECT id, company_id FROM connectors_connection")
        self.books, self.company = self.cursor.fetchone()
        self.ask("SELECT key FROM companies_company WHERE id = %s", [self.company])
        self.key = self.cursor.fetchone()[0]
        self.ask(
            "INSERT INTO jobs_syncjob (connection_id, company_id, state, trigger, lease_generation)"
            " VALUES (%s, %s, 'exporting', 'manual', 1) RETURNING id",
            [self.books, self.company],
        )
        self.job = self.cursor.fetchone()[0]
        self.database.commit()

    def ask(self, sql: str, arguments: Any = ()) -> None:
        self.statements += 1
        self.cursor.execute(sql, arguments)

    def insert(self, sql: str, rows: Any, template: str | None = None) -> None:
        self.statements += 1
        execute_values(self.cursor, sql, rows, template, page_size=BATCH)

    def run(self) -> None:
        in_flight: deque[tuple[int, list[Row], Future[bytes]]] = deque()
        more = True
        while more or in_flight:
            while more and len(in_flight) < IN_FLIGHT:
                more = self.prepare(in_flight)
            if in_flight:
                self.receive(*in_flight.popleft())

    def fence(self) -> None:
        self.ask(
            "SELECT cancel_requested_at FROM jobs_syncjob WHERE id = %s AND lease_generation = 1"
            " FOR NO KEY UPDATE",
            [self.job],
        )

    def prepare(self, in_flight: deque[tuple[int, list[Row], Future[bytes]]]) -> bool:
        """First transaction: lock, read, write down."""
        self.fence()
        self.ask(
            "SELECT id, record_id, generation FROM queue_syncqueueitem WHERE connection_id = %s"
            " AND rank = 30 AND state = 'waiting' AND finished_at IS NULL AND held_at IS NULL"
            " AND next_attempt_at <= now() ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
            [self.books, BATCH],
        )
        items = self.cursor.fetchall()
        if not items:
            self.database.rollback()
            return False
        rows = self.read({record_id: (item, was) for item, record_id, was in items})
        key = secrets.token_hex(10)
        body = self.body(rows)
        exchange = self.write_down(rows, key, body)
        self.database.commit()
        in_flight.append((exchange, rows, self.pool.submit(self.send, key, body)))
        return True

    def read(self, items: dict[int, tuple[int, int]]) -> list[Row]:
        ids = list(items)
        self.ask(
            "SELECT i.id, i.number, i.date::text, i.due_date::text, i.currency, i.memo,"
            " l.external_id FROM records_invoice i JOIN connectors_link l ON l.connection_id = %s"
            " AND l.record_type = 'customer' AND l.record_id = i.customer_id WHERE i.id = ANY(%s)",
            [self.books, ids],
        )
        names = ("number", "date", "due_date", "currency", "memo", "party")
        rows = {
            row[0]: {"id": row[0], "item": items[row[0]], "lines": []}
            | dict(zip(names, row[1:], strict=True))
            for row in self.cursor.fetchall()
        }
        self.ask(
            "SELECT r.invoice_id, r.position, r.description, r.quantity, r.unit_price, r.amount,"
            " l.external_id FROM records_invoiceline r JOIN connectors_link l"
            " ON l.connection_id = %s AND l.record_type = 'item' AND l.record_id = r.item_id"
            " WHERE r.invoice_id = ANY(%s) ORDER BY r.invoice_id, r.position",
            [self.books, ids],
        )
        for line in self.cursor.fetchall():
            rows[line[0]]["lines"].append(line[1:])
        return list(rows.values())

    def body(self, rows: list[Row]) -> bytes:
        requests = [
            {"bId": str(number), "operation": "create", "Invoice": self.invoice(row)}
            for number, row in enumerate(rows)
        ]
        return json.dumps({"BatchItemRequest": requests}).encode()

    def invoice(self, row: Row) -> Row:
        return {
            "DocNumber": row["number"],
            "TxnDate": row["date"],
            "DueDate": row["due_date"],
            "CustomerRef": {"value": row["party"]},
            "PrivateNote": f"{row['memo']}\nsyncapp:{self.key}:invoice:{row['id']}",
            "Line": [
                {
                    "LineNum": position,
                    "DetailType": "SalesItemLineDetail",
                    "Amount": float(amount),
                    "Description": description,
                    "SalesItemLineDetail": {
                        "ItemRef": {"value": item},
                        "Qty": float(quantity),
                        "UnitPrice": float(price),
                        "TaxCodeRef": {"value": "NON"},
                    },
                }
                for position, description, quantity, price, amount, item in row["lines"]
            ],
        }

    def write_down(self, rows: list[Row], key: str, body: bytes) -> int:
        """The exchange with its body, what it holds of each record, and where these are now."""
        self.ask(EXCHANGE, [self.job, self.books, self.company, URL, key])
        exchange = int(self.cursor.fetchone()[0])
        self.ask(BODY, [exchange, json.dumps(HEADERS), body, self.company])
        self.insert(
            ATTEMPTS,
            [
                (exchange, self.company, row["id"], str(number), *row["item"], self.content(row))
                for number, row in enumerate(rows)
            ],
            "(%s, %s, 'invoice', %s, %s, 'create', %s, %s, %s)",
        )
        self.ask(SENDING, [[row["item"][0] for row in rows]])
        self.ask(
            "UPDATE jobs_syncjob SET requests = requests + 1,"
            " sent_request_at = coalesce(sent_request_at, now()) WHERE id = %s",
            [self.job],
        )
        return exchange

    @staticmethod
    def content(row: Row) -> str:
        return json.dumps({name: row[name] for name in row if name != "item"}, default=str)

    def send(self, key: str, body: bytes) -> bytes:
        return self.http.request("POST", URL + key, body=body, headers=HEADERS).data

    def receive(self, exchange: int, rows: list[Row], sent: Future[bytes]) -> None:
        answer = sent.result()
        found = [each["Invoice"] for each in json.loads(answer)["BatchItemResponse"]]
        items = [row["item"][0] for row in rows]
        self.store(exchange, answer, items, [each["Id"] for each in found])
        self.link(rows, found)
        self.database.commit()
        self.apply(exchange, items)
        self.database.commit()

    def store(self, exchange: int, answer: bytes, items: list[int], ids: list[str]) -> None:
        """Second transaction: the answer and the outcomes."""
        self.fence()
        self.ask(
            "UPDATE jobs_exchange SET received_at = now(), status = 200, took_ms = 1 WHERE id = %s",
            [exchange],
        )
        self.ask(
            "UPDATE jobs_exchangebody SET response = %s, response_headers = '{}'"
            " WHERE exchange_id = %s",
            [answer, exchange],
        )
        self.ask(
            "UPDATE jobs_attempt a SET outcome = 'accepted', external_id = d.external_id"
            " FROM unnest(%s::bigint[], %s::text[]) d(item_id, external_id)"
            " WHERE a.exchange_id = %s AND a.item_id = d.item_id",
            [items, ids, exchange],
        )

    def link(self, rows: list[Row], found: list[Row]) -> None:
        """Still the second transaction: our record is their object."""
        self.insert(
            LINKS,
            [
                (
                    *(self.books, self.company, row["id"]),
                    *(each["Id"], each["SyncToken"], self.content(row), json.dumps(each)),
                )
                for row, each in zip(rows, found, strict=True)
            ],
            "(%s, %s, 'invoice', %s, %s, %s, %s, %s, true)",
        )

    def apply(self, exchange: int, items: list[int]) -> None:
        """Third transaction: the items and the counters."""
        self.fence()
        self.ask(SYNCED, [items])
        self.ask("UPDATE jobs_attempt SET applied_at = now() WHERE exchange_id = %s", [exchange])
        self.ask("UPDATE jobs_exchange SET settled_at = now() WHERE id = %s", [exchange])
        self.ask(
            "UPDATE jobs_syncjob SET exported = exported + %s, progress = progress + %s,"
            " received_response_at = now() WHERE id = %s",
            [len(items), len(items), self.job],
        )


# Columns that are left out are empty: see `seed.py`.
EXCHANGE = """
INSERT INTO jobs_exchange (job_id, connection_id, company_id, is_write, method, url, key, sent_at)
VALUES (%s, %s, %s, true, 'POST', %s, %s, now()) RETURNING id
"""
BODY = """
INSERT INTO jobs_exchangebody (exchange_id, request_headers, request, company_id)
VALUES (%s, %s, %s, %s)
"""
ATTEMPTS = """
INSERT INTO jobs_attempt (exchange_id, company_id, record_type, record_id, push_id, operation,
    item_id, sent_generation, content)
VALUES %s
"""
SENDING = """
UPDATE queue_syncqueueitem SET state = 'sending', sent_generation = generation WHERE id = ANY(%s)
"""
LINKS = """
INSERT INTO connectors_link (connection_id, company_id, record_type, record_id, external_id,
    version, ours, theirs, is_finished)
VALUES %s
"""
SYNCED = """
UPDATE queue_syncqueueitem SET
    finished_at = CASE WHEN generation = sent_generation THEN now() END,
    state = CASE WHEN generation = sent_generation THEN 'synced' ELSE 'waiting' END
WHERE id = ANY(%s)
"""


def main() -> None:
    count = int(sys.argv[1])
    loop = Loop()
    with measured(count) as result:
        loop.run()
        result["statements"] = loop.statements / count
    loop.ask("SELECT exported FROM jobs_syncjob")
    assert loop.cursor.fetchone()[0] == count


if __name__ == "__main__":
    main()
