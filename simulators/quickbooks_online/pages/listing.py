"""A table of the objects of one kind, with search and pages."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.messages import Request
from simulators.quickbooks_online.money import amount
from simulators.quickbooks_online.pages.forms import can_make
from simulators.quickbooks_online.pages.layout import page, table
from simulators.quickbooks_online.rows import DELETED, INACTIVE
from simulators.quickbooks_online.schema import Entity

PAGE_ROWS = 50
AMOUNT = "Open or balance"
Found = list[tuple[str, str, str, str, str, int, int]]


def list_page(company: Company, entity: Entity, request: Request) -> str:
    sought = request.query.get("q", "").strip()
    digits = request.query.get("page", "1")
    number = max(int(digits), 1) if digits.isdigit() and len(digits) < 9 else 1
    found = _find(company, entity, sought, number)
    rows = [_row(entity, each) for each in found[:PAGE_ROWS]]
    headings = ["Id", "Name or number", "Date", "Party", AMOUNT, "State"]
    return page(
        company.name,
        entity.title or entity.name,
        _bar(entity, sought)
        + f'<div class="sheet">{table(headings, rows, AMOUNT)}</div>'
        + _turn(sought, number, has_more=len(found) > PAGE_ROWS),
    )


def _find(company: Company, entity: Entity, sought: str, number: int) -> Found:
    """One row more than a page shows, to know whether there is another."""
    where, values = "type = ?", [entity.name]
    if sought:
        where += (
            " AND (instr(name_key, ?) OR instr(number_key, ?) OR id = ? OR instr(lower(body), ?))"
        )
        folded = sought.casefold()
        values += [folded, folded, sought, folded]
    with company.store.reading() as rows:
        return rows.db.execute(
            "SELECT id, name, number_key, txn_date, party, open_cents, state "
            f"FROM objects WHERE {where} ORDER BY rowid DESC LIMIT ? OFFSET ?",
            (*values, PAGE_ROWS + 1, (number - 1) * PAGE_ROWS),
        ).fetchall()


def _row(entity: Entity, found: tuple[str, str, str, str, str, int, int]) -> list[str]:
    id_, name, number, date, party, open_cents, state = found
    link = f"/books/{entity.name.lower()}/{id_}"
    label = escape(name or number or "(none)")
    shown = f'<a href="{link}">{label}</a>'
    owner = escape(party)
    if entity.party and party:
        owner = f'<a href="/books/{entity.party.lower()}/{party}">{owner}</a>'
    has_amount = entity.sign or entity.has_live_balance
    figure = str(amount(open_cents)) if has_amount else ""
    word = {DELETED: "deleted", INACTIVE: "inactive"}.get(state, "active")
    return [escape(id_), shown, escape(date), owner, figure, word]


def _bar(entity: Entity, sought: str) -> str:
    new = ""
    if can_make(entity):
        path = f"/books/{entity.name.lower()}/new"
        new = f'<a class="button" href="{path}">New {entity.title or entity.name}</a>'
    return f"""<form class="bar" method="get" role="search">
<div><label for="q">Search</label>
<input id="q" name="q" value="{escape(sought)}"></div>
<button>Search</button>{new}</form>"""


def _turn(sought: str, number: int, *, has_more: bool) -> str:
    def link(word: str, to: int) -> str:
        return f'<a href="?{escape(urlencode({"q": sought, "page": to}))}">{word}</a>'

    before = link("Newer", number - 1) if number > 1 else ""
    after = link("Older", number + 1) if has_more else ""
    return f'<nav class="bar" aria-label="Pages">{before}{after}</nav>'
