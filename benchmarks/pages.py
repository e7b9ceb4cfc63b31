"""The list pages with few and with many rows: what a person waits for must not grow."""

from __future__ import annotations

from benchmarks.ground import Ground, Result


def compare(ground: Ground, *, counts: list[int]) -> dict[int, Result]:
    found = {}
    for count in counts:
        filled = ground.fill(f"invoices_{count}", "invoices", count)
        with ground.copy(filled) as name:
            found[count] = ground.run("lists", name)
    return found
