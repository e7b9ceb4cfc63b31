"""Draws the export's figures as a picture for docs/benchmarks.md: plain SVG, no library."""

from __future__ import annotations

from typing import Any

WIDTH, BAR, GAP, LEFT = 720, 34, 16, 190
NAMES = {
    "limit": ("bare psycopg2 loop", "#8a94a6"),
    "ours": ("Syncapp", "#3157d5"),
    "naive": ("one task per record", "#c2742f"),
}
STYLE = """text { font: 14px system-ui, sans-serif; fill: #1f2733 }
@media (prefers-color-scheme: dark) { text { fill: #e6e9ef } }"""


def draw(export: dict[str, Any]) -> str:
    """One bar for each, as a share of the limit."""
    shares = {"limit": 1, "ours": export["of_limit"], "naive": export["naive_of_limit"]}
    bars = [
        _bar(row, name, colour, shares[key])
        for row, (key, (name, colour)) in enumerate(NAMES.items())
    ]
    height = len(bars) * (BAR + GAP) + GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' aria-label="Exported records a second, as a share of the limit">\n'
        f"<style>{STYLE}</style>\n" + "\n".join(bars) + "\n</svg>\n"
    )


def _bar(row: int, name: str, colour: str, share: float) -> str:
    top = GAP + row * (BAR + GAP)
    length = max(2, round((WIDTH - LEFT - 70) * min(share, 1)))
    middle = top + BAR / 2 + 5
    return (
        f'<text x="{LEFT - 12}" y="{middle}" text-anchor="end">{name}</text>'
        f'<rect x="{LEFT}" y="{top}" width="{length}" height="{BAR}" rx="4" fill="{colour}"/>'
        f'<text x="{LEFT + length + 10}" y="{middle}">{share * 100:.0f} %</text>'
    )
