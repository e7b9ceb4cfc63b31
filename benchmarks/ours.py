"""One whole Sync Job of ours, in this process, as a worker would run it."""

from __future__ import annotations

import cProfile
import faulthandler
import os
import sys

import django

from benchmarks.measure import Statements, measured

# Seconds after which a run says where it stands.
STALLED = 300


def main() -> None:
    """`python -m benchmarks.ours exported|imported COUNT [SCALE]`, the address in the environment.

    SCALE: how much faster the clock of the sender's pace runs.
    """
    faulthandler.dump_traceback_later(STALLED, repeat=True)
    django.setup()
    from django.db import connection as database

    from benchmarks.clock import scale_clock
    from connectors.models import Connection
    from jobs.control import open_job
    from jobs.foreground import follow
    from jobs.models import SyncJob

    counter, count = sys.argv[1], int(sys.argv[2])
    if len(sys.argv) > 3:
        scale_clock(float(sys.argv[3]))
    job = open_job(connection=Connection.objects.get()).job
    assert job is not None
    statements = Statements()
    with measured(count) as result, database.execute_wrapper(statements):
        profiler = _profiler()
        follow(job, tell=lambda job: None)
        if profiler:
            profiler.disable()
            profiler.dump_stats(os.environ["BENCH_PROFILE"])
        result["statements"] = statements.count / count
    done = SyncJob.objects.get()
    assert done.outcome == "succeeded", done.explanation
    assert getattr(done, counter) == count, (getattr(done, counter), count)


def _profiler() -> cProfile.Profile | None:
    """BENCH_PROFILE names a file: where the time goes, for pstats."""
    if "BENCH_PROFILE" not in os.environ:
        return None
    profiler = cProfile.Profile()
    profiler.enable()
    return profiler


if __name__ == "__main__":
    main()
