"""Dates of a document: today if none is given, due by its terms."""

from __future__ import annotations

from datetime import date, timedelta

from simulators.quickbooks_online.drafts import Draft


def set_date(draft: Draft) -> None:
    draft.default("TxnDate", draft.rows.clock.today().isoformat())


def set_due_date(draft: Draft) -> None:
    if "DueDate" not in draft.entity.fields or draft.body.get("DueDate"):
        return
    days = 0
    terms = draft.reference("SalesTermRef")
    if terms and (row := draft.rows.find("Term", terms)):
        days = int(row.body.get("DueDays") or 0)
    due = date.fromisoformat(draft.body["TxnDate"]) + timedelta(days=days)
    draft.body["DueDate"] = due.isoformat()
