"""Lines of a document: their ids, their details and their amounts."""

from __future__ import annotations

from decimal import Decimal

from simulators.quickbooks_online.drafts import Draft
from simulators.quickbooks_online.money import exact, rounded
from simulators.quickbooks_online.refusal import missing
from simulators.quickbooks_online.rules.country import is_us
from simulators.quickbooks_online.rules.global_tax import check_code
from simulators.quickbooks_online.schema import Json

MOST_LINES = 10_000
MOST_TAXABLE_LINES = 750


def identify(draft: Draft, lines: list[Json]) -> None:
    """A line id that exists is that line; none, or an unknown one, is a new line."""
    stored = draft.before_body.get("Line", [])
    known = {str(each["Id"]) for each in stored if "Id" in each}
    latest = max((int(each) for each in known), default=0)
    used: set[str] = set()
    for position, line in enumerate(lines, start=1):
        given = str(line.get("Id") or "")
        if given not in known or given in used:
            latest += 1
            given = str(latest)
        used.add(given)
        line["Id"] = given
        line["LineNum"] = position


def detail_of(draft: Draft, line: Json) -> Json:
    """The detail block that DetailType names; a missing one is noted."""
    type_ = line.get("DetailType")
    if not type_:
        draft.problems.append(missing("Line.DetailType"))
        return {}
    detail = line.get(type_)
    if not isinstance(detail, dict):
        draft.problems.append(missing(f"Line.{type_}"))
        return {}
    return detail


def check_amount(draft: Draft, line: Json, detail: Json) -> None:
    """Amount is needed, and is Qty * UnitPrice to the cent when both are given (6070)."""
    if line.get("Amount") is None:
        draft.problems.append(missing("Line.Amount"))
        return
    if not exact(detail.get("Qty")) and not exact(detail.get("UnitPrice")) and line["Amount"]:
        # Two zeros say nothing: SDKs send them for a line that has an amount alone.
        detail.pop("Qty", None)
        detail.pop("UnitPrice", None)
    quantity, price = detail.get("Qty"), detail.get("UnitPrice")
    if quantity is None or price is None:
        return
    # The price of a line whose amount includes the tax may include it too.
    figures = {exact(line["Amount"]), exact(detail.get("TaxInclusiveAmt") or line["Amount"])}
    if rounded(exact(quantity) * exact(price)) not in figures:
        draft.note(
            "6070",
            f"Amount is not equal to UnitPrice * Qty. Supplied value:{line['Amount']}",
            "Line.Amount",
        )


def check_tax_code(draft: Draft, detail: Json) -> bool:
    """US forms know the pseudo codes TAX and NON only (6100), others real ones; is it taxable?"""
    if not is_us(draft.rows):
        check_code(draft, detail)
        return True
    detail.setdefault("TaxCodeRef", {"value": "NON"})
    code = detail["TaxCodeRef"]["value"]
    if code not in ("TAX", "NON"):
        draft.note(
            "6100",
            "Invalid Line TaxCode in the request : for US, specify TAX or NON. "
            f"Supplied value:{code}",
            "Line.TaxCodeRef",
        )
    return bool(code == "TAX")


def check_count(draft: Draft, lines: list[Json], *, is_taxable: bool) -> None:
    most = MOST_TAXABLE_LINES if is_taxable else MOST_LINES
    if len(lines) > most:
        draft.note("6000", f"A transaction can have at most {most} lines", "Line")


def check_item_start(draft: Draft, detail: Json) -> None:
    """Inventory cannot move before its start date (6270)."""
    item = (detail.get("ItemRef") or {}).get("value", "")
    target = draft.rows.glance("Item", item) if item else None
    if target is None or target.kind != "Inventory":
        return
    row = draft.rows.find("Item", item)
    if row and draft.body["TxnDate"] < str(row.body.get("InvStartDate", "")):
        draft.note(
            "6270",
            f"{row.name} starts on {row.body['InvStartDate']}",
            "TxnDate",
        )


def total(lines: list[Json]) -> Decimal:
    return sum((exact(line.get("Amount")) for line in lines), Decimal("0.00"))


def refuse_negative(draft: Draft, amount: Decimal) -> None:
    if amount < 0:
        draft.note("6000", "Transaction amount must be 0 or greater", "TotalAmt")
