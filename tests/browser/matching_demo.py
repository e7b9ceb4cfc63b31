"""Proposals and lists for the pictures and browser tests of the matching and mapping pages."""

from __future__ import annotations

from connectors.models import Connection, ConnectionState, Link, Match
from records import models as records
from syncqueue.models import Operation, State, SyncQueueItem
from tests import factories

THEIRS = {"email": "orders@there.example", "phone": "555 0137", "city": "Seattle"}


def proposals(books: Connection, *, state: ConnectionState = ConnectionState.MATCHING) -> None:
    """Exact ones, doubtful ones, and some on one side only."""
    Connection.objects.filter(pk=books.pk).update(
        state=state, settings={"not_before": "2026-01-01"}
    )
    for name in ("Bottom-Dollar Markets", "Consolidated Holdings", "Great Lakes Food Market"):
        _pair(books, name, name, is_exact=True, why="Equal name")
    _pair(books, "Hungry Coyote & Sons", "Hungry Coyote and Sons Inc.", why="Similar name")
    _pair(books, "La maison d'Asie", "Maison d'Asie", why="Equal e-mail")
    for name in ("Lazy K Kountry Store", "Let's Stop N Shop"):
        record = factories.customer(company=books.company, name=name)
        _row(books, record_id=record.pk, record_label=name)
    clash = factories.customer(company=books.company, name="Exotic Liquids")
    _row(
        books,
        record_id=clash.pk,
        record_label=clash.name,
        clash="QuickBooks Online takes a name once, and “Exotic Liquids” is there already, as "
        "vendor. Give ours another name before it is sent, such as “Exotic Liquids (customer)”.",
    )
    for number, name in enumerate(("Amy's Bird Sanctuary", "Cool Cars", "Old Northwind Café")):
        _row(books, external_id=f"there {number}", external_label=name, theirs={"name": name})


def lists(books: Connection) -> None:
    """Accounts, codes and terms from accounting, one open default, and what waits for it."""
    company = books.company
    accounts = {
        name: factories.account(company=company, name=name, kind=kind)
        for name, kind in (
            ("Sales of Product Income", "income"),
            ("Services", "income"),
            ("Cost of Goods Sold", "cost_of_goods_sold"),
            ("Undeposited Funds", "other_asset"),
            ("Checking", "bank"),
        )
    }
    codes = {
        name: factories.tax_code(company=company, name=name, is_taxable=name == "TAX")
        for name in ("TAX", "NON")
    }
    others = [
        factories.payment_term(company=company, name="Net 30"),
        factories.payment_method(company=company, name="Cash"),
    ]
    for record in (*accounts.values(), *codes.values(), *others):
        _link(books, record)
    barter = factories.payment_method(company=company, name="Barter")
    Connection.objects.filter(pk=books.pk).update(
        defaults={
            "income_account": accounts["Sales of Product Income"].pk,
            "expense_account": accounts["Cost of Goods Sold"].pk,
            "taxable_code": codes["TAX"].pk,
            "untaxed_code": codes["NON"].pk,
        }
    )
    for _number in range(3):
        _waiting(books, "default:deposit_account", "No deposit account is mapped.")
    _waiting(books, f"payment_method:{barter.pk}", "Payment method “Barter” is unknown there.")


def _pair(books: Connection, ours: str, theirs: str, **fields: object) -> None:
    record = factories.customer(company=books.company, name=ours, email="orders@here.example")
    _row(
        books,
        record_id=record.pk,
        record_label=ours,
        external_id=f"id of {theirs}",
        external_label=theirs,
        theirs={"name": theirs, "currency": "USD", "is_active": True, **THEIRS},
        **fields,
    )


def _row(books: Connection, **fields: object) -> None:
    Match.objects.create(connection=books, company=books.company, record_type="customer", **fields)


def _link(books: Connection, record: records.Record) -> None:
    Link.objects.create(
        connection=books,
        company=books.company,
        record_type=record.record_type,
        record_id=record.pk,
        external_id=f"{record.record_type} {record.pk}",
    )


def _waiting(books: Connection, need: str, refusal: str) -> None:
    payment = factories.payment(company=books.company)
    SyncQueueItem.objects.filter(record_type="payment", record_id=payment.pk).update(
        operation=Operation.CREATE,
        state=State.BLOCKED,
        blocked_by_need=need,
        refusal=refusal,
    )
