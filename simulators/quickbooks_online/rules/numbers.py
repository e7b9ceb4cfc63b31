"""Document numbers: ours with CustomTxnNumbers, the company's own sequence without."""

from __future__ import annotations

from simulators.quickbooks_online.drafts import Draft
from simulators.quickbooks_online.rows import Rows

FIRST = 1000


def uses_custom_numbers(rows: Rows) -> bool:
    return bool(rows.preferences.get("SalesFormsPrefs", {}).get("CustomTxnNumbers"))


def number_sale(draft: Draft) -> None:
    """Without custom numbers a document that brings none gets the next one."""
    is_new = draft.before is None and not draft.body.get("DocNumber")
    if is_new and not uses_custom_numbers(draft.rows):
        draft.body["DocNumber"] = str(FIRST + int(draft.rows.next_id("DocNumber")))
