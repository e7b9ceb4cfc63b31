"""Finds the company and the connection that a command is about, or says what to do."""

from __future__ import annotations

from django.core.management.base import CommandError

from companies.models import Company
from connectors.models import Connection


def company_named(name: str) -> Company:
    company = Company.objects.filter(name=name).first()
    if company:
        return company
    known = ", ".join(f"“{one.name}”" for one in Company.objects.order_by("name")[:10])
    raise CommandError(
        f"There is no company “{name}”. "
        + (f"There are: {known}." if known else "importrecords creates one.")
    )


def open_connection_of(company: Company) -> Connection:
    connection = Connection.objects.open().filter(company=company).first()
    if connection is None:
        raise CommandError(
            f"“{company}” is not connected. "
            f'Run: manage.py connect quickbooks_online --company "{company}"'
        )
    return connection
