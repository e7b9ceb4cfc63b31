"""`manage.py connect KIND --company NAME`: what the Connections page does, without a browser."""

from __future__ import annotations

import datetime
import time
from argparse import ArgumentParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.management.base import BaseCommand, CommandError

from connectors import oauth
from connectors.http import NoResponse, send
from connectors.interface import Outage, Request
from connectors.registry import KINDS
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
            help="load documents from this date on (2026-01-31)",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        company = company_named(options["company"])
        account_id, credentials = _approved(options["kind"])
        with acting(user=None, origin="command"):
            try:
                _connection, opened = connect(
                    company=company,
                    kind=options["kind"],
                    account_id=account_id,
                    credentials=credentials,
                    user=None,
                    accept_exact=options["accept_exact"],
                    initial_load=options["initial_load"],
                    since=options["since"],
                )
            except CannotConnect as refusal:
                raise CommandError(str(refusal)) from None
            if opened.job is None:
                raise CommandError(opened.refusal)
            run_and_show(opened.job, as_json=options["json"])


def _approved(kind: str) -> tuple[str, dict[str, Any]]:
    """The company id there and the credentials. Raises CommandError."""
    make_app = KINDS[kind].app
    if make_app is None:
        raise CommandError(f"{KINDS[kind].label} is connected on the Connections page.")
    app = make_app()
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
    return query["realmId"][0], credentials
