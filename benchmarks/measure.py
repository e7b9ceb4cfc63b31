"""What one run costs: wall clock, CPU, statements and memory of this process."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def measured(count: int, **more: Any) -> Iterator[dict[str, Any]]:
    """Measures the block and prints one line of JSON for the process that started this one."""
    result: dict[str, Any] = {"count": count, **more}
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.perf_counter()
    yield result
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    result |= {
        "seconds": seconds,
        "per_second": count / seconds,
        "cpu_ms": cpu * 1000 / count,
        "peak_mb": after.ru_maxrss / 1024,
    }
    print(json.dumps(result))  # noqa: T201  (the starter reads it)


class Statements:
    """An execute wrapper of Django's that counts."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        self.count += 1
        return execute(sql, params, many, context)
