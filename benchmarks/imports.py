"""The import against row by row, and what noticing changes costs those who make them.

(`import` is a keyword, so this module has a plural.)
"""

from __future__ import annotations

from benchmarks.ground import Ground, Result, interleaved, provider, ratio, say


def compare(ground: Ground, *, count: int, rowwise: int, times: int) -> Result:
    """`count` customers changed in accounting; row by row, only the first `rowwise` of them."""

    def run(filled: int, module: str, *arguments: str) -> Result:
        with (
            provider(f"--customers={filled}") as url,
            ground.copy(f"customers_{filled}") as name,
        ):
            return ground.run(module, name, *arguments, QUICKBOOKS_ONLINE_API_URL=url)

    for number in {count, rowwise}:
        ground.fill(f"customers_{number}", "customers", number)
    found = interleaved(
        times,
        {
            "ours": lambda: run(count, "ours", "imported", str(count)),
            "row by row": lambda: run(rowwise, "rowwise", str(rowwise)),
        },
    )
    return found | {"times_rowwise": ratio(found["ours"], found["row by row"])}


def first(ground: Ground, *, counts: list[int]) -> list[Result]:
    """The first import: customers that nothing is known of are looked for by name among as many of
    ours, and made here."""
    found = []
    for count in counts:
        filled = ground.fill(f"strangers_{count}", "strangers", count)
        with provider(f"--customers={count}") as url, ground.copy(filled) as name:
            arguments = ("imported", str(count))
            found.append(ground.run("ours", name, *arguments, QUICKBOOKS_ONLINE_API_URL=url))
        say(f"    {count:,}: {found[-1]['per_second']:.0f} a second")
    return found


def capture(ground: Ground, *, count: int) -> Result:
    filled = ground.fill(f"customers_{count}", "customers", count)
    with ground.copy(filled) as name:
        seconds = ground.run("triggers", name, str(count))
    return seconds | {
        "count": count,
        "times_without": seconds["on"] / seconds["off"],
        "times_without_again": seconds["on again"] / seconds["off"],
        "times_without_single": seconds["single on"] / seconds["single off"],
    }
