"""The figures of one part as a Markdown table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def text(part: str, found: Any) -> str:
    return {
        "export": _export,
        "growth": _growth,
        "paced": _paced,
        "edited": _edited,
        "import": _import,
        "capture": _capture,
        "pages": _pages,
    }[part](found)


def _export(found: Any) -> str:
    rows = [
        (
            name,
            f"{run['count']:,}",
            f"{run['per_second']:.0f}",
            f"{share:.2f}",
            f"{run['cpu_ms']:.2f}",
            f"{run['statements']:.2f}" if "statements" in run else "",
        )
        for name, share in (
            ("limit", 1),
            ("ours", found["of_limit"]),
            ("naive", found["naive_of_limit"]),
        )
        for run in (found[name],)
    ]
    heads = ("export", "records", "a second", "of the limit", "CPU ms", "statements per record")
    last = (
        f"Ours: {found['of_limit']:.2f} of the limit, {found['times_naive']:.0f} x the naive one."
    )
    return f"{_table(heads, rows)}\n\n{last}"


def _growth(found: Any) -> str:
    rows = [
        (
            f"{run['count']:,}",
            f"{run['per_second']:.0f}",
            f"{run['cpu_ms']:.2f}",
            f"{run['peak_mb']:.0f}",
        )
        for run in found
    ]
    return _table(("records", "a second", "CPU ms per record", "peak memory, MB"), rows)


def _paced(found: Any) -> str:
    rows = [
        (
            f"{found['batches']}",
            f"{found['of_allowed'] * 100:.1f} %",
            f"{found['refused']}",
            f"{found['scale']:g}",
        )
    ]
    return _table(("batches", "of what the limits allow", "answers 429", "clock"), rows)


def _edited(found: Any) -> str:
    rows = [(f"{found['edits']:,}", f"{found['requests']}")]
    return _table(("edits of one record during a job", "requests"), rows)


def _import(found: Any) -> str:
    rows = [
        (
            name,
            f"{run['count']:,}",
            f"{run['per_second']:.0f}",
            f"{run['cpu_ms']:.2f}",
            f"{run['statements']:.3f}" if "statements" in run else "",
        )
        for name, run in found.items()
        if isinstance(run, dict)
    ]
    heads = ("import", "changes", "a second", "CPU ms", "statements per change")
    return f"{_table(heads, rows)}\n\nOurs: {found['times_rowwise']:.1f} x row by row."


def _capture(found: Any) -> str:
    rows = [
        (
            f"one UPDATE of {found['count']:,} rows",
            f"{found['off'] * 1000:.0f} ms",
            f"{found['on'] * 1000:.0f} ms",
            f"{found['times_without']:.2f}",
        ),
        (
            "the same when all wait already",
            f"{found['off'] * 1000:.0f} ms",
            f"{found['on again'] * 1000:.0f} ms",
            f"{found['times_without_again']:.2f}",
        ),
        (
            "an UPDATE of one row",
            f"{found['single off'] * 1000:.2f} ms",
            f"{found['single on'] * 1000:.2f} ms",
            f"{found['times_without_single']:.2f}",
        ),
    ]
    return _table(("capture", "without triggers", "with", "times"), rows)


def _pages(found: Any) -> str:
    rows = [
        (name, f"{count:,}", f"{page['ms']:.0f}", str(page["statements"]))
        for count, each in found.items()
        for name, page in each.items()
    ]
    return _table(("page", "records that wait", "ms", "statements"), rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
