"""`manage.py reconcile [--company NAME]`: queue what no trigger saw, and say how things stand."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.table import Table

from connectors.models import Connection
from jobs import words
from jobs.management.choosing import company_named
from jobs.reconcile import reconcile
from syncqueue.capture import acting


class Command(BaseCommand):
    help = "Compare all records with what accounting has, and queue what differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", help="only this company; default: all")

    def handle(self, *args: Any, **options: Any) -> None:
        connections = Connection.objects.open().select_related("company").order_by("pk")
        if options["company"]:
            connections = connections.filter(company=company_named(options["company"]))
        with acting(user=None, origin="reconcile"):
            for connection in connections:
                self._show(connection)

    def _show(self, connection: Connection) -> None:
        table = Table("Type", "Records", "Linked", "Waiting", "Queued now", title=str(connection))
        for tally in reconcile(connection):
            counts = (tally.records, tally.linked, tally.waiting, tally.queued)
            table.add_row(words.plural(tally.record_type), *map(str, counts))
        Console().print(table)
