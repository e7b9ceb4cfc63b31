"""A new company: chart of accounts, terms, payment methods, taxes, preferences."""

from __future__ import annotations

from simulators.quickbooks_online.company import Company, new_realm_id
from simulators.quickbooks_online.entities import ENTITIES
from simulators.quickbooks_online.rows import Rows, Stored
from simulators.quickbooks_online.rules.country import COUNTRY_SETTING
from simulators.quickbooks_online.rules.currency import CURRENCIES_SETTING, NAMES
from simulators.quickbooks_online.sample import add_sample
from simulators.quickbooks_online.schema import Entity, Json
from simulators.quickbooks_online.seed_data import (
    ACCOUNTS,
    PAYMENT_METHODS,
    TERMS,
    company_info,
    preferences,
)
from simulators.quickbooks_online.seed_taxes import taxes_of
from simulators.quickbooks_online.settings import Settings
from simulators.quickbooks_online.store import Store
from simulators.quickbooks_online.writing import Change, finish, save

BOOKS = ("objects", "links", "counters", "settings", "requests", "log")
REALM = "realm_id"
# The next ids of a company in use; a fresh one would start at 1 in every list and
# let references to the wrong list pass unnoticed.
FIRST_IDS = {"Names": 57, "Items": 10, "Transactions": 129}


def open_company(settings: Settings) -> Company:
    """The company in the file, made there if the file is new."""
    store = Store(settings.data)
    with store.writing() as rows:
        realm = rows.setting(REALM)
        if not realm:
            realm = settings.realm_id or new_realm_id()
            plant(rows, settings, realm)
    return Company(settings, store, realm)


def reset(company: Company) -> None:
    """Empty the books back to the seed; the company keeps its id and its tokens."""
    with company.store.writing() as rows:
        company.clock.restart()
        for table in BOOKS:
            rows.db.execute(f"DELETE FROM {table}")
        plant(rows, company.settings, company.realm_id)


def plant(rows: Rows, settings: Settings, realm: str) -> None:
    rows.set_setting(REALM, realm)
    rows.set_setting(CURRENCIES_SETTING, " ".join(settings.currencies))
    rows.set_setting(COUNTRY_SETTING, settings.country)
    _store(rows, "CompanyInfo", "1", company_info(settings.company_name, settings.country))
    prefs = preferences(settings.country, has_currencies=bool(settings.currencies))
    _store(rows, "Preferences", "1", prefs)
    _plant_lists(rows)
    _plant_taxes(rows, settings.country)
    for position, code in enumerate(settings.currencies, start=1):
        body = {"Code": code, "Name": NAMES.get(code, code), "Active": True}
        _store(rows, "CompanyCurrency", str(position), body)
    for family, last in FIRST_IDS.items():
        _raise_counter(rows, family, last)
    if settings.sample:
        add_sample(rows)
    rows.db.execute("DELETE FROM log")


def _plant_lists(rows: Rows) -> None:
    for id_, name, type_, subtype in ACCOUNTS:
        body = {"Name": name, "AccountType": type_, "AccountSubType": subtype}
        _save_as(rows, ENTITIES["Account"], id_, body)
    for id_, (name, days) in enumerate(TERMS, start=1):
        _save_as(rows, ENTITIES["Term"], id_, {"Name": name, "DueDays": days})
    for id_, (name, type_) in enumerate(PAYMENT_METHODS, start=1):
        body = {"Name": name, "Type": type_}
        _save_as(rows, ENTITIES["PaymentMethod"], id_, body)


def _plant_taxes(rows: Rows, country: str) -> None:
    for name, entries in taxes_of(country).items():
        for tax_id, body in entries.items():
            _store(rows, name, tax_id, dict(body))
            if tax_id.isdigit():
                _raise_counter(rows, ENTITIES[name].family, int(tax_id))


def _save_as(rows: Rows, entity: Entity, id_: int, body: Json) -> None:
    """Create under a chosen id; later ids of the family count on from there."""
    _raise_counter(rows, entity.family, id_ - 1)
    save(Change(rows, origin="seed"), entity, body)


def _raise_counter(rows: Rows, family: str, last: int) -> None:
    rows.db.execute(
        "INSERT INTO counters VALUES (?, ?) "
        "ON CONFLICT (family) DO UPDATE SET last = max(last, excluded.last)",
        (family, last),
    )


def _store(rows: Rows, type_: str, id_: str, body: Json) -> None:
    """What no caller can write goes into the file as it is."""
    entity, now = ENTITIES[type_], rows.clock.tick()
    stored = Stored(
        type=type_,
        id=id_,
        token=0,
        state=0,
        name=str(body.get(entity.name_field) or ""),
        number="",
        party="",
        txn_date="",
        kind="",
        open_cents=0,
        created=now,
        updated=now,
        body=body,
    )
    finish(stored)
    rows.insert(stored)
