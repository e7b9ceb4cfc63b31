"""The Django project: settings, addresses, workers and the embedded servers. Wiring, no rules."""

from __future__ import annotations

import sys
from pathlib import Path

# `queue/` is a source root that holds `syncqueue`. It is appended, never inserted and never a
# package, so that the standard library's `queue` stays what everybody imports.
_SOURCE_ROOT = str(Path(__file__).resolve().parent.parent / "queue")
if _SOURCE_ROOT not in sys.path:
    sys.path.append(_SOURCE_ROOT)

from syncapp.celery import app as celery_app  # noqa: E402  (needs the path above)

__all__ = ["celery_app"]
