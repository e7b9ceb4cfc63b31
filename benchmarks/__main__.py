"""`make bench`: measures everything and prints the tables of docs/benchmarks.md.

`--long` adds what takes long (100,000 records; the provider's limits at real speed), `--only`
names the parts, `--records` makes it shorter, `--plot FILE` draws the picture.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from benchmarks import export, imports, pages, report
from benchmarks.ground import Ground, ground, say
from benchmarks.plot import draw


def parts(asked: argparse.Namespace) -> dict[str, Callable[[Ground], Any]]:
    records, times = asked.records, asked.times
    counts = [records // 10, records, *([records * 10] if asked.long else [])]
    return {
        "export": lambda on: export.compare(
            on, count=records, naive=min(records, 200), times=times
        ),
        "growth": lambda on: export.growth(on, counts=counts, times=1 if asked.long else times),
        "paced": lambda on: export.paced(on, minutes=3, scale=1 if asked.long else asked.scale),
        "edited": lambda on: export.edited(on, edits=1000),
        "import": lambda on: imports.compare(
            on, count=records * 5, rowwise=min(records, 1000), times=times
        ),
        "capture": lambda on: imports.capture(on, count=records * 2),
        "pages": lambda on: pages.compare(on, counts=counts),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--only", default="", help="export,growth,paced,edited,import,...")
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=3, help="the best of so many runs counts")
    parser.add_argument("--scale", type=float, default=5, help="how much faster `paced` runs")
    parser.add_argument("--plot", type=Path)
    asked = parser.parse_args()
    wanted = [name for name in asked.only.split(",") if name]
    found: dict[str, Any] = {"machine": machine()}
    with ground() as on:
        for name, measure in parts(asked).items():
            if not wanted or name in wanted:
                say(f"{name} ...")
                found[name] = measure(on)
                print(f"{report.text(name, found[name])}\n", flush=True)  # noqa: T201
    print(json.dumps(found))  # noqa: T201  (for whoever keeps the figures)
    if asked.plot and "export" in found:
        asked.plot.write_text(draw(found["export"]))


def machine() -> dict[str, Any]:
    return {
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    main()
