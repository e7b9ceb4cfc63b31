"""From an address of the page to what it shows or does."""

from __future__ import annotations

from simulators.quickbooks_online import tokens
from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.entities import entity_called
from simulators.quickbooks_online.messages import Reply, Request, page_reply, redirect
from simulators.quickbooks_online.pages import editing
from simulators.quickbooks_online.pages.detail import detail_page, new_page
from simulators.quickbooks_online.pages.forms import can_make
from simulators.quickbooks_online.pages.home import home_page, log_page
from simulators.quickbooks_online.pages.layout import STYLE, page
from simulators.quickbooks_online.pages.listing import list_page
from simulators.quickbooks_online.pages.preferences import (
    preferences_page,
    save_preferences,
)
from simulators.quickbooks_online.schema import Entity


def answer(company: Company, request: Request) -> Reply:
    if request.path == "/style.css":
        return Reply(200, STYLE, "text/css; charset=utf-8")
    if request.path == "/":
        return page_reply(home_page(company))
    if request.path == "/log":
        return page_reply(log_page(company))
    if request.path == "/preferences":
        return _preferences(company, request)
    if request.path == "/preferences/disconnect" and request.method == "POST":
        with company.store.writing() as rows:
            tokens.revoke_all(rows)
        return redirect("/preferences")
    return _books(company, request)


def _preferences(company: Company, request: Request) -> Reply:
    if request.method == "POST":
        return save_preferences(company, request)
    return page_reply(preferences_page(company))


def _books(company: Company, request: Request) -> Reply:
    steps = request.path.split("/")[1:]
    entity = entity_called(steps[1]) if len(steps) in (2, 3) else None
    if steps[0] != "books" or entity is None:
        return _nothing(company, request)
    if len(steps) == 2:
        return page_reply(list_page(company, entity, request))
    if steps[2] == "new" and can_make(entity):
        if request.method == "POST":
            return editing.make(company, entity, request)
        return page_reply(new_page(company, entity, {}, []))
    return _object(company, entity, steps[2], request)


def _object(company: Company, entity: Entity, id_: str, request: Request) -> Reply:
    with company.store.reading() as rows:
        stored = rows.find(entity.name, id_)
    if stored is None:
        return _nothing(company, request)
    if request.method == "POST" and can_make(entity):
        return editing.edit(company, entity, id_, request)
    return page_reply(detail_page(company, entity, stored, []))


def _nothing(company: Company, request: Request) -> Reply:
    content = '<p>There is nothing at this address. <a href="/">To the books</a></p>'
    return page_reply(page(company.name, "Not found", content), 404)
