"""What the workers of the fault tests run: Celery as it is, but each message comes N times."""

from __future__ import annotations

import os
from typing import Any

from kombu.transport import TRANSPORT_ALIASES
from kombu.transport import redis as plain

COPIES = int(os.environ.get("SYNCAPP_TEST_COPIES", "1"))


class Channel(plain.Channel):
    """Puts every message into its queue as often as a test wants it delivered."""

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        for _ in range(COPIES):
            super()._put(queue, message, **kwargs)


class Transport(plain.Transport):
    Channel = Channel


TRANSPORT_ALIASES["redis"] = f"{__name__}:Transport"

from syncapp.celery import app  # noqa: E402  (the transport is chosen when the first one connects)

__all__ = ["app"]
