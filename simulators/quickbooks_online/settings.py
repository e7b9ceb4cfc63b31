"""What the command line can say about a simulated company."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HOUR = 3600
DAY = 24 * HOUR


@dataclass(frozen=True)
class Settings:
    """One company and the server in front of it; times are in seconds."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 0
    company_name: str = "Sandbox Company"
    realm_id: str = ""
    country: str = "US"
    currencies: tuple[str, ...] = ()
    sample: bool = False
    auto_approve: bool = False
    access_token_seconds: int = HOUR
    refresh_token_seconds: int = 100 * DAY
    refresh_rotation_seconds: int = 0
    refuse_reused_request_ids: bool = False
    rate_limits: bool = False
    webhook_url: str = ""
    webhook_token: str = ""
    webhook_format: str = "cloudevents"


def read_arguments(arguments: Sequence[str] | None = None) -> Settings:
    """Settings from the command line; unusable ones end the program with a sentence."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.realm_id and not given.realm_id.isdigit():
        parser.error("--realm-id must be digits, as the vendor's are")
    for name in ("access_token_seconds", "refresh_token_seconds"):
        if getattr(given, name) < 1:
            parser.error(f"--{name.replace('_', '-')} must be at least 1")
    if given.webhook_url and not given.webhook_url.startswith(("http://", "https://")):
        parser.error("--webhook-url must begin with http:// or https://")
    if given.webhook_url and not given.webhook_token:
        parser.error("--webhook-url needs --webhook-token, which signs what is sent")
    given.currencies = tuple(
        code.strip().upper() for code in given.currencies.split(",") if code.strip()
    )
    return Settings(**vars(given))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulators.quickbooks_online",
        description="A stand-in for QuickBooks Online, for demonstrations and tests.",
    )
    add = parser.add_argument
    add("--data", type=Path, required=True, help="the file that holds the books")
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=0, help="0 picks a free one")
    add("--company-name", default="Sandbox Company")
    add("--realm-id", default="", help="the company's id; random if not given")
    add("--country", default="US", type=str.upper, choices=("US", "GB", "CA"))
    add("--currencies", default="", help="EUR,GBP: turns multi-currency on")
    add("--sample", action="store_true", help="a handful of customers and items")
    add("--auto-approve", action="store_true", help="consent without asking")
    _add_lifetimes(parser)
    add(
        "--refuse-reused-request-ids",
        action="store_true",
        help="answer 600 when a request id comes again with another body",
    )
    add("--rate-limits", action="store_true", help="throttle as the vendor does (429)")
    _add_webhooks(parser)
    return parser


def _add_webhooks(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--webhook-url", default="", help="where changes are announced")
    add("--webhook-token", default="", help="the verifier token that signs them")
    add("--webhook-format", default="cloudevents", choices=("cloudevents", "legacy"))


def _add_lifetimes(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--access-token-seconds", type=int, default=HOUR)
    add("--refresh-token-seconds", type=int, default=100 * DAY)
    add(
        "--refresh-rotation-seconds",
        type=int,
        default=0,
        help="a refresh token younger than this is kept (the vendor: 86400)",
    )
