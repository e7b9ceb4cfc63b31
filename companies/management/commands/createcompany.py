"""manage.py createcompany: a new company, and the person who administers it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from companies.models import Company, Membership, Role


class Command(BaseCommand):
    help = "Creates a company. With --user, that person becomes its administrator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--user", metavar="USERNAME", help="created if there is none yet")
        parser.add_argument("--password", help="for a new user; without it they cannot log in yet")
        parser.add_argument("--currency", default="USD", help="the home currency (USD)")
        parser.add_argument("--time-zone", default="UTC", help="such as Europe/Berlin (UTC)")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"].strip()
        if not name:
            raise CommandError("A company needs a name.")
        if Company.objects.filter(name=name).exists():
            raise CommandError(f"There is a company named “{name}” already.")
        if options["time_zone"] not in available_timezones():
            raise CommandError("There is no such time zone. One looks like Europe/Berlin.")
        company = Company.objects.create(
            name=name, currency=options["currency"], time_zone=options["time_zone"]
        )
        self.stdout.write(f"Company “{name}” is there.")
        if options["user"]:
            person = _person(options["user"], options["password"])
            Membership.objects.create(user=person, company=company, role=Role.ADMINISTRATOR)
            self.stdout.write(f"{person.username} is its administrator.")


def _person(username: str, password: str | None) -> User:
    existing = User.objects.filter(username=username).first()
    if existing is None:
        return User.objects.create_user(username, password=password, is_staff=True)
    if not existing.is_staff:
        existing.is_staff = True
        existing.save(update_fields=["is_staff"])
    return existing
