"""Draws the export's figures as a picture for docs/benchmarks.md: plain SVG, no library."""

from __future__ import annotations

from typing import Any

WIDTH, BAR, GAP, LEFT = 720, 30, 14, 230
NAMES = {
    "limit": ("bare psycopg2 loop", "#8a94a6"),
    "ours": ("Syncapp", "#3157d5"),
    "naive": ("one task per record", "#c2742f"),
}
GROWTH = "#3f8f5b"
STYLE = """text { font: 14px system-ui, sans-serif; fill: #1f2733 }
@media (prefers-color-scheme: dark) { text { fill: #e6e9ef } }"""


def draw(found: dict[str, Any]) -> str:
    """One bar for each, as a share of the limit; then the same export of more and more records,
    as a share of the fastest."""
    export, growth = found["export"], found["growth"]
    shares = {"limit": 1, "ours": export["of_limit"], "naive": export["naive_of_limit"]}
    bars = [(*NAMES[key], share) for key, share in shares.items()]
    fastest = max(run["per_second"] for run in growth)
    bars += [
        (f"Syncapp, {run['count']:,} records", GROWTH, run["per_second"] / fastest)
        for run in growth
    ]
    height = len(bars) * (BAR + GAP) + GAP
    drawn = "\n".join(_bar(row, *bar) for row, bar in enumerate(bars))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' aria-label="Exported records a second: as a share of the limit; and with more and more'
        f' records, as a share of the fastest">\n<style>{STYLE}</style>\n{drawn}\n</svg>\n'
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
