"""manage.py importrecords: loads a folder of CSV files into a company."""

from __future__ import annotations

import dataclasses
import difflib
import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from companies.models import Company
from records.csv_import import Listener, Refusal, Result, import_folder
from syncqueue.capture import acting


class Command(BaseCommand):
    help = (
        "Imports customers.csv, vendors.csv, items.csv, invoices.csv, credit_memos.csv, bills.csv,"
        " vendor_credits.csv and payments.csv from a folder. What is there already is updated;"
        " good rows are kept when others are refused, and then the exit code is 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--company", required=True, metavar="NAME")
        parser.add_argument(
            "--create-company",
            action="store_true",
            help="create the company also when there is one with a similar name",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        company, is_new = _company(options["company"], may_create=options["create_company"])
        if is_new:
            self.stderr.write(f"Created the company “{company}”.")
        started = time.monotonic()
        console = Console(file=self.stderr if options["json"] else self.stdout)  # type: ignore[arg-type]  # writes like a file
        refusals: list[Refusal] = []
        with acting(origin="import"), _progress(console, options["json"]) as progress:
            listener = _listener(progress, refusals, is_quiet=options["json"])
            try:
                result = import_folder(company=company, folder=options["folder"], listener=listener)
            except FileNotFoundError as error:
                if is_new:
                    company.delete()
                raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(_as_json(company, result, refusals, time.monotonic() - started))
        else:
            console.print(_as_table(result))
        if result.refused:
            raise CommandError(
                f"{result.refused} could not be imported. Correct them in the files and repeat:"
                " what is imported already stays as it is.",
                returncode=1,
            )


def _company(name: str, *, may_create: bool) -> tuple[Company, bool]:
    """The company, and whether it was made for this import. A name that is almost one that is
    there is more likely a slip than a new company, and is refused."""
    company = Company.objects.filter(name=name).first()
    if company:
        return company, False
    folded = {one.casefold(): one for one in Company.objects.values_list("name", flat=True)}
    similar = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.8)
    if similar and not may_create:
        raise CommandError(
            f"There is no company “{name}”. Did you mean “{folded[similar[0]]}”? "
            "If it is another one, add --create-company."
        )
    return Company.objects.create(name=name), True


def _progress(console: Console, is_quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description:18}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("lines"),
        TimeElapsedColumn(),
        console=console,
        disable=is_quiet,
    )


def _listener(progress: Progress, refusals: list[Refusal], *, is_quiet: bool) -> Listener:
    """Refusals are printed as they come, or kept for the JSON."""
    tasks: dict[str, Any] = {}

    def show(file: str, done: int, total: int) -> None:
        if file not in tasks:
            tasks[file] = progress.add_task(file)
        progress.update(tasks[file], completed=done, total=total)

    def refuse(refusal: Refusal) -> None:
        if is_quiet:
            refusals.append(refusal)
        else:
            progress.console.print(str(refusal), style="red", markup=False, highlight=False)

    return Listener(refusal=refuse, progress=show)


def _as_table(result: Result) -> Table:
    table = Table("File", "Created", "Updated", "Unchanged", "Refused", box=None)
    for name, counts in result.files.items():
        table.add_row(name, *(f"{n:,}" for n in dataclasses.astuple(counts)))
    return table


def _as_json(company: Company, result: Result, refusals: list[Refusal], seconds: float) -> str:
    return json.dumps(
        {
            "company": company.name,
            "files": {name: dataclasses.asdict(counts) for name, counts in result.files.items()},
            "refused": result.refused,
            "refusals": [dataclasses.asdict(refusal) for refusal in refusals],
            "seconds": round(seconds, 2),
        },
        indent=2,
        ensure_ascii=False,
    )
