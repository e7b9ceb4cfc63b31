"""The preferences a person can change here: closing date and document numbers."""

from __future__ import annotations

from datetime import date

from simulators.quickbooks_online import writing
from simulators.quickbooks_online.company import Company
from simulators.quickbooks_online.entities import ENTITIES
from simulators.quickbooks_online.messages import Reply, Request, page_reply, redirect
from simulators.quickbooks_online.pages.forms import Input, field_html, given
from simulators.quickbooks_online.pages.layout import page, problems
from simulators.quickbooks_online.rows import Rows
from simulators.quickbooks_online.rules.closing import PASSWORD_SETTING, closing_date
from simulators.quickbooks_online.rules.numbers import uses_custom_numbers
from simulators.quickbooks_online.schema import Json

CLOSING = Input("BookCloseDate", "Books closed through (YYYY-MM-DD; empty: open)")
PASSWORD = Input("password", "Writing before it needs a password (6210)", "tick")
NUMBERS = Input("CustomTxnNumbers", "Custom transaction numbers", "tick")


def preferences_page(company: Company, refused: list[str] | None = None) -> str:
    with company.store.reading() as rows:
        fields = (
            field_html(CLOSING, closing_date(rows))
            + field_html(PASSWORD, bool(rows.setting(PASSWORD_SETTING)))
            + field_html(NUMBERS, uses_custom_numbers(rows))
        )
    form = f"""<form method="post" class="sheet">{fields}
<button class="main">Save</button></form>"""
    connect = """<h2>Connected applications</h2>
<form method="post" action="/preferences/disconnect" class="bar">
<button>Disconnect all</button></form>"""
    return page(company.name, "Preferences", problems(refused or []) + form + connect)


def save_preferences(company: Company, request: Request) -> Reply:
    """What the form does not have stays as it is."""
    form = request.form()
    closed = given(CLOSING, form)
    if closed and not _is_date(str(closed)):
        refused = [f"{closed} is not a date like 2026-12-31."]
        return page_reply(preferences_page(company, refused), 400)
    with company.store.writing() as rows:
        _save(rows, form)
    return redirect("/preferences")


def _save(rows: Rows, form: dict[str, str]) -> None:
    before = rows.find("Preferences", "1")
    if before is None:
        return
    change = writing.Change(rows, origin="page", may_write_anything=True)
    sent = {
        "Id": "1",
        "SyncToken": str(before.token),
        "sparse": True,
        "AccountingInfoPrefs": _with(before.body["AccountingInfoPrefs"], CLOSING, form),
        "SalesFormsPrefs": _with(before.body["SalesFormsPrefs"], NUMBERS, form),
    }
    needs_password = given(PASSWORD, form)
    if needs_password is not None:
        rows.set_setting(PASSWORD_SETTING, "1" if needs_password else "")
    writing.save(change, ENTITIES["Preferences"], sent)


def _with(prefs: Json, field: Input, form: dict[str, str]) -> Json:
    """The preferences with the form's value of one field; without it, if that is empty."""
    value = given(field, form)
    if value is None:
        return prefs
    changed = {**prefs, field.path: value}
    return {name: each for name, each in changed.items() if each != ""}


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
