"""`manage.py demo`: a demo company, a log-in, records, and a connection to the simulated books."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from companies.models import Company, Membership, Role
from connectors.models import Connection
from records.demo import create_demo_records
from records.models import Invoice, Status
from syncqueue.capture import acting

COMPANY = "Harbor & Pine Trading"
LOGIN = "demo"


class Command(BaseCommand):
    help = "Create the demo company and its log-in, once; connect it with the simulated books."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-connect", action="store_true", help="leave it unconnected")
        parser.add_argument("--tryton", metavar="URL", help="connect it with this Tryton instead")

    def handle(self, *args: Any, **options: Any) -> None:
        with acting(user=None, origin="command"), transaction.atomic():
            company, is_new = Company.objects.get_or_create(name=COMPANY)
            if is_new:
                _let_in(company)
                create_demo_records(company, today=timezone.localdate())
                _make_something_go_wrong(company)
        if options["no_connect"] or Connection.objects.filter(company=company).exists():
            return
        kind, access = ("quickbooks_online", {})
        if options["tryton"]:
            kind, access = ("tryton", _tryton_access(options["tryton"]))
        call_command(
            "connect", kind, company=COMPANY, accept_exact=True, initial_load=True, **access
        )


def _tryton_access(url: str) -> dict[str, Any]:
    """The Tryton of `make run-tryton` says where its password is (syncapp/tryton_server)."""
    password = Path(settings.DATA_DIR) / "tryton-books" / "password"
    return {"url": url, "database": "books", "user": "admin", "password_file": password}


def _make_something_go_wrong(company: Company) -> None:
    """A name that QuickBooks refuses, on a customer whose invoices then wait for it."""
    issued = Invoice.objects.filter(company=company, status=Status.ISSUED)
    customer = issued.select_related("customer").earliest("pk").customer
    customer.name = f"{customer.name}: head office"
    customer.save(update_fields=["name", "updated_at"])


def _let_in(company: Company) -> None:
    """The user `demo` with the password `demo`: only `make run` calls this, on loopback."""
    user = User.objects.filter(username=LOGIN).first()
    if user is None:
        user = User.objects.create_superuser(LOGIN, "demo@example.com", LOGIN, first_name="Demo")
    Membership.objects.get_or_create(
        user=user,
        company=company,
        defaults={"role": Role.ADMINISTRATOR, "may_see_bodies": True},
    )
