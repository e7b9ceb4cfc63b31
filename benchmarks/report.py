"""The figures as Markdown: a table for each part, and all of them in docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

BEGIN, END = "<!-- the tables begin -->\n", "<!-- the tables end -->\n"
TITLES = {
    "export": "Export of invoices with three lines",
    "growth": "With more and more records",
    "paced": "Within the provider's limits",
    "edited": "Edits while it is under way",
    "import": "Import of changed customers",
    "first": "First import, looked for by name",
    "capture": "Noticing changes: an UPDATE with and without triggers",
    "pages": "List pages",
}


def written_into(document: str, found: Any) -> str:
    """The document with these tables instead of those it had."""
    head, _, rest = document.partition(BEGIN)
    made = [_made(found), _table(("aim", "measured", ""), _aims(found))]
    made += [f"### {title}\n\n{text(part, found[part])}" for part, title in TITLES.items()]
    return head + BEGIN + "\n" + "\n\n".join(made) + "\n\n" + END + rest.partition(END)[2]


def _made(found: Any) -> str:
    machine = found["machine"]
    return (
        f"By `{found['command']}` on {machine['date']}, in {found['minutes']:.0f} minutes:"
        f" {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']},"
        f" Python {machine['python']}, PostgreSQL {machine['postgresql']};"
        f" load before: {machine['load']}."
    )


def _aims(found: Any) -> Iterator[tuple[str, str, str]]:
    export, paced = found["export"], found["paced"]
    yield _aim("export: half of the limit", export["of_limit"] >= 0.5, f"{export['of_limit']:.2f}")
    fold = export["times_naive"]
    yield _aim("export: 20 times the naive one", fold >= 20, f"{fold:.0f}")
    allowed, refused = paced["of_allowed"], paced["refused"]
    yield _aim(
        "97 % of what the provider's limits allow, no answer 429",
        allowed >= 0.97 and not refused,
        f"{allowed * 100:.1f} %, {refused}",
    )
    requests = found["edited"]["requests"]
    yield _aim("a record edited 1,000 times: 2 requests", requests <= 2, str(requests))
    for name, part in (("export", "growth"), ("first import", "first")):
        *fewer, many = found[part]
        time = max(run["per_second"] for run in fewer) / many["per_second"]
        memory = many["peak_mb"] / fewer[0]["peak_mb"]
        of = f"{name} of {many['count']:,}"
        yield _aim(f"{of}: no more time per record than of fewer", time <= 1.1, f"{time:.2f} times")
        yield _aim(f"{of}: no more memory than of fewer", memory <= 1.1, f"{memory:.2f} times")


def _aim(aim: str, is_met: bool, measured: str) -> tuple[str, str, str]:
    return aim, measured, "met" if is_met else "missed"


def text(part: str, found: Any) -> str:
    return {
        "export": _export,
        "growth": _growth,
        "paced": _paced,
        "edited": _edited,
        "import": _import,
        "first": _growth,
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
        f"Ours: {found['of_limit']:.2f} of the limit, {found['times_naive']:.0f} times the naive"
        f" one (the median of {len(found['ours']['rounds'])} rounds)."
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
