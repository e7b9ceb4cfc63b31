"""`manage.py connect KIND --company NAME`: what the Connections page does, without a browser."""

from __future__ import annotations

import datetime
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.management.base import BaseCommand, CommandError

from connectors import oauth
from connectors.http import NoResponse, send
from connectors.interface import Outage, Request
from connectors.registry import KINDS
from connectors.sessions import Access
from jobs.connect import CannotConnect, connect
from jobs.connect_views import callback_address
from jobs.management.choosing import company_named
from jobs.management.watching import run_and_show
from syncqueue.capture import acting


class Command(BaseCommand):
    help = "Connect a company with its books, when the server approves by itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(KINDS))
        parser.add_argument("--company", required=True, help="the name of our company")
        parser.add_argument(
            "--accept-exact", action="store_true", help="link what has exactly the same name"
        )
        parser.add_argument(
            "--initial-load", action="store_true", help="queue everything accounting has not"
        )
        parser.add_argument(
            "--since",
            type=datetime.date.fromisoformat,
            help="do not synchronize documents dated before (2026-01-31)",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        access = parser.add_argument_group("systems with a user and a password (Tryton)")
        access.add_argument("--url", help="the server, such as https://tryton.example.com:8000")
        access.add_argument("--database", help="the name of its database")
        access.add_argument("--user", help="our user there")
        access.add_argument("--password-file", type=Path, help="a file that holds the password")
        access.add_argument("--company-there", default="", help="its company, if it has several")

    def handle(self, *args: Any, **options: Any) -> None:
        company = company_named(options["company"])
        access = _access(options["kind"], options)
        with acting(user=None, origin="command"):
            try:
                _connection, opened = connect(
                    company=company,
                    kind=options["kind"],
                    account_id=access.account_id,
                    credentials=access.credentials,
                    settings=access.settings,
                    user=None,
                    accept_exact=options["accept_exact"],
                    initial_load=options["initial_load"],
                    not_before=options["since"],
                )
            except CannotConnect as refusal:
                raise CommandError(str(refusal)) from None
            if opened.job is None:
                raise CommandError(opened.refusal)
            run_and_show(opened.job, as_json=options["json"])


def _access(kind: str, options: Mapping[str, Any]) -> Access:
    """By OAuth, or with a user and a password. Raises CommandError."""
    known = KINDS[kind]
    if known.app is not None:
        return _approved(kind, known.app())
    if known.log_in is None:
        raise CommandError(f"{known.label} is connected on the Connections page.")
    missing = [name for name in ("url", "database", "user", "password_file") if not options[name]]
    if missing:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in missing)
        raise CommandError(f"{known.label} also needs {names}.")
    try:
        password = options["password_file"].read_text().removesuffix("\n")
        return known.log_in(
            url=options["url"],
            database=options["database"],
            user=options["user"],
            password=password,
            company=options["company_there"],
        )
    except OSError as error:
        raise CommandError(f"The password cannot be read: {error}") from None
    except (Outage, ValueError) as error:
        raise CommandError(str(error)) from None


def _approved(kind: str, app: oauth.OAuthApp) -> Access:
    """The company id there and the credentials. Raises CommandError."""
    redirect_uri = callback_address(kind)
    state = oauth.new_state()
    address = oauth.authorize_url(app=app, redirect_uri=redirect_uri, state=state)
    try:
        answer = send(Request("GET", address), authorization={}, timeout=oauth.TIMEOUT)
    except NoResponse as failure:
        raise CommandError(f"{app.authorize_url} does not answer: {failure}") from None
    query = parse_qs(urlsplit(answer.headers.get("location", "")).query)
    if answer.status not in {302, 303} or "code" not in query:
        raise CommandError(
            "This server wants a person to approve. Log in and press Connect on the "
            "Connections page."
        )
    if query.get("state") != [state]:
        raise CommandError("The answer does not belong to this request. Run the command again.")
    try:
        credentials = oauth.exchange_code(
            app=app, code=query["code"][0], redirect_uri=redirect_uri, now=time.time()
        )
    except Outage as outage:
        raise CommandError(outage.message) from None
    return Access(query["realmId"][0], credentials)
