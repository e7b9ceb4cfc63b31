"""Our marker in Tryton's objects: a party's code, a product's identifier, a description."""

from __future__ import annotations

PREFIX = "syncapp:"


def marker_in(text: str) -> str:
    """The text, if it is a marker ("syncapp:company:type:id"); "" for what people wrote."""
    return text if text.startswith(PREFIX) and text.count(":") == 3 else ""
