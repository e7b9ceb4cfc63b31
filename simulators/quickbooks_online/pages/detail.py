"""One object: its form, what can be done to it, and all its data."""

from __future__ import annotations

from html import escape

from simulators.quickbooks_online import jsontext
from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.pages.forms import (
    can_make,
    field_html,
    inputs_for,
    value_at,
)
from simulators.quickbooks_online.pages.layout import page, problems
from simulators.quickbooks_online.rows import DELETED, Stored, shown
from simulators.quickbooks_online.schema import Entity, Json


def detail_page(company: Company, entity: Entity, stored: Stored, refused: list[str]) -> str:
    title = f"{entity.title or entity.name} {stored.name or stored.number or stored.id}"
    is_gone = stored.state == DELETED
    form = "" if is_gone or not can_make(entity) else _form(entity, stored.body, stored)
    state = '<p class="wrong">This object is deleted.</p>' if is_gone else ""
    removal = "" if is_gone else _removal(entity, stored)
    text = shown(entity.name, stored.open_cents, stored.text)
    data = escape(_indented(jsontext.loads(text)))
    return page(
        company.name,
        title,
        problems(refused)
        + state
        + form
        + removal
        + f'<h2>Data</h2><div class="sheet"><pre>{data}</pre></div>',
    )


def new_page(company: Company, entity: Entity, entered: Json, refused: list[str]) -> str:
    title = f"New {entity.title or entity.name}"
    return page(company.name, title, problems(refused) + _form(entity, entered, None))


def _indented(value: object, margin: str = "\n") -> str:
    """JSON for people: a line for each member."""
    inner = margin + "  "
    if isinstance(value, dict) and value:
        members = [
            f"{jsontext.dumps(name)}: {_indented(each, inner)}" for name, each in value.items()
        ]
        return "{" + inner + f",{inner}".join(members) + margin + "}"
    if isinstance(value, list) and value:
        members = [_indented(each, inner) for each in value]
        return "[" + inner + f",{inner}".join(members) + margin + "]"
    return jsontext.dumps(value)


def _form(entity: Entity, body: Json, stored: Stored | None) -> str:
    is_new = stored is None
    fields = "".join(
        field_html(each, body.get(each.path) if is_new else value_at(body, each.path))
        for each in inputs_for(entity, is_new=is_new)
    )
    token = f'<input type="hidden" name="SyncToken" value="{stored.token}">' if stored else ""
    return f"""<form method="post" class="sheet">{token}{fields}
<button class="main" name="do" value="save">Save</button></form>"""


def _removal(entity: Entity, stored: Stored) -> str:
    if not entity.is_transaction:
        return ""
    void = '<button name="do" value="void">Void</button>' if entity.can_void else ""
    return f"""<form method="post" class="bar">
<input type="hidden" name="SyncToken" value="{stored.token}">
{void}<button name="do" value="delete">Delete</button></form>"""
