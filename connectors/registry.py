"""Which kinds of accounting systems there are: one line each."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from connectors import oauth, sessions
from connectors.documents import RecordType
from connectors.interface import Announcement, Connector, Steps
from connectors.models import Connection, Link
from connectors.quickbooks_online import pages as quickbooks_pages
from connectors.quickbooks_online import reading, webhooks
from connectors.quickbooks_online.config import Config
from connectors.quickbooks_online.connector import QuickBooksOnline
from connectors.quickbooks_online.employees import other_names
from connectors.tryton import pages as tryton_pages
from connectors.tryton.config import Config as TrytonConfig
from connectors.tryton.connector import Tryton

# What Tryton's check-up learns and its connector is given.
TRYTON_PREFERENCES = (
    "home_currency",
    "currencies",
    "countries",
    "country_names",
    "company_party",
    "receivable",
    "payable",
    "sale_journal",
    "purchase_journal",
    "cash_journal",
    "unit",
    "unit_digits",
    "categories",
)

# What the roles of `Connection.defaults` point to.
ROLES: Mapping[str, RecordType] = {
    "income_account": RecordType.ACCOUNT,
    "expense_account": RecordType.ACCOUNT,
    "asset_account": RecordType.ACCOUNT,
    "deposit_account": RecordType.ACCOUNT,
    "taxable_code": RecordType.TAX_CODE,
    "untaxed_code": RecordType.TAX_CODE,
}


@dataclass(frozen=True, slots=True)
class Kind:
    """`make` builds the connector from a connection; `authorize` gives the headers that let its
    requests in (refreshing what has expired; raises Outage with Reason.AUTH); `forget` makes the
    next `authorize` refresh; `app` is our OAuth application there, None where there is no OAuth;
    there `log_in` opens the access with an address, a user and a password. `announced` reads a
    webhook (headers, raw body): what changed, None if its signature is wrong; `read_until` says
    up to which of the provider's times a cursor's position has read."""

    name: str
    label: str
    make: Callable[[Connection], Connector]
    authorize: Callable[[Connection], Mapping[str, str]]
    forget: Callable[[Connection], None]
    app: Callable[[], oauth.OAuthApp] | None = None
    log_in: Callable[..., sessions.Access] | None = None
    # Where a person looks at their object (connection, type, external id); "" where nowhere.
    page_of: Callable[[Connection, RecordType, str], str] | None = None
    # Types of which no two may have one name there; and who else has such names, by what they are.
    shared_names: frozenset[RecordType] = frozenset()
    other_names: Callable[[Connection], Steps[Mapping[str, Sequence[str]]]] | None = None
    announced: Callable[[Mapping[str, str], bytes], Sequence[Announcement] | None] | None = None
    read_until: Callable[[Mapping[str, object]], datetime.datetime | None] | None = None


def external_defaults(connection: Connection) -> dict[str, str]:
    """role -> *their* id of the record that the connection names; one query. A record that has no
    link (any more) is left out."""
    wanted = {role: (kind, connection.defaults.get(role)) for role, kind in ROLES.items()}
    links = Link.objects.filter(
        connection=connection,
        record_type__in=set(ROLES.values()),
        record_id__in={record_id for _, record_id in wanted.values() if record_id},
        gone_at=None,
    )
    found = {
        (record_type, record_id): external_id
        for record_type, record_id, external_id in links.values_list(
            "record_type", "record_id", "external_id"
        )
    }
    return {role: found[key] for role, key in wanted.items() if key in found}


def _quickbooks_online(connection: Connection) -> QuickBooksOnline:
    known = connection.preferences
    started = connection.settings.get("inventory_start") or connection.created_at.date().isoformat()
    return QuickBooksOnline(
        Config(
            api_url=settings.QUICKBOOKS_ONLINE["api_url"],
            realm_id=connection.account_id,
            home_currency=known.get("home_currency") or connection.company.currency,
            country=known.get("country", "US"),
            custom_numbers=known.get("custom_numbers", True),
            multi_currency=known.get("multi_currency", False),
            defaults=external_defaults(connection),
            rate_factor=settings.QUICKBOOKS_ONLINE.get("rate_factor", 1.0),
            own_currency=connection.company.currency,
            consent_ends=_consent_ends(connection),
            values_inventory=bool(connection.settings.get("values_inventory")),
            inventory_start=datetime.date.fromisoformat(started),
        )
    )


def _consent_ends(connection: Connection) -> datetime.date | None:
    at = oauth.ends_at(connection.credentials)
    return datetime.datetime.fromtimestamp(at, datetime.UTC).date() if at else None


def _quickbooks_online_app() -> oauth.OAuthApp:
    configured = settings.QUICKBOOKS_ONLINE
    return oauth.OAuthApp(
        authorize_url=configured["authorize_url"],
        token_url=configured["token_url"],
        revoke_url=configured.get("revoke_url", ""),
        client_id=configured["client_id"],
        client_secret=configured["client_secret"],
        scope="com.intuit.quickbooks.accounting",
    )


def _quickbooks_online_bearer(connection: Connection) -> Mapping[str, str]:
    return oauth.bearer(connection, app=_quickbooks_online_app(), now=time.time())


def _quickbooks_online_announced(
    headers: Mapping[str, str], body: bytes
) -> Sequence[Announcement] | None:
    token = settings.QUICKBOOKS_ONLINE.get("webhook_token", "")
    return webhooks.announcements(headers, body, token)


def _quickbooks_online_page(
    connection: Connection, record_type: RecordType, external_id: str
) -> str:
    api_url = settings.QUICKBOOKS_ONLINE["api_url"]
    return quickbooks_pages.page_of(
        api_url=api_url, record_type=record_type, external_id=external_id
    )


def _tryton_page(connection: Connection, record_type: RecordType, external_id: str) -> str:
    chosen = connection.settings
    return tryton_pages.page_of(
        url=chosen["url"],
        database=chosen["database"],
        record_type=record_type,
        external_id=external_id,
    )


def _tryton(connection: Connection) -> Tryton:
    chosen, known = connection.settings, connection.preferences
    learned = {name: known[name] for name in TRYTON_PREFERENCES if name in known}
    return Tryton(
        TrytonConfig(
            url=chosen["url"],
            database=chosen["database"],
            company=chosen["company"],
            rpc_path=chosen["rpc_path"],
            user=chosen["user"],
            allow_future_dates=bool(chosen.get("allow_future_dates")),
            defaults=external_defaults(connection),
            **learned,
        )
    )


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            QuickBooksOnline.kind,
            QuickBooksOnline.label,
            make=_quickbooks_online,
            authorize=_quickbooks_online_bearer,
            forget=oauth.forget_access_token,
            app=_quickbooks_online_app,
            page_of=_quickbooks_online_page,
            announced=_quickbooks_online_announced,
            shared_names=frozenset({RecordType.CUSTOMER, RecordType.VENDOR}),
            other_names=lambda connection: other_names(_quickbooks_online(connection).config),
            read_until=reading.read_until,
        ),
        Kind(
            Tryton.kind,
            Tryton.label,
            make=_tryton,
            authorize=sessions.authorize,
            forget=sessions.forget,
            log_in=sessions.open_tryton,
            page_of=_tryton_page,
        ),
    )
}


def connector_for(connection: Connection) -> Connector:
    return KINDS[connection.kind].make(connection)


def page_of(connection: Connection, record_type: RecordType, external_id: str) -> str:
    """The address of their object in the accounting system's own pages; "" if nobody knows."""
    find = KINDS[connection.kind].page_of
    return find(connection, record_type, external_id) if find else ""


def authorization_for(connection: Connection) -> Mapping[str, str]:
    return KINDS[connection.kind].authorize(connection)


def keep_alive(connection: Connection) -> bool:
    """Use the access once, if no job has for long; False if there was no need. Raises Outage. Not
    inside a transaction."""
    app = KINDS[connection.kind].app
    return app is not None and oauth.keep_alive(connection, app=app(), now=time.time())


def revoke_access(connection: Connection) -> bool:
    """End the access over there, and forget it here; False if nobody confirmed it. Before the
    connection is closed, and not inside a transaction."""
    app = KINDS[connection.kind].app
    return app is not None and oauth.revoke(connection, app=app())
