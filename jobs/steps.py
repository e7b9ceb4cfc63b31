"""The named points of a job where the fault tests kill or stop its process; nothing else happens.

SYNCAPP_KILL_AT and SYNCAPP_STOP_AT name a step, "export.sent", or the second time it is reached,
"export.sent:2". "@FILE" means: the step stands in that file, as long as there is one. The process
that gets there renames it to FILE.<its pid>, so that it happens once and the test knows to whom.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

_VARIABLES = {"SYNCAPP_KILL_AT": signal.SIGKILL, "SYNCAPP_STOP_AT": signal.SIGSTOP}
# Read once: outside of the fault tests it is empty, and a step costs one look at it.
_orders = {sent: os.environ[name] for name, sent in _VARIABLES.items() if os.environ.get(name)}
_reached: Counter[str] = Counter()


def reach(step: str) -> None:
    """Called where a process may die or sleep without harm to anybody's books."""
    for sent, order in _orders.items():
        if _is_meant(step, order):
            os.kill(os.getpid(), sent)


def _is_meant(step: str, order: str) -> bool:
    if not order.startswith("@"):
        return _is_reached(step, order)
    file = Path(order[1:])
    try:
        if not _is_reached(step, file.read_text()):
            return False
        file.rename(f"{file}.{os.getpid()}")
    except FileNotFoundError:  # None is set, or another process was faster.
        return False
    return True


def _is_reached(step: str, order: str) -> bool:
    """Whether this is the time that the order means; what follows a second colon is its name."""
    name, _, times = order.strip().partition(":")
    if name != step:
        return False
    _reached[order] += 1
    return _reached[order] == int(times.partition(":")[0] or 1)
