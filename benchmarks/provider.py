"""Books that answer at once: what is left of a measurement is our own time and the database's.

`python -m benchmarks.provider` prints its address. It speaks as much of QuickBooks Online as the
benchmarks need, keeps only what it must count, and can be given a latency and the vendor's limits.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

MINUTE = 60.0


@dataclass
class Limit:
    """At most so many requests within any minute; `scale` is how much faster time runs here."""

    per_minute: int
    scale: float
    taken: deque[float] = field(default_factory=deque)

    def takes(self) -> bool:
        now = time.monotonic()
        while self.taken and self.taken[0] <= now - MINUTE / self.scale:
            self.taken.popleft()
        if self.per_minute and len(self.taken) >= self.per_minute:
            return False
        self.taken.append(now)
        return True


@dataclass
class Books:
    """`rows`: how many objects a scan of an entity finds."""

    rows: dict[str, int]
    all_requests: Limit
    batches: Limit
    last_id: int = 0
    written: dict[str, dict[str, Any]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    arrivals: list[float] = field(default_factory=list)

    def answer(self, path: str, query: dict[str, list[str]], body: bytes) -> tuple[int, Any]:
        if path == "/_counts":
            return 200, {**self.counts, "arrivals": self.arrivals}
        what = path.rpartition("/")[2]
        self.counts["requests"] += 1
        is_allowed = self.all_requests.takes()
        if what == "batch":
            self.arrivals.append(time.monotonic())
            is_allowed = self.batches.takes() and is_allowed
        if not is_allowed:
            self.counts["refused"] += 1
            return 429, {"Fault": {"Error": [{"code": "3001", "Message": "Throttled"}]}}
        known: dict[str, Callable[[dict[str, list[str]], bytes], Any]] = {
            "batch": self._batch,
            "query": self._query,
            "cdc": self._changes,
            "invoice": self._invoice,
        }
        return 200, known[what](query, body)

    def _batch(self, query: dict[str, list[str]], body: bytes) -> Any:
        items = json.loads(body, parse_float=Decimal)["BatchItemRequest"]
        self.counts["batches"] += 1
        return {"BatchItemResponse": [self._item(item) for item in items], "time": _now()}

    def _item(self, item: dict[str, Any]) -> dict[str, Any]:
        entity = next(name for name in item if name not in {"bId", "operation", "optionsData"})
        return {"bId": item["bId"], entity: self._written(item[entity])}

    def _invoice(self, query: dict[str, list[str]], body: bytes) -> Any:
        return {"Invoice": self._written(json.loads(body, parse_float=Decimal)), "time": _now()}

    def _written(self, row: dict[str, Any]) -> dict[str, Any]:
        self.counts["written"] += 1
        if "Id" not in row:
            self.last_id += 1
            row |= {"Id": f"n{self.last_id}", "SyncToken": "0"}
        else:
            before = self.written.get(row["Id"], {})
            row = {**before, **row, "SyncToken": str(int(row["SyncToken"]) + 1)}
        self.written[row["Id"]] = row
        total = sum(Decimal(line["Amount"]) for line in row.get("Line", ()))
        return {**row, "TotalAmt": total, "Balance": total, "domain": "QBO"}

    def _query(self, query: dict[str, list[str]], body: bytes) -> Any:
        """A page of a scan: customers whose phone is another one than ours."""
        words = body.decode().split()
        entity = words[words.index("FROM") + 1]
        start = int(words[words.index("STARTPOSITION") + 1])
        most = int(words[words.index("MAXRESULTS") + 1])
        end = min(start + most, self.rows.get(entity, 0) + 1)
        rows = [_customer(number) for number in range(start, end)]
        self.counts["pages"] += 1
        return {"QueryResponse": {entity: rows} if rows else {}, "time": _now()}

    def _changes(self, query: dict[str, list[str]], body: bytes) -> Any:
        return {"CDCResponse": [{"QueryResponse": [{}]}], "time": _now()}


def _customer(number: int) -> dict[str, Any]:
    return {
        "Id": f"c{number:07}",
        "SyncToken": "1",
        "DisplayName": f"Customer {number}",
        "Active": True,
        "PrimaryEmailAddr": {"Address": f"buyer{number}@example.com"},
        "PrimaryPhone": {"FreeFormNumber": f"555-{number:07}"},
        "BillAddr": {"Line1": f"{number} Quay Street", "City": "Porto", "Country": "PT"},
        "CurrencyRef": {"value": "USD"},
        "Balance": 0,
    }


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())


def _plain(value: object) -> object:
    """Amounts come back as numbers, like the vendor's."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


class Talk(asyncio.Protocol):
    """One kept-alive HTTP/1.1 connection, without a framework in the way."""

    def __init__(self, books: Books, latency: float) -> None:
        self.books, self.latency = books, latency
        self.data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self.data += data
        while (end := self.data.find(b"\r\n\r\n")) >= 0:
            head = self.data[:end].decode()
            length = _length(head)
            if len(self.data) < end + 4 + length:
                return
            body, self.data = self.data[end + 4 : end + 4 + length], self.data[end + 4 + length :]
            answer = self._answer(head, body)
            if self.latency and "/batch?" in head.split("\r\n", 1)[0]:
                asyncio.get_running_loop().call_later(self.latency, self.transport.write, answer)
            else:
                self.transport.write(answer)

    def _answer(self, head: str, body: bytes) -> bytes:
        address = urlsplit(head.split(" ", 2)[1])
        status, value = self.books.answer(address.path, parse_qs(address.query), body)
        content = json.dumps(value, default=_plain, separators=(",", ":")).encode()
        line = f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\n"
        return f"{line}Content-Length: {len(content)}\r\n\r\n".encode() + content


def _length(head: str) -> int:
    for line in head.split("\r\n")[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    return 0


async def _serve(books: Books, latency: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Talk(books, latency), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    print(f"http://{host}:{port}", flush=True)  # noqa: T201  (the starter reads it)
    async with server:
        await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0, help="of a batch, in seconds")
    parser.add_argument("--requests-per-minute", type=int, default=0)
    parser.add_argument("--batches-per-minute", type=int, default=0)
    parser.add_argument("--scale", type=float, default=1, help="how much faster time runs")
    asked = parser.parse_args()
    books = Books(
        rows={"Customer": asked.customers},
        all_requests=Limit(asked.requests_per_minute, asked.scale),
        batches=Limit(asked.batches_per_minute, asked.scale),
    )
    asyncio.run(_serve(books, asked.latency / asked.scale))


if __name__ == "__main__":
    main()
