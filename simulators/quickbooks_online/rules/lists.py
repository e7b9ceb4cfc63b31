"""Terms, payment methods, classes and departments."""

from __future__ import annotations

from simulators.quickbooks_online.drafts import Draft
from simulators.quickbooks_online.rules.active import mark_active
from simulators.quickbooks_online.rules.levels import qualify

LEVELS = 5


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


def prepare_dimension(draft: Draft) -> None:
    mark_active(draft)
    draft.body[f"Sub{draft.entity.name}"] = bool(draft.reference("ParentRef"))
    qualify(draft, deepest=LEVELS)
