"""Terms and payment methods."""

from __future__ import annotations

from simulators.quickbooks_online.drafts import Draft
from simulators.quickbooks_online.rules.active import mark_active


def prepare_term(draft: Draft) -> None:
    """A term is due after days, or on a day of the month."""
    mark_active(draft)
    if draft.body.get("DueDays") is not None:
        draft.body["Type"] = "STANDARD"
    elif draft.body.get("DayOfMonthDue") is not None:
        draft.body["Type"] = "DATE_DRIVEN"
    else:
        draft.require("DueDays")


def prepare_payment_method(draft: Draft) -> None:
    mark_active(draft)
    draft.default("Type", "NON_CREDIT_CARD")
