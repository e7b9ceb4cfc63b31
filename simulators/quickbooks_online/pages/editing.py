"""What the forms do: ordinary writes, noted in the log as made on the page."""

from __future__ import annotations

from collections.abc import Callable

from simulators.quickbooks_online import writing
from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.messages import Reply, Request, page_reply, redirect
from simulators.quickbooks_online.pages.detail import detail_page, new_page
from simulators.quickbooks_online.pages.forms import changes, inputs_for
from simulators.quickbooks_online.pages.new_lines import lines_of
from simulators.quickbooks_online.refusal import Refusal
from simulators.quickbooks_online.rows import Rows, Stored
from simulators.quickbooks_online.schema import Entity, Json

ORIGIN = "page"


def make(company: Company, entity: Entity, request: Request) -> Reply:
    """Create an object from the form; what is refused comes back with the reasons."""
    form = request.form()

    def create(rows: Rows) -> Stored:
        sent = changes(inputs_for(entity, is_new=True), form, {})
        if entity.is_transaction:
            sent["Line"] = lines_of(entity, form)
        return writing.save(writing.Change(rows, origin=ORIGIN), entity, sent)

    stored, refused = _attempt(company, create)
    if stored is None:
        return page_reply(new_page(company, entity, dict(form), refused), 400)
    return redirect(f"/books/{entity.name.lower()}/{stored.id}")


def edit(company: Company, entity: Entity, id_: str, request: Request) -> Reply:
    """Update, void or delete the object the form was shown for."""
    form = request.form()
    key = {"Id": id_, "SyncToken": form.get("SyncToken", "")}

    def carry_out(rows: Rows) -> Stored | None:
        change = writing.Change(rows, origin=ORIGIN)
        if form.get("do") == "delete":
            writing.delete(change, entity, key)
            return None
        if form.get("do") == "void":
            return writing.void(change, entity, key)
        return _update(rows, change, entity, form, key)

    _, refused = _attempt(company, carry_out)
    if not refused:
        return redirect(f"/books/{entity.name.lower()}/{id_}")
    with company.store.reading() as rows:
        stored = rows.find(entity.name, id_)
    if stored is None:
        return redirect(f"/books/{entity.name.lower()}")
    return page_reply(detail_page(company, entity, stored, refused), 400)


def _update(
    rows: Rows, change: writing.Change, entity: Entity, form: dict[str, str], key: Json
) -> Stored | None:
    """A sparse update of what the person changed; nothing changed is no write."""
    before = rows.find(entity.name, key["Id"])
    body = before.body if before else {}
    sent = changes(inputs_for(entity, is_new=False), form, body)
    if not sent:
        return before
    for name in entity.required_when_sparse:
        sent.setdefault(name, {"value": body[name]["value"]})
    return writing.save(change, entity, {**sent, **key, "sparse": True})


def _attempt(
    company: Company, action: Callable[[Rows], Stored | None]
) -> tuple[Stored | None, list[str]]:
    try:
        with company.store.writing() as rows:
            return action(rows), []
    except Refusal as refusal:
        texts = [f"{each.code}: {each.detail}" for each in refusal.problems]
        return None, texts
