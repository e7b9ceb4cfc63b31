"""Our marker in a note of theirs: a line of its own after the text, and out again."""

from __future__ import annotations

import re

# PrivateNote; a customer's or vendor's Notes hold as much.
NOTE_LENGTH = 4000
_MARKER = re.compile(r"^[ \t]*(syncapp:[A-Za-z0-9_:.-]+)[ \t]*", re.MULTILINE)
# QuickBooks writes this before the note of what it voids.
_VOIDED = re.compile(r"\AVoided(?:\s*-\s*|\s+|\Z)")


def with_marker(text: str, marker: str) -> str:
    return "\n".join(part for part in (text.strip(), marker) if part)


def without_marker(note: str) -> tuple[str, str]:
    """The text and the marker, wherever a person moved it; ("", "") for an empty note."""
    found = _MARKER.search(note.replace("\r\n", "\n"))
    if not found:
        return note.strip(), ""
    text = found.string[: found.start()] + found.string[found.end() :]
    return text.strip(), found.group(1)


def is_voided(note: str) -> bool:
    return bool(_VOIDED.match(note))


def without_voided(note: str) -> str:
    return _VOIDED.sub("", note, count=1)
