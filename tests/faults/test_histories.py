"""A few histories out of the many of `make faults`, with real workers, kills and restarts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.faults.long import ROOT
from tests.faults.plan import STEPS, draw

# Chosen so that together they kill, stop, restart and flush, and lose answers.
SEEDS = (1421, 2478, 2633)


@pytest.fixture(scope="module")
def lane() -> Iterator[subprocess.Popen[str]]:
    """Servers, books and workers of their own, which the histories may break."""
    command = [sys.executable, "-m", "tests.faults.lane"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:
        yield process
        assert process.stdin
        process.stdin.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_and_nothing_is_sent_twice(lane: subprocess.Popen[str], seed: int) -> None:
    assert lane.stdin
    assert lane.stdout
    lane.stdin.write(f"{seed}\n")
    lane.stdin.flush()

    result = json.loads(lane.stdout.readline())

    assert result["violations"] == []


def test_a_seed_always_tells_the_same_history() -> None:
    assert draw(17) == draw(17)
    assert draw(17) != draw(18)


def test_the_histories_kill_at_every_step() -> None:
    orders = [
        order for seed in range(1, 501) for each in draw(seed).episodes for order in each.orders
    ]
    assert {order.step for order in orders if order.what == "KILL"} == set(STEPS)
    assert sum(order.what == "KILL" for order in orders) > 300
