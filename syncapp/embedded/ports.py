"""Ports on 127.0.0.1: free ones, taken ones, those the environment names."""

from __future__ import annotations

import os
import socket

from syncapp.embedded.errors import EmbeddedServerError

HOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
        return False


def port_from(variable: str) -> int | None:
    """The port an environment variable names, or nothing if it is not set."""
    value = os.environ.get(variable, "")
    if not value:
        return None
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise EmbeddedServerError(f"{variable} is {value!r}. Set it to a port number.")
    return int(value)
