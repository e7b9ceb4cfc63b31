"""Requests through real sockets: what arrives, and what is certain when nothing does."""

from __future__ import annotations

import contextlib
import gzip
import multiprocessing
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from connectors import http
from connectors.interface import Request

Answer = Callable[[socket.socket], None]


class Server:
    """Reads each request's bytes and lets `answer` write what it likes."""

    def __init__(self, answer: Answer) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/there"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        data = b""
        with connection, contextlib.suppress(OSError):
            while part := connection.recv(65536):
                data += part
                if data.endswith(b"\r\n\r\nbody"):
                    self.requests.append(data)
                    data = b""
                    self._answer(connection)

    def close(self) -> None:
        # shutdown, because closing alone does not wake the thread that accepts
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], Server]]:
    servers: list[Server] = []

    def begin(answer: Answer) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield begin
    for server in servers:
        server.close()


def reply(body: bytes, *headers: str, status: str = "200 OK", length: int = -1) -> Answer:
    size = len(body) if length < 0 else length
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {size}", *headers])
    return lambda connection: connection.sendall(head.encode() + b"\r\n\r\n" + body)


def send(server_or_url: Server | str, timeout: float = 5):
    url = server_or_url if isinstance(server_or_url, str) else server_or_url.url
    request = Request("POST", url, {"Accept": "application/json"}, b"body")
    return http.send(request, authorization={"Authorization": "Bearer abc"}, timeout=timeout)


def failure(server_or_url: Server | str, timeout: float = 5) -> http.NoResponse:
    with pytest.raises(http.NoResponse) as caught:
        send(server_or_url, timeout)
    assert str(caught.value) == caught.value.why
    return caught.value


def test_bytes_go_there_and_come_back(serve):
    server = serve(reply(b"answer", "Intuit_Tid: 1-2"))
    response = send(server)
    assert (response.status, response.body) == (200, b"answer")
    assert response.headers["intuit_tid"] == "1-2"
    sent = server.requests[0]
    assert sent.startswith(b"POST /there HTTP/1.1\r\n")
    assert sent.endswith(b"\r\n\r\nbody")
    assert b"Authorization: Bearer abc\r\n" in sent
    assert b"Accept-Encoding: gzip\r\n" in sent


def test_a_compressed_answer_is_unpacked(serve):
    body = gzip.compress(b"x" * 200_000)
    assert send(serve(reply(body, "Content-Encoding: gzip"))).body == b"x" * 200_000


def test_connections_are_kept(serve):
    server = serve(reply(b"answer"))
    for _ in range(3):
        send(server)
    assert (server.connections, len(server.requests)) == (1, 3)


def test_a_connection_that_the_server_closed_meanwhile_is_not_used(serve):
    def once(connection: socket.socket) -> None:
        reply(b"answer")(connection)
        connection.close()

    server = serve(once)
    send(server)
    time.sleep(0.05)
    assert send(server).status == 200
    assert server.connections == 2


@pytest.mark.parametrize("status", ["302 Found", "404 Not Found", "429 Slow", "503 Later"])
def test_any_status_is_a_response_and_is_not_followed_or_repeated(serve, status: str):
    server = serve(reply(b"", "Location: /elsewhere", "Retry-After: 1", status=status))
    assert send(server).status == int(status[:3])
    assert len(server.requests) == 1


def test_a_refused_connection_was_surely_not_sent():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert not failure(f"http://127.0.0.1:{port}/").was_sent


def test_an_unknown_name_was_surely_not_sent():
    assert not failure("http://nowhere.invalid/").was_sent


def test_silence_may_have_been_sent(serve):
    server = serve(lambda connection: time.sleep(2))
    started = time.monotonic()
    assert failure(server, timeout=0.2).was_sent
    assert time.monotonic() - started < 1.5


def test_a_trickle_does_not_outlive_the_timeout(serve):
    def trickle(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(40):
            connection.sendall(b"1\r\nx\r\n")
            time.sleep(0.1)

    started = time.monotonic()
    assert failure(serve(trickle), timeout=0.5).was_sent
    assert time.monotonic() - started < 2


def test_a_cut_connection_may_have_been_sent(serve):
    server = serve(lambda connection: connection.close())
    assert failure(server).was_sent
    assert len(server.requests) == 1


def test_a_truncated_body_is_no_response(serve):
    def truncated(connection: socket.socket) -> None:
        reply(b'{"half', length=100)(connection)
        connection.close()

    assert failure(serve(truncated)).was_sent


def test_a_truncated_chunk_is_no_response(serve):
    def truncated(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")
        connection.close()

    assert failure(serve(truncated)).was_sent


def test_a_broken_compression_is_no_response(serve):
    assert failure(serve(reply(b"no gzip", "Content-Encoding: gzip"))).was_sent


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/", "//host/", "host"])
def test_only_web_addresses_are_asked(url: str):
    with pytest.raises(ValueError, match="Not an http address"):
        send(url)


def test_a_fork_does_not_share_its_parents_sockets(serve):
    server = serve(reply(b"answer"))
    send(server)
    process = multiprocessing.get_context("fork").Process(target=send, args=[server.url])
    process.start()
    process.join(10)
    assert process.exitcode == 0
    assert send(server).status == 200
    assert server.connections == 2
