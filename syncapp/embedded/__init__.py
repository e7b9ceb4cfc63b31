"""The one owner of our own PostgreSQL and Redis, for when no DATABASE_URL or REDIS_URL is set."""

from __future__ import annotations

from syncapp.embedded.errors import EmbeddedServerError
from syncapp.embedded.owner import Urls, running, servers, sweep

__all__ = ["EmbeddedServerError", "Urls", "running", "servers", "sweep"]
