"""`make bench`: measures everything, prints the tables, and keeps them in docs/benchmarks.md.

`--long` keeps the provider's limits at real speed, `--only` names the parts, `--records` makes it
shorter. Only a whole run at full size is kept.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import export, imports, pages, report
from benchmarks.ground import Ground, ground, machine, say
from benchmarks.plot import draw

FULL = 10_000


def parts(asked: argparse.Namespace) -> dict[str, Callable[[Ground], Any]]:
    records, times = asked.records, asked.times
    counts = [records // 10, records, records * 10]
    return {
        "export": lambda on: export.compare(
            on, count=records, naive=min(records, 200), times=times
        ),
        "growth": lambda on: export.growth(on, counts=counts),
        "paced": lambda on: export.paced(on, minutes=3, scale=1 if asked.long else asked.scale),
        "edited": lambda on: export.edited(on, edits=1000),
        "import": lambda on: imports.compare(
            on, count=records * 5, rowwise=min(records, 1000), times=min(times, 2)
        ),
        "first": lambda on: imports.first(on, counts=[records // 10, records, records * 5]),
        "capture": lambda on: imports.capture(on, count=records * 2),
        "pages": lambda on: pages.compare(on, counts=counts),
    }


def main() -> None:
    asked = _asked()
    wanted = [name for name in asked.only.split(",") if name]
    found: dict[str, Any] = {"machine": machine(), "command": "make bench"}
    if asked.long:
        found["command"] = "make bench-long"
    started = time.monotonic()
    with ground() as on:
        found["machine"]["postgresql"] = on.version()
        for name, measure in parts(asked).items():
            if not wanted or name in wanted:
                say(f"{name} ...")
                found[name] = measure(on)
                print(f"{report.text(name, found[name])}\n", flush=True)  # noqa: T201
    found["minutes"] = (time.monotonic() - started) / 60
    print(json.dumps(found))  # noqa: T201  (for whoever keeps the figures)
    if not wanted and asked.records == FULL:
        _keep(found, asked)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--only", default="", help="export,growth,paced,edited,import,...")
    parser.add_argument("--records", type=int, default=FULL)
    parser.add_argument("--times", type=int, default=3, help="the best of so many runs counts")
    parser.add_argument("--scale", type=float, default=5, help="how much faster `paced` runs")
    parser.add_argument("--write", type=Path, help="the document that keeps the tables")
    parser.add_argument("--plot", type=Path, help="the picture beside it")
    return parser.parse_args()


def _keep(found: dict[str, Any], asked: argparse.Namespace) -> None:
    if asked.write:
        asked.write.write_text(report.written_into(asked.write.read_text(), found))
    if asked.plot:
        asked.plot.write_text(draw(found))


if __name__ == "__main__":
    main()
