"""What a refusal of Tryton's means for one record, and what to do about it."""

from __future__ import annotations

import re

from connectors.interface import Reason, Rejected
from connectors.tryton.rpc import NO_ACCESS, Refusal
from connectors.tryton.values import Json

# Calls are made in English, so that these words can be told apart.
_WORDS: tuple[tuple[re.Pattern[str], Reason, str, str], ...] = (
    (re.compile(r"code on party must be unique", re.I), Reason.DUPLICATE, "name", "party_code"),
    (re.compile(r"code of active product must be unique", re.I), Reason.DUPLICATE, "sku",
     "product_code"),
    (re.compile(r"must be unique", re.I), Reason.DUPLICATE, "", "unique"),
    (re.compile(r"that don't exist|does not exist", re.I), Reason.GONE, "", "gone"),
    (re.compile(r"closed|locked", re.I), Reason.CLOSED_PERIOD, "date", "period_closed"),
    (re.compile(r"\b(period|fiscal ?year)\b", re.I), Reason.CLOSED_PERIOD, "date", "no_period"),
)  # fmt: skip
_CANCEL = re.compile(r"customer invoice.*cancel|cancel.*customer invoice|cannot cancel", re.I)
_ACCOUNT = re.compile(r'"Account" (?:in|of|on)|\bAccount\b.*not valid', re.I)
_ORDER = re.compile(r"invoice date after", re.I)
_OR = (
    "or let Tryton use a sequence for each period (Financial, Configuration, Fiscal Years: "
    "Invoice Sequences)."
)
HINTS = {
    "invoice_similar": "Look for the other one in Tryton; if both are right, post it there.",
    "invoice_date_future": "Correct the date, or let the connection allow dates in the future.",
}


def rejected(refusal: Refusal, summary: str = "") -> Rejected:
    """For a call about this one record."""
    if refusal.kind == "ConcurrencyException":
        return Rejected(Reason.STALE_VERSION, "concurrency", refusal.message)
    if refusal.kind == "UserWarning":
        return _question(refusal)
    if refusal.kind == "Fault":
        return Rejected(Reason.INTERNAL, "fault", f"Tryton: {refusal.message}")
    message = refusal.message
    if refusal.kind == NO_ACCESS:
        return Rejected(Reason.VALIDATION, "no_access", message)
    if _ORDER.search(message):
        hint = f"Tryton numbers invoices in the order of their dates. Give ours a later date, {_OR}"
        return Rejected(Reason.CLOSED_PERIOD, "number_order", f"{message} {hint}", field="date")
    if _CANCEL.search(message) and summary.startswith("Cancel"):
        hint = (
            "Allow it in Tryton (Financial, Configuration: “Cancel customer invoices”), "
            "or issue a credit memo instead."
        )
        return Rejected(Reason.VALIDATION, "no_cancel", f"{message} {hint}")
    if _ACCOUNT.search(message):
        return Rejected(Reason.MISSING_REFERENCE, "account", message, field="account")
    for words, reason, field, code in _WORDS:
        if words.search(message):
            return Rejected(reason, code, message, field=field)
    return Rejected(Reason.VALIDATION, "user_error", message)


def later_number(other: Json) -> Rejected:
    """A posted invoice that was changed here, and would be cancelled in vain."""
    said = (
        f"Tryton cannot give the changed invoice a new number: invoice {other['number']} of "
        f"{other['invoice_date']} is numbered already. Undo the change and issue a credit memo and "
        f"a new invoice, {_OR}"
    )
    return Rejected(Reason.CLOSED_PERIOD, "number_order", said, field="date")


def _question(refusal: Refusal) -> Rejected:
    """A question that nobody but a person may answer."""
    kind = refusal.warning.rpartition(".")[2]
    hint = HINTS.get(kind, "Open the draft in Tryton and post it there, or correct ours.")
    reason = Reason.DUPLICATE if kind == "invoice_similar" else Reason.VALIDATION
    return Rejected(reason, kind[:60], f"{refusal.message} {hint}", field=FIELDS.get(kind, ""))


FIELDS = {"invoice_similar": "number", "invoice_date_future": "date", "invoice_taxes": "tax_code"}
