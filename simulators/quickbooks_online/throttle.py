"""The vendor's limits, when they are asked for: too many requests are turned away (429)."""

from __future__ import annotations

import threading
import time
from collections import deque

from simulators.quickbooks_online.messages import Reply, Request, json_reply
from simulators.quickbooks_online.refusal import gateway_fault


class Window:
    """At most so many requests within the last so many seconds."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self._passed: deque[float] = deque()

    def is_full(self, now: float) -> bool:
        while self._passed and self._passed[0] <= now - self.seconds:
            self._passed.popleft()
        return len(self._passed) >= self.most

    def add(self, now: float) -> None:
        self._passed.append(now)


class Throttle:
    """ "500 requests a minute per company, 10 a second, 40 batches a minute." """

    def __init__(self) -> None:
        self._all = (Window(500, 60), Window(10, 1))
        self._batches = (Window(40, 60),)
        self._lock = threading.Lock()

    def refuse(self, request: Request) -> Reply | None:
        """The answer to one request too many; what is refused does not count."""
        if not request.path.startswith("/v3/company/"):
            return None
        is_batch = request.path.endswith("/batch")
        windows = self._all + (self._batches if is_batch else ())
        now = time.monotonic()
        with self._lock:
            if not any(each.is_full(now) for each in windows):
                for each in windows:
                    each.add(now)
                return None
        return json_reply(gateway_fault(429, "3001", "ThrottleExceeded", "Too many requests"), 429)
