"""The pages with few and with very many rows: what a person waits for must not grow.

By itself, `python -m benchmarks.pages --jobs 1000000 --errors 10000000 --write`, it measures each
page, in each order, over that many rows, and what the indexes cost on writing.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from benchmarks.ground import Ground, Result, ground

DOCS = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- the pages begin -->\n", "<!-- the pages end -->\n"
AIM_MS = 150


def compare(ground: Ground, *, counts: list[int]) -> dict[int, Result]:
    found = {}
    for count in counts:
        filled = ground.fill(f"invoices_{count}", "invoices", count)
        with ground.copy(filled) as name:
            found[count] = ground.run("lists", name)
    return found


def crowded(ground: Ground, *, jobs: int, errors: int) -> Result:
    """Each page over so many rows of one company."""
    with ground.copy("template1") as name:
        return ground.run("console", name, "--jobs", str(jobs), "--errors", str(errors))


def text(found: Result) -> str:
    """As Markdown: the pages, then the cost on writing."""
    return "\n".join([*_pages(found), "", *_writing(found)])


def written_into(document: str, said: str) -> str:
    head, _, rest = document.partition(BEGIN)
    return f"{head}{BEGIN}\n{said}\n\n{END}{rest.partition(END)[2]}"


def _pages(found: Result) -> Iterator[str]:
    yield (
        f"Over {found['jobs']:,} Sync Jobs and {found['errors']:,} errors of one company, one in a"
        f" hundred open. On a machine of its own a page takes about its CPU time; the aim is"
        f" {AIM_MS} ms. The load while this was measured: {found['load']:.0f} on {found['cores']}"
        " cores, which also makes CPU time longer."
    )
    yield ""
    yield "| page | CPU, ours and PostgreSQL's, ms | first byte here, ms | statements |"
    yield "| --- | --- | --- | --- |"
    for name, page in found["pages"].items():
        cpu = f"{page['cpu_ms']:.0f}" if page["cpu_ms"] < AIM_MS else f"**{page['cpu_ms']:.0f}**"
        yield f"| {name} | {cpu} | {page['ms']:.0f} | {page['statements']} |"


def _writing(found: Result) -> Iterator[str]:
    yield "| 1,000 rows | with all indexes, ms | without those of the lists, ms | indexes |"
    yield "| --- | --- | --- | --- |"
    for name, cost in found["writing"].items():
        size = f"{cost['indexes']}, {cost['mb']:,.0f} MB"
        yield f"| {name} | {cost['with']:.0f} | {cost['without']:.0f} | {size} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.pages", description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--errors", type=int, default=100_000)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    asked = parser.parse_args()
    with ground() as on:
        said = text(crowded(on, jobs=asked.jobs, errors=asked.errors))
    print(said)  # noqa: T201  (a program for people)
    if asked.write:
        DOCS.write_text(written_into(DOCS.read_text(), said))


if __name__ == "__main__":
    main()
