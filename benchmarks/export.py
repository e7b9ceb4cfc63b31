"""The export: against its limit, against the naive one, within the provider's limits, growing."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial

import urllib3

from benchmarks.ground import ROOT, Ground, Result, interleaved, provider, ratio, say

PER_BATCH = 30
BATCHES_PER_MINUTE, REQUESTS_PER_MINUTE = 40, 500


def _run(ground: Ground, filled: str, module: str, url: str, *arguments: str) -> Result:
    with ground.copy(filled) as name:
        return ground.run(module, name, *arguments, QUICKBOOKS_ONLINE_API_URL=url)


def compare(ground: Ground, *, count: int, naive: int, times: int) -> Result:
    """Ours, the bare loop and the naive one, by turns. The naive one sends fewer records: it has
    no part that grows with their number."""
    filled = ground.fill(f"invoices_{count}", "invoices", count)
    with provider() as url:
        run = partial(_run, ground, filled)
        found = interleaved(
            times,
            {
                "limit": lambda: run("limit", url, str(count)),
                "ours": lambda: run("ours", url, "exported", str(count)),
                "naive": lambda: run("naive", url, str(naive)),
            },
        )
    return found | {
        "of_limit": ratio(found["ours"], found["limit"]),
        "naive_of_limit": ratio(found["naive"], found["limit"]),
        "times_naive": ratio(found["ours"], found["naive"]),
    }


def growth(ground: Ground, *, counts: list[int]) -> list[Result]:
    """Time and memory per record, with more and more records."""
    found = []
    with provider() as url:
        for count in counts:
            filled = ground.fill(f"invoices_{count}", "invoices", count)
            found.append(_run(ground, filled, "ours", url, "exported", str(count)))
            say(f"    {count:,}: {found[-1]['per_second']:.0f} a second")
    return found


def paced(ground: Ground, *, minutes: int, scale: float) -> Result:
    """100 ms latency and the vendor's limits: how much of what they allow is used."""
    batches = minutes * BATCHES_PER_MINUTE + 1
    count = batches * PER_BATCH
    filled = ground.fill(f"invoices_{count}", "invoices", count)
    with (
        provider(
            "--latency=0.1",
            f"--requests-per-minute={REQUESTS_PER_MINUTE}",
            f"--batches-per-minute={BATCHES_PER_MINUTE}",
            f"--scale={scale}",
        ) as url,
        ground.copy(filled) as name,
    ):
        variables = {"QUICKBOOKS_ONLINE_API_URL": url, "QUICKBOOKS_ONLINE_RATE_FACTOR": "1"}
        ground.run("ours", name, "exported", str(count), str(scale), **variables)
        counts = _counts(url)
    arrivals = counts.pop("arrivals")
    needed = (arrivals[-1] - arrivals[0]) * scale
    return {
        **counts,
        "scale": scale,
        "seconds": needed,
        "of_allowed": minutes * 60 / needed,
        "refused": counts.get("refused", 0),
    }


def edited(ground: Ground, *, edits: int) -> Result:
    """One record, edited again and again while its request is under way."""
    filled = ground.fill("invoices_1", "invoices", 1)
    with provider("--latency=10") as url, ground.copy(filled) as name:
        editor = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.edits", str(edits)],
            cwd=ROOT,
            env=ground.environment(name),
            stdout=subprocess.PIPE,
        )
        ground.run("ours", name, "exported", "2", QUICKBOOKS_ONLINE_API_URL=url)
        after, _errors = editor.communicate(timeout=60)
        state, generation = json.loads(after)["item"]
        assert state == "sending", "the edits came too late"
        assert generation > edits
        return {"edits": edits, "requests": _counts(url)["batches"]}


def _counts(url: str) -> Result:
    return dict(urllib3.request("GET", f"{url}/_counts").json())
