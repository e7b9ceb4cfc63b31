"""Consent, tokens and their refresh, against the simulator, with a real connection row."""

from __future__ import annotations

import threading
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection as database

from connectors import http, oauth, registry
from connectors.interface import Outage, Reason, Request
from connectors.models import Connection, ConnectionState, Link
from connectors.oauth import OAuthApp
from connectors.registry import authorization_for, connector_for
from tests import factories
from tests.simulators.quickbooks_online.driver import CALLBACK, Simulator, redirected

pytestmark = pytest.mark.django_db
HOUR = 3600


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory):
    running = Simulator(tmp_path_factory.mktemp("oauth") / "books.db", "--auto-approve")
    yield running
    running.stop()


@pytest.fixture
def app(simulator: Simulator) -> OAuthApp:
    return OAuthApp(
        authorize_url=f"{simulator.address}/connect/oauth2",
        token_url=f"{simulator.address}/oauth2/v1/tokens/bearer",
        revoke_url=f"{simulator.address}/v2/oauth2/tokens/revoke",
        client_id="app",
        client_secret="secret",
        scope="com.intuit.quickbooks.accounting",
    )


@pytest.fixture
def consent(simulator: Simulator, app: OAuthApp) -> dict[str, str]:
    """What the callback is called with after the person approved."""
    url = oauth.authorize_url(app=app, redirect_uri=CALLBACK, state="some state")
    return redirected(simulator.get(url.removeprefix(simulator.address)))


@pytest.fixture
def connected(app: OAuthApp, consent: dict[str, str]) -> Connection:
    """Its access token has an hour to live."""
    row = factories.connection(company=factories.company(), account_id=consent["realmId"])
    row.set_credentials(
        oauth.exchange_code(app=app, code=consent["code"], redirect_uri=CALLBACK, now=time.time())
    )
    row.save(update_fields=["sealed_credentials"])
    return row


def is_let_in(simulator: Simulator, connection: Connection, headers) -> bool:
    url = f"{simulator.address}/v3/company/{connection.account_id}/preferences"
    return http.send(Request("GET", url), authorization=headers, timeout=5).status == 200


def link(connection: Connection, record_type: str, record_id: int, external_id: str) -> Link:
    return Link.objects.create(
        connection=connection,
        company_id=connection.company_id,
        record_type=record_type,
        record_id=record_id,
        external_id=external_id,
    )


def stored(connection: Connection) -> dict:
    return Connection.objects.get(pk=connection.pk).credentials


def test_the_consent_address_carries_everything_the_vendor_wants(app: OAuthApp):
    url = urlsplit(oauth.authorize_url(app=app, redirect_uri=CALLBACK, state="a&b"))
    assert parse_qs(url.query) == {
        "client_id": ["app"],
        "response_type": ["code"],
        "scope": ["com.intuit.quickbooks.accounting"],
        "redirect_uri": [CALLBACK],
        "state": ["a&b"],
    }
    assert oauth.new_state() != oauth.new_state()


def test_a_code_becomes_credentials(connected: Connection, consent: dict[str, str]):
    credentials = stored(connected)
    assert consent["state"] == "some state"
    assert credentials["refresh_token"]
    assert credentials["expires_at"] == pytest.approx(time.time() + HOUR, abs=30)
    assert credentials["refresh_expires_at"] == pytest.approx(time.time() + 2400 * HOUR, abs=30)
    assert credentials["access_token"] not in connected.sealed_credentials


def test_a_code_works_once(app: OAuthApp, connected: Connection, consent: dict[str, str]):
    with pytest.raises(Outage) as caught:
        oauth.exchange_code(app=app, code=consent["code"], redirect_uri=CALLBACK, now=0)
    assert caught.value.reason is Reason.AUTH


def test_a_fresh_token_is_used_as_it_is(simulator: Simulator, app: OAuthApp, connected: Connection):
    before = stored(connected)
    headers = oauth.bearer(connected, app=app, now=time.time())
    assert is_let_in(simulator, connected, headers)
    assert stored(connected) == before


def test_a_token_about_to_expire_is_refreshed_and_saved(
    simulator: Simulator, app: OAuthApp, connected: Connection
):
    before = stored(connected)
    headers = oauth.bearer(connected, app=app, now=before["expires_at"] - 119)
    after = stored(connected)
    assert headers == {"Authorization": f"Bearer {after['access_token']}"}
    assert is_let_in(simulator, connected, headers)
    assert after["access_token"] != before["access_token"]
    assert after["refresh_token"] != before["refresh_token"]
    assert after["expires_at"] > before["expires_at"]
    assert connected.credentials == after


def test_what_another_has_refreshed_is_used(app: OAuthApp, connected: Connection):
    """Two copies of the row: the second must not exchange the token that the first used up."""
    copy = Connection.objects.get(pk=connected.pk)
    now = stored(connected)["expires_at"]
    first = oauth.bearer(connected, app=app, now=now - 60)
    second = oauth.bearer(copy, app=app, now=now - 60)
    assert first == second


def test_the_end_of_the_consent_is_kept_and_no_refresh_moves_it(
    app: OAuthApp, connected: Connection
):
    ends = oauth.ends_at(stored(connected))
    assert ends == pytest.approx(time.time() + 5 * 365 * 24 * HOUR, abs=60)
    assert stored(connected)["refresh_expires_at"] < ends
    assert registry.connector_for(connected).config.consent_ends.year > 2030


def test_a_dormant_connection_is_kept_alive(app: OAuthApp, connected: Connection):
    before, now = stored(connected), time.time()
    assert not oauth.keep_alive(connected, app=app, now=now + 10 * 24 * HOUR)
    assert stored(connected) == before
    assert oauth.keep_alive(connected, app=app, now=now + 30 * 24 * HOUR)
    assert stored(connected)["refresh_token"] != before["refresh_token"]
    assert not oauth.keep_alive(connected, app=app, now=now + 31 * 24 * HOUR)


def test_only_what_was_authorized_is_kept_alive(app: OAuthApp):
    bare = factories.connection(company=factories.company())
    assert not oauth.keep_alive(bare, app=app, now=time.time())
    tryton = factories.connection(company=factories.company(), kind="tryton")
    assert not registry.keep_alive(tryton)
    assert not registry.revoke_access(tryton)


def test_keeping_alive_finds_out_that_the_consent_is_gone(
    simulator: Simulator, app: OAuthApp, connected: Connection
):
    simulator.post("/_simulator/disconnect")
    with pytest.raises(Outage):
        oauth.keep_alive(connected, app=app, now=time.time() + 30 * 24 * HOUR)
    connected.refresh_from_db()
    assert connected.state == ConnectionState.RECONNECT


def test_a_forgotten_token_is_refreshed(app: OAuthApp, connected: Connection):
    before = oauth.bearer(connected, app=app, now=time.time())
    oauth.forget_access_token(connected)
    assert oauth.bearer(connected, app=app, now=time.time()) != before


def test_forgetting_an_old_token_keeps_the_new_one(app: OAuthApp, connected: Connection):
    """Four requests got a 401 with one token; the first to say so has it refreshed already."""
    copy = Connection.objects.get(pk=connected.pk)
    oauth.forget_access_token(connected)
    renewed = oauth.bearer(connected, app=app, now=time.time())
    oauth.forget_access_token(copy)
    assert oauth.bearer(copy, app=app, now=time.time()) == renewed


def test_a_withdrawn_consent_needs_a_person(
    simulator: Simulator, app: OAuthApp, connected: Connection
):
    simulator.post("/_simulator/disconnect")
    with pytest.raises(Outage) as caught:
        oauth.bearer(connected, app=app, now=time.time() + HOUR)
    assert (caught.value.reason, caught.value.code) == (Reason.AUTH, "invalid_grant")
    assert caught.value.is_decided
    connected.refresh_from_db()
    assert connected.state == ConnectionState.RECONNECT


def test_a_closed_connection_stays_closed(
    simulator: Simulator, app: OAuthApp, connected: Connection
):
    Connection.objects.filter(pk=connected.pk).update(state=ConnectionState.CLOSED)
    simulator.post("/_simulator/disconnect")
    with pytest.raises(Outage):
        oauth.bearer(connected, app=app, now=time.time() + HOUR)
    connected.refresh_from_db()
    assert connected.state == ConnectionState.CLOSED


def test_a_server_in_trouble_is_no_reason_to_reconnect(
    simulator: Simulator, app: OAuthApp, connected: Connection
):
    before = stored(connected)
    simulator.faults({"fault": "status", "path": "/tokens/bearer", "status": 503})
    with pytest.raises(Outage) as caught:
        oauth.bearer(connected, app=app, now=time.time() + HOUR)
    assert caught.value.reason is Reason.TRANSIENT
    assert caught.value.is_decided
    connected.refresh_from_db()
    assert connected.state == ConnectionState.READY
    assert stored(connected) == before
    assert oauth.bearer(connected, app=app, now=time.time() + HOUR)


def test_no_server_at_all_is_no_reason_to_reconnect(connected: Connection):
    nowhere = OAuthApp("", "http://127.0.0.1:9/token", "", "app", "secret", "")
    with pytest.raises(Outage) as caught:
        oauth.bearer(connected, app=nowhere, now=time.time() + HOUR)
    assert caught.value.reason is Reason.TRANSIENT
    connected.refresh_from_db()
    assert connected.state == ConnectionState.READY


def test_a_connection_without_credentials_needs_a_person(app: OAuthApp):
    row = factories.connection(company=factories.company())
    with pytest.raises(Outage) as caught:
        oauth.bearer(row, app=app, now=time.time())
    assert caught.value.reason is Reason.AUTH
    row.refresh_from_db()
    assert row.state == ConnectionState.RECONNECT


def test_wrong_client_settings_are_no_reason_to_reconnect(app: OAuthApp, connected: Connection):
    wrong = OAuthApp(app.authorize_url, app.token_url, "", "", "", app.scope)
    with pytest.raises(Outage) as caught:
        oauth.bearer(connected, app=wrong, now=time.time() + HOUR)
    assert (caught.value.reason, caught.value.code) == (Reason.AUTH, "invalid_client")
    connected.refresh_from_db()
    assert connected.state == ConnectionState.READY


def test_revoking_ends_the_consent_there_and_forgets_it_here(
    simulator: Simulator, app: OAuthApp, connected: Connection
):
    headers = oauth.bearer(connected, app=app, now=time.time())
    assert oauth.revoke(connected, app=app)
    assert stored(connected) == {}
    assert not is_let_in(simulator, connected, headers)
    assert not oauth.revoke(connected, app=app)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_refresh_once(simulator: Simulator, app: OAuthApp, connected: Connection):
    """The vendor may revoke both tokens when one is exchanged twice."""
    simulator.faults({"fault": "latency", "path": "/tokens/bearer", "seconds": 0.3, "times": 0})
    now = time.time() + HOUR
    got: list[object] = []

    def ask() -> None:
        try:
            got.append(oauth.bearer(Connection.objects.get(pk=connected.pk), app=app, now=now))
        finally:
            database.close()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    simulator.faults()
    assert len(got) == 3
    assert got[0] == got[1] == got[2]


@pytest.mark.django_db(transaction=True)
def test_records_are_captured_while_a_token_is_refreshed(
    simulator: Simulator, app: OAuthApp, connected: Connection
):
    """The lock that a refresh holds does not stop rows that only refer to the connection."""
    simulator.faults({"fault": "latency", "path": "/tokens/bearer", "seconds": 1})

    def ask() -> None:
        try:
            copy = Connection.objects.get(pk=connected.pk)
            oauth.bearer(copy, app=app, now=time.time() + HOUR)
        finally:
            database.close()

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.3)
    started = time.monotonic()
    link(connected, "account", 1, "1")
    took = time.monotonic() - started
    thread.join(10)
    assert took < 0.5


def test_the_registry_makes_the_connector_and_lets_it_in(
    simulator: Simulator, connected: Connection, settings
):
    settings.QUICKBOOKS_ONLINE = {
        "api_url": simulator.address,
        "authorize_url": "",
        "token_url": "",
        "client_id": "app",
        "client_secret": "secret",
    }
    connected.preferences = {"country": "US", "home_currency": "USD", "custom_numbers": False}
    connected.defaults = {"income_account": 7, "untaxed_code": 8, "deposit_account": 9}
    connected.settings = {"values_inventory": True, "inventory_start": "2026-01-31"}
    connected.save()
    link(connected, "account", 7, "79")
    link(connected, "account", 8, "1")
    link(connected, "tax_code", 8, "NON")
    connector = connector_for(connected)
    assert connector.config.defaults == {"income_account": "79", "untaxed_code": "NON"}
    assert connector.config.values_inventory
    assert connector.config.inventory_start.isoformat() == "2026-01-31"
    assert not connector.config.custom_numbers
    assert is_let_in(simulator, connected, authorization_for(connected))
