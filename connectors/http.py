"""Moves the bytes of one request to a server and the bytes of its response back."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Mapping

import urllib3
from urllib3 import exceptions

from connectors.interface import Request, Response

CONNECT_SECONDS = 10.0
CHUNK_BYTES = 65_536
# A pool belongs to one process: sockets that a fork shares would mix two conversations.
_pools: dict[int, urllib3.PoolManager] = {}


class NoResponse(Exception):
    """No complete response came. `was_sent` is False only if surely no byte of it left us."""

    def __init__(self, why: str, *, was_sent: bool) -> None:
        super().__init__(why)
        self.why = why
        self.was_sent = was_sent


def send(request: Request, *, authorization: Mapping[str, str], timeout: float) -> Response:
    """One attempt: no retry, no redirect. `timeout` (seconds) is for the whole response.

    Raises NoResponse, and ValueError for an address that is not http or https.
    """
    if not request.url.startswith(("https://", "http://")):
        raise ValueError(f"Not an http address: {request.url}")
    deadline = time.monotonic() + timeout
    try:
        response = _pool().request(
            request.method,
            request.url,
            body=request.body or None,
            headers={"Accept-Encoding": "gzip", **request.headers, **authorization},
            timeout=urllib3.Timeout(connect=min(CONNECT_SECONDS, timeout), read=timeout),
            retries=False,
            redirect=False,
            preload_content=False,
        )
        body = _read(response, deadline)
    except exceptions.HTTPError as error:
        raise _no_response(error) from error
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Response(status=response.status, headers=headers, body=body)


def _pool() -> urllib3.PoolManager:
    pid = os.getpid()
    pool = _pools.get(pid)
    if pool is None:  # setdefault is atomic: two threads end with the same pool
        pool = _pools.setdefault(pid, urllib3.PoolManager(num_pools=20, maxsize=8))
    return pool


def _read(response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """The whole body, decoded. A socket's time-out starts anew with each byte: hence the clock."""
    parts = []
    try:
        while part := response.read1(CHUNK_BYTES):
            parts.append(part)
            if time.monotonic() > deadline:
                raise exceptions.TimeoutError("The response took too long.")
    except BaseException:
        response.close()
        raise
    response.release_conn()
    return b"".join(parts)


def _no_response(error: exceptions.HTTPError) -> NoResponse:
    if isinstance(error, exceptions.NameResolutionError):
        return NoResponse("The server's name could not be found.", was_sent=False)
    if isinstance(error, exceptions.ConnectTimeoutError | exceptions.NewConnectionError):
        return NoResponse("The server could not be reached.", was_sent=False)
    if isinstance(error, exceptions.LocationValueError):
        return NoResponse(f"The address is not usable: {error}", was_sent=False)
    if isinstance(error, exceptions.SSLError) and _is_certificate(error):
        return NoResponse("The server's certificate could not be verified.", was_sent=False)
    if isinstance(error, exceptions.TimeoutError):
        return NoResponse("The server did not answer in time.", was_sent=True)
    if isinstance(error, exceptions.IncompleteRead | exceptions.DecodeError):
        return NoResponse("The answer was cut off.", was_sent=True)
    return NoResponse("The connection broke before an answer came.", was_sent=True)


def _is_certificate(error: exceptions.SSLError) -> bool:
    """The certificate is checked before anything is sent."""
    return any(isinstance(part, ssl.SSLCertVerificationError) for part in error.args)
