"""Fills a database: a company, its connection, links of what is there already, and the records.

Written as a few statements through the real triggers, so the Sync Queue fills itself.
"""

from __future__ import annotations

import time

from django.core.management import call_command
from django.db import connection as database

from companies.models import Company
from connectors.documents import RecordType
from connectors.models import Connection, ConnectionState, Cursor

CUSTOMERS = 200
ITEMS = 50
LINES = 3


def company_with_books() -> None:
    """A company with 200 customers and 50 items that both sides have; nothing waits."""
    call_command("migrate", verbosity=0)
    _give_defaults()
    company = Company.objects.create(name="Harbor Foods")
    books = Connection(
        company=company, kind="quickbooks_online", account_id="1", state=ConnectionState.READY
    )
    books.set_credentials({"access_token": "t", "expires_at": int(time.time()) + 86_400})
    with database.cursor() as cursor:
        cursor.execute(_PARTIES.format(table="records_customer", extra=""), [CUSTOMERS, company.pk])
        cursor.execute(_ITEMS, [company.pk, ITEMS])
    books.save()
    for record_type in RecordType:
        Cursor.objects.create(
            connection=books, record_type=record_type, position={"since": _an_hour_ago()}
        )
    with database.cursor() as cursor:
        for table, kind, letter in (("customer", "customer", "c"), ("item", "item", "i")):
            cursor.execute(_LINKS.format(table=table), [books.pk, kind, letter])


def invoices(books: Connection, count: int) -> None:
    """Issued invoices with three lines each; all of them wait in the Sync Queue."""
    with database.cursor() as cursor:
        cursor.execute(_INVOICES, [books.company_id, CUSTOMERS, count])
        cursor.execute(_INVOICE_LINES, [ITEMS, LINES])
        cursor.execute("VACUUM ANALYZE")


def customers(books: Connection, count: int) -> None:
    """More linked customers, which both sides agree on; the next import scans all of them."""
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM connectors_link WHERE record_type = 'customer'")
        cursor.execute(
            _PARTIES.format(table="records_customer", extra=f" OFFSET {CUSTOMERS}"),
            [count, books.company_id],
        )
        cursor.execute(_LINKS.format(table="customer"), [books.pk, "customer", "c"])
        cursor.execute(
            "UPDATE connectors_link SET ours = "
            + _PARTY_JSON
            + ", theirs = "
            + _PARTY_JSON
            + " FROM records_customer r"
            " WHERE record_type = 'customer' AND r.id = record_id"
        )
        cursor.execute("DELETE FROM queue_syncqueueitem")
        cursor.execute("VACUUM ANALYZE")
    Cursor.objects.filter(record_type="customer").update(position={})


def strangers(books: Connection, count: int) -> None:
    """As many customers of ours that accounting does not know; it has others."""
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM connectors_link WHERE record_type = 'customer'")
        cursor.execute(
            _PARTIES.format(table="records_customer", extra=""), [count, books.company_id]
        )
        cursor.execute("UPDATE records_customer SET name = 'Our ' || name")
        cursor.execute("DELETE FROM queue_syncqueueitem")
        cursor.execute("VACUUM ANALYZE")
    Cursor.objects.filter(record_type="customer").update(position={})


def _give_defaults() -> None:
    """What the statements of the benchmarks leave out is empty, also in columns to come."""
    with database.cursor() as cursor:
        cursor.execute(_WITHOUT_DEFAULT)
        for table, column, kind in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} ALTER {column} SET DEFAULT {_EMPTY[kind]}")


def _an_hour_ago() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() - 3600))


_EMPTY = {
    **dict.fromkeys(("text", "character varying"), "''"),
    **dict.fromkeys(("smallint", "integer", "bigint", "numeric"), "0"),
    "boolean": "false",
    "jsonb": "'{}'",
    "timestamp with time zone": "now()",
}
_WITHOUT_DEFAULT = """
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' AND table_name ~ '^(records|connectors|jobs|queue)_'
    AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
    AND data_type = ANY('{text,character varying,smallint,integer,bigint,numeric,boolean,jsonb,
        timestamp with time zone}')
"""
_PARTIES = """
INSERT INTO {table} (company_id, name, email, address_line1, city, country, currency, is_active)
SELECT c.id, 'Customer ' || n, 'buyer' || n || '@example.com', n || ' Quay Street', 'Porto', 'PT',
    'USD', true
FROM generate_series(1, %s) AS n, companies_company c WHERE c.id = %s ORDER BY n{extra}
"""
_ITEMS = """
INSERT INTO records_item (company_id, name, sku, kind, unit_price, is_active)
SELECT %s, 'Item ' || n, 'SKU' || n, 'non_inventory', n, true
FROM generate_series(1, %s) AS n ORDER BY n
"""
_LINKS = """
INSERT INTO connectors_link (connection_id, company_id, record_type, record_id, external_id,
    version, is_finished)
SELECT b.id, b.company_id, given.kind, r.id, given.letter || lpad(r.id::text, 7, '0'), '0', true
FROM records_{table} r, connectors_connection b,
    (SELECT %s::bigint AS books, %s AS kind, %s AS letter) given
WHERE b.id = given.books ORDER BY r.id
"""
_PARTY_JSON = """jsonb_build_object('name', r.name, 'contact_name', '', 'email', r.email,
    'phone', '', 'address_line1', r.address_line1, 'city', r.city, 'region', '',
    'postal_code', '', 'country', r.country, 'currency', 'USD', 'tax_number', '',
    'payment_term', NULL, 'is_active', true)"""
_INVOICES = """
INSERT INTO records_invoice (company_id, number, date, due_date, currency, status, memo, total,
    customer_id)
SELECT %s, 'INV-' || n, date '2026-03-01', date '2026-03-31', 'USD', 'issued', 'Order ' || n, 60,
    1 + n %% %s
FROM generate_series(1, %s) AS n ORDER BY n
"""
_INVOICE_LINES = """
INSERT INTO records_invoiceline (company_id, invoice_id, position, item_id, description, quantity,
    unit_price, amount)
SELECT i.company_id, i.id, p, 1 + (i.id * 7 + p) %% %s, 'Crate of tea, box ' || p, 2, 10, 20
FROM records_invoice i, generate_series(1, %s) AS p ORDER BY i.id, p
"""
