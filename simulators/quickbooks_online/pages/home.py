"""The first page: what the company has, and how much of each."""

from __future__ import annotations

from html import escape

from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.entities import ENTITIES
from simulators.quickbooks_online.log import entries
from simulators.quickbooks_online.pages.layout import page, table
from simulators.quickbooks_online.rows import DELETED
from simulators.quickbooks_online.rules.closing import closing_date

HIDDEN = ("CompanyInfo", "Preferences")
LOG_ROWS = 200


def home_page(company: Company) -> str:
    with company.store.reading() as rows:
        counts = dict(
            rows.db.execute(
                "SELECT type, count(*) FROM objects WHERE state < ? GROUP BY type",
                (DELETED,),
            ).fetchall()
        )
        closed = closing_date(rows) or "none"
    listed = [
        [f'<a href="/books/{name.lower()}">{name}</a>', str(counts.get(name, 0))]
        for name in ENTITIES
        if name not in HIDDEN
    ]
    facts = (
        f"<p>Company id (realmId): <strong>{escape(company.realm_id)}</strong>. "
        f"Books closed through: <strong>{escape(closed)}</strong>.</p>"
    )
    return page(
        company.name,
        "Books",
        facts + f'<div class="sheet">{table(["Kind", "Objects"], listed)}</div>',
    )


def log_page(company: Company) -> str:
    listed: list[list[str]] = []
    with company.store.reading() as rows:
        for entry in entries(rows, newest_first=True):
            if len(listed) == LOG_ROWS:
                break
            link = f"/books/{entry['type'].lower()}/{entry['id']}"
            cells = [entry["time"], entry["operation"]]
            last = [entry["marker"], entry["origin"], entry["request_id"]]
            object_ = f'<a href="{link}">{entry["type"]} {escape(entry["id"])}</a>'
            listed.append([*map(escape, cells), object_, *(escape(each) for each in last)])
    headings = ["Time", "Operation", "Object", "Marker", "Origin", "Request id"]
    note = f'<p class="quiet">The latest {LOG_ROWS} writes, newest first.</p>'
    return page(company.name, "Log", note + f'<div class="sheet">{table(headings, listed)}</div>')
