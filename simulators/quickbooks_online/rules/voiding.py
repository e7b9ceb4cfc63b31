"""What a voided transaction looks like."""

from __future__ import annotations

from simulators.quickbooks_online.money import ZERO
from simulators.quickbooks_online.schema import Entity, Json

WORD = "Voided"


def voided(entity: Entity, body: Json) -> Json:
    """Amounts are zero, a payment loses its lines, the note begins with "Voided"."""
    note = str(body.get("PrivateNote") or "")
    result: Json = {**body, "TotalAmt": ZERO, "PrivateNote": _noted(note)}
    if entity.settles:
        result["Line"] = []
    else:
        result["Line"] = [_emptied(line) for line in body.get("Line", [])]
        result["Deposit"] = None
        result["TxnTaxDetail"] = {"TotalTax": ZERO}
    return {name: each for name, each in result.items() if each is not None}


def _noted(note: str) -> str:
    if note.startswith(WORD):
        return note
    return f"{WORD} - {note}" if note else WORD


def _emptied(line: Json) -> Json:
    emptied = {**line, "Amount": ZERO} if "Amount" in line else dict(line)
    detail = line.get("SalesItemLineDetail")
    if detail:
        emptied["SalesItemLineDetail"] = {**detail, "Qty": 0, "UnitPrice": 0}
    return emptied
