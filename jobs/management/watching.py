"""Shows the progress of a job in a terminal while another thread of control runs it."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import connection as database
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from jobs.foreground import follow, result
from jobs.models import JobOutcome, SyncJob

REFRESH_SECONDS = 0.5


def run_and_show(job: SyncJob, *, as_json: bool) -> None:
    """Run the job to its end. Raises CommandError when it failed."""
    if as_json:
        done = follow(job, tell=lambda _job: None)
        sys.stdout.write(json.dumps(result(done), indent=2) + "\n")
    else:
        with _bar(job):
            done = follow(job, tell=lambda _job: None)
        sys.stdout.write(f"Sync Job {done.pk}: {done.explanation}\n")
        sys.stdout.write(
            f"Exported {done.exported}, imported {done.imported}, unchanged {done.unchanged}, "
            f"errors {done.error_count}.\n"
        )
    if done.outcome == JobOutcome.FAILED:
        raise CommandError(done.explanation)


@contextmanager
def _bar(job: SyncJob) -> Iterator[None]:
    """Polls the row: the job may run here or in a worker, the row tells of both."""
    ended = threading.Event()
    progress = Progress(
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f} of {task.total:.0f}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with progress:
        task = progress.add_task("Waiting", total=1)
        thread = threading.Thread(target=_poll, args=(job.pk, progress, task, ended), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def _poll(job_id: int, progress: Progress, task: TaskID, ended: threading.Event) -> None:
    try:
        while not ended.wait(REFRESH_SECONDS):
            job = SyncJob.objects.get(pk=job_id)
            progress.update(
                task,
                description=job.phase or str(job.get_state_display()),
                completed=job.progress,
                total=max(job.progress_total, job.progress, 1),
            )
    finally:
        database.close()
