"""What is raised when an embedded server cannot run; its text says what to do."""

from __future__ import annotations


class EmbeddedServerError(Exception):
    """An embedded server could not be started, shared or stopped."""
