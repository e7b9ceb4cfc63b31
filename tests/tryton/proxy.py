"""A reverse proxy before a Tryton, as operators have one: it can be unable to reach it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import urllib3

PASSED_ON = ("Content-Type", "Content-Encoding", "Date")


@dataclass
class Proxy:
    """`fail` are method names that get a 503, each once: before Tryton heard of the call, or after
    Tryton has carried it out."""

    address: str
    fail_before: list[str] = field(default_factory=list)
    fail_after: list[str] = field(default_factory=list)


@contextlib.contextmanager
def proxy(target: str) -> Iterator[Proxy]:
    http = urllib3.PoolManager(retries=False)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if _takes(running.fail_before, body):
                return self._answer(503, {}, b"<html>Service Unavailable</html>")
            headers = dict(self.headers.items())
            answer = http.request(
                "POST", target + self.path, body=body, headers=headers, decode_content=False
            )
            if _takes(running.fail_after, body):
                return self._answer(503, {}, b"<html>Service Unavailable</html>")
            known = {name: answer.headers[name] for name in PASSED_ON if name in answer.headers}
            return self._answer(answer.status, known, answer.data)

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    running = Proxy(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        http.clear()


def _takes(methods: list[str], body: bytes) -> bool:
    """Whether this call is one of them; it is then taken off the list."""
    for method in methods:
        if f'"method":"{method}"'.encode() in body:
            methods.remove(method)
            return True
    return False
