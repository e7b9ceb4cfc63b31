"""`manage.py runjob --company NAME`: one Sync Job in the foreground."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.control import open_job
from jobs.management.choosing import company_named, open_connection_of
from jobs.management.watching import run_and_show
from syncqueue.capture import acting


class Command(BaseCommand):
    help = "Run one Sync Job for a company in the foreground, with a progress display."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", required=True, help="the name of the company")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        connection = open_connection_of(company_named(options["company"]))
        with acting(user=None, origin="command"):
            opened = open_job(connection=connection)
            if opened.job is None:
                raise CommandError(opened.refusal)
            if not opened.is_new:
                self.stderr.write(f"Sync Job {opened.job.pk} is still running. Watching it.")
            run_and_show(opened.job, as_json=options["json"])
