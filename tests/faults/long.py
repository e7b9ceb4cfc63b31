"""`python -m tests.faults.long` (make faults): many seeded histories, and a table of what happened.

`--seed N` tells one history again. What it did is the same; when exactly, the machine decides.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import queue
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "faults.md"
BEGIN, END = "<!-- the table begins -->\n", "<!-- the table ends -->\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=500)
    parser.add_argument("--from", type=int, default=1, dest="first", help="the first seed")
    parser.add_argument("--seed", type=int, action="append", help="only these; may be repeated")
    parser.add_argument("--lanes", type=int, default=(os.cpu_count() or 1) + 1)
    parser.add_argument("--without-production", action="store_true", help="skip the two long tests")
    parser.add_argument("--write", action="store_true", help=f"keep the table in {DOCUMENT.name}")
    options = parser.parse_args()
    seeds = options.seed or list(range(options.first, options.first + options.histories))
    began = time.monotonic()
    production = None if options.seed or options.without_production else _Production()
    results = list(_told(seeds, lanes=min(options.lanes, len(seeds))))
    long_tests = production.lines() if production else []
    table = "\n".join([*_table(results, time.monotonic() - began), *long_tests, ""])
    _say(table)
    if options.write and not options.seed:
        _write(table, f"make faults, seeds {seeds[0]} to {seeds[-1]}")
    is_good = len(results) == len(seeds) and not any(r["violations"] for r in results)
    return 0 if is_good and not any("FAILED" in line for line in long_tests) else 1


def _told(seeds: list[int], *, lanes: int) -> Iterator[dict[str, Any]]:
    """The results as they come; a lane that died is missing its history."""
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for seed in seeds:
        waiting.put(seed)
    results: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    for _ in range(lanes):
        threading.Thread(target=_follow, args=(waiting, results), daemon=True).start()
    told = 0
    while lanes:
        result = results.get()
        if result is None:
            lanes -= 1
            continue
        for text in result["violations"]:
            _say(f"seed {result['seed']}: {text}")
        told += 1
        if told % 25 == 0:
            _say(f"{told} of {len(seeds)} histories")
        yield result


def _follow(waiting: Any, results: Any) -> None:
    lane = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.lane"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert lane.stdin
    assert lane.stdout
    while not waiting.empty():
        try:
            seed = waiting.get_nowait()
        except queue.Empty:
            break
        lane.stdin.write(f"{seed}\n")
        lane.stdin.flush()
        line = lane.stdout.readline()
        if not line:
            results.put({"seed": seed, "violations": ["the lane died"]})
            break
        results.put(json.loads(line))
    lane.stdin.close()
    lane.wait()
    results.put(None)


class _Production:
    """The two tests with production settings, in a process of their own meanwhile."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.production"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )

    def lines(self) -> list[str]:
        said, _ = self._process.communicate()
        if self._process.returncode:
            said += "FAILED: the tests with production settings"
        return ["", *said.splitlines()]


def _table(results: list[dict[str, Any]], seconds: float) -> list[str]:
    """Markdown, for people and for the document."""
    injected: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for result in results:
        injected.update(result.get("injected", {}))
        refused.update(result.get("refused", {}))
    kills = sum(len(set(result.get("killed", []))) for result in results)
    texts = [text for result in results for text in result["violations"]]
    rows = [
        ("histories", len(results)),
        ("histories with anything wrong", sum(bool(result["violations"]) for result in results)),
        ("process kills (by pid)", kills),
        ("duplicates", _count(texts, "duplicate")),
        ("losses (edits, or records that did not arrive)", _count(texts, "lost", "differs")),
        ("Sync Jobs", sum(result.get("jobs", 0) for result in results)),
        ("writes in the books", sum(result.get("records", 0) for result in results)),
        ("longest recovery", f"{max((r.get('recovery', 0) for r in results), default=0):.1f} s"),
        ("all together", f"{seconds / 60:.0f} min"),
    ]
    rows += [(f"injected: {name}", count) for name, count in sorted(injected.items()) if count]
    rows += [(f"refused by the books: {name}", count) for name, count in sorted(refused.items())]
    return ["| what | how much |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]


def _count(texts: list[str], *kinds: str) -> int:
    return sum(text.startswith(kinds) for text in texts)


def _write(table: str, command: str) -> None:
    head, _, rest = DOCUMENT.read_text().partition(BEGIN)
    where = f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    made = f"`{command}` on {datetime.date.today()}{_commit()}: {where}.\n\n{table}"
    DOCUMENT.write_text(head + BEGIN + made + END + rest.partition(END)[2])


def _commit() -> str:
    """Of which version it is told, where git knows."""
    command = ["git", "describe", "--always", "--dirty"]
    try:
        version = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return f", version {version.stdout.strip()}"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
