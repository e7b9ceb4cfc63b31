"""HTTP/1.1 in front of the site: keep-alive, gzip, a thread for each connection."""

from __future__ import annotations

import gzip
import socket
import uuid
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from simulators.quickbooks_online.messages import Delivery, Reply, Request, json_reply
from simulators.quickbooks_online.routes import Site

# Shorter bodies are not worth compressing.
SHORTEST_GZIP = 1400
# An idle connection is given up after this many seconds.
IDLE_SECONDS = 300


class Server(ThreadingHTTPServer):
    """Listens for one site."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], site: Site) -> None:
        self.site = site
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        """Bind without asking a name server for the host's name."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        host, port = self.socket.getsockname()[:2]
        self.server_address = (host, port)
        self.server_name, self.server_port = host, port

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hangs up is nothing to report."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024
    server: Server

    def do_GET(self) -> None:
        self._exchange()

    def do_POST(self) -> None:
        self._exchange()

    def do_PUT(self) -> None:
        self._exchange()

    def do_PATCH(self) -> None:
        self._exchange()

    def do_DELETE(self) -> None:
        self._exchange()

    def _exchange(self) -> None:
        try:
            request = self._request()
        except (ValueError, EOFError, OSError, zlib.error) as error:
            self.close_connection = True
            self._send(json_reply({"error": f"The request cannot be read: {error}"}, 400))
            return
        self._send(self.server.site.answer(request))

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self._body(headers)
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        query = {name.lower(): value for name, value in pairs}
        return Request(self.command, unquote(parts.path.rstrip("/")) or "/", query, headers, body)

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return b"".join(self._chunks())
        length = int(headers.get("content-length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            raise EOFError("the body ends early")
        return body

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass

    def _send(self, reply: Reply) -> None:
        if reply.delivery is Delivery.CUT:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if isinstance(reply.body, bytes):
            self._send_whole(reply, reply.body)
        else:
            self._send_stream(reply, reply.body)
        self.wfile.flush()

    def _send_whole(self, reply: Reply, body: bytes) -> None:
        self._send_status(reply)
        if len(body) >= SHORTEST_GZIP and self._takes_gzip():
            body = gzip.compress(body, compresslevel=1)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if reply.delivery is Delivery.TRUNCATED:
            body = body[: len(body) // 2]
            self.close_connection = True
        self.wfile.write(body)

    def _send_stream(self, reply: Reply, pieces: Iterator[bytes]) -> None:
        self._send_status(reply)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            if piece:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def _send_status(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("intuit_tid", f"1-{uuid.uuid4()}")
        self.send_header("QBO-Version", "simulator")
        for name, value in reply.headers.items():
            self.send_header(name, value)

    def _takes_gzip(self) -> bool:
        return "gzip" in self.headers.get("Accept-Encoding", "")

    def version_string(self) -> str:
        return "simulator"

    def log_message(self, format: str, *args: object) -> None:
        """Requests are in the books' own log; the console stays quiet."""
