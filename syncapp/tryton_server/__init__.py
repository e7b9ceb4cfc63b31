"""A real Tryton server beside us, for the demo and the tests: installed, prepared, started.

It is a program of its own in a virtual environment of its own; we only speak HTTP with it.
"""

from __future__ import annotations

from syncapp.tryton_server.install import TrytonError, Unavailable
from syncapp.tryton_server.server import TrytonServer, running

__all__ = ["TrytonError", "TrytonServer", "Unavailable", "running"]
