"""What has to be looked up before a document is written: ids that only Tryton knows, and whatever
would be refused. Each look-up is a request of its own; what it found is kept in the push's note."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.documents import Document, Payment, Trade
from connectors.interface import Push, Reason, Rejected
from connectors.tryton.config import Config
from connectors.tryton.models import SALES, TRADES
from connectors.tryton.values import Json, rows_of

Note = dict[str, Any]
# Found for one push: what its note shall hold, or why it cannot be written.
Finding = Note | Rejected


def needed(push: Push, note: Note) -> str:
    """The next look-up for this push; "" when all are done."""
    done = note.get("done", [])
    return next((name for name in _wanted(push) if name not in done), "")


def _wanted(push: Push) -> Sequence[str]:
    content = push.content
    first = ["written"] if push.link is not None and push.changed else []
    if isinstance(content, Trade):
        has_items = any(line.item for line in content.lines)
        has_taxes = any(line.tax_code for line in content.lines)
        lists = [*(["products"] if has_items else []), *(["taxes"] if has_taxes else [])]
        return [*first, "parties", *lists, "periods"]
    if isinstance(content, Payment):
        has_method = ["methods"] if content.method else []
        has_invoices = ["invoices"] if content.applications else []
        return [*first, "parties", *has_method, *has_invoices, "periods"]
    return []


def asked(name: str, pushes: Sequence[Push]) -> tuple[str, list[Any], list[str]]:
    """Model, domain and fields of a look-up for all these pushes."""
    contents = [push.content for push in pushes if push.content]
    if name == "written":
        model = "account.invoice" if pushes[0].record_type in TRADES else "account.move"
        ids = [int(push.link.external_id) for push in pushes if push.link]
        return model, [["id", "in", ids]], ["lines", "state"]
    if name == "periods":
        days = sorted({getattr(content, "date") for content in contents})  # noqa: B009
        covers = [[["start_date", "<=", day], ["end_date", ">=", day]] for day in days]
        domain = [["type", "=", "standard"], ["OR", *covers]]
        return "account.period", domain, ["start_date", "end_date", "state"]
    model, fields = LOOKUPS[name]
    wanted = sorted({one for content in contents for one in WANTED[name](content)})
    inactive = [] if name == "invoices" else [["active", "in", [True, False]]]
    return model, [["id", "in", wanted], *inactive], list(fields)


def found(name: str, facts: Json, rows: Sequence[Json], config: Config) -> Finding:
    """What the rows mean for one push; `facts` say what it looked for."""
    return FINDERS[name](facts, {row["id"]: row for row in rows}, config)


def facts(name: str, push: Push) -> Json:
    """What `found` has to know of a push; kept in the request."""
    content = push.content
    if name == "written":
        return {"id": int(push.link.external_id) if push.link else 0}
    if name == "periods":
        return {"day": getattr(content, "date").isoformat()}  # noqa: B009
    ids = [] if content is None else WANTED[name](content)
    return {"ids": ids, "is_sale": push.record_type not in PURCHASES}


def _parties(facts: Json, rows: Mapping[int, Json], config: Config) -> Finding:
    party_id = facts["ids"][0]
    row = rows.get(party_id)
    if row is None:
        return _missing("party", party_id, f"Tryton has no party {party_id}.")
    if not row.get("active"):
        return _missing("party", party_id, f"“{row['name']}” is inactive in Tryton.")
    if not row.get("addresses"):
        message = (
            f"“{row['name']}” has no address in Tryton, and every document needs one. Add one."
        )
        return Rejected(Reason.VALIDATION, "no_address", message, field="party")
    side = "receivable" if facts["is_sale"] else "payable"
    account = row.get(f"account_{side}") or getattr(config, side)
    if not account:
        message = f"Tryton has no {side} account. Choose it under Financial, Configuration."
        return Rejected(Reason.VALIDATION, f"no_{side}_account", message, field="account")
    return {"address": row["addresses"][0], "account": account}


def _products(facts: Json, rows: Mapping[int, Json], config: Config) -> Finding:
    known: Json = {}
    accounts = {one["id"]: one for one in config.categories}
    for product_id in facts["ids"]:
        row = rows.get(product_id)
        if row is None:
            return _missing("item", product_id, f"Tryton has no product {product_id}.")
        template = rows_of(row, "template")[0]
        if not (row.get("active") and template.get("active")):
            return _missing("item", product_id, f"“{template['name']}” is inactive in Tryton.")
        category = accounts.get(template.get("account_category"), {})
        account = category.get("revenue" if facts["is_sale"] else "expense")
        if account is None:
            message = f"“{template['name']}” has no account category in Tryton. Choose one there."
            return Rejected(Reason.VALIDATION, "no_account_category", message, field="item")
        unit = rows_of(template, "default_uom")[0]
        known[str(product_id)] = [account, unit["id"], unit["digits"]]
    return {"products": known}


def _taxes(facts: Json, rows: Mapping[int, Json], config: Config) -> Finding:
    """Tryton itself takes an inactive one."""
    for tax_id in facts["ids"]:
        row = rows.get(tax_id)
        if row is None:
            return _missing("tax_code", tax_id, f"Tryton has no tax {tax_id}.")
        if not row.get("active"):
            return _missing("tax_code", tax_id, f"The tax “{row['name']}” is inactive in Tryton.")
    return {}


def _periods(facts: Json, rows: Mapping[int, Json], config: Config) -> Finding:
    day = facts["day"]
    covering = [
        row
        for row in rows.values()
        if row["start_date"].isoformat() <= day <= row["end_date"].isoformat()
    ]
    period = next((row for row in covering if row["state"] == "open"), None)
    if period:
        return {"period": period["id"]}
    if covering:
        said = f"The period of {day} is {covering[0]['state']} in Tryton."
        return Rejected(Reason.CLOSED_PERIOD, "period_closed", said, field="date")
    said = f"Tryton has no fiscal year for {day}. Create it there, with its periods."
    return Rejected(Reason.CLOSED_PERIOD, "no_period", said, field="date")


def _invoices(facts: Json, rows: Mapping[int, Json], config: Config) -> Finding:
    accounts: Json = {}
    for invoice_id in facts["ids"]:
        row = rows.get(invoice_id)
        if row is None or row["state"] == "cancelled":
            said = f"Tryton has no open invoice {invoice_id}."
            return _missing("document", invoice_id, said)
        accounts[str(invoice_id)] = [row["account"], row["party"]]
    return {"invoices": accounts}


def _methods(facts: Json, rows: Mapping[int, Json], config: Config) -> Finding:
    row = rows.get(facts["ids"][0])
    if row is None or not row.get("active"):
        return _missing("method", facts["ids"][0], "The payment method is inactive in Tryton.")
    return {"journal": row["journal"], "money": row["debit_account"]}


def _written(facts: Json, rows: Mapping[int, Json], config: Config) -> Finding:
    row = rows.get(facts["id"])
    if row is None:
        return Rejected(Reason.GONE, "gone", "Tryton does not have it any more.")
    return {"lines": row["lines"]}


def _missing(field: str, external_id: int, message: str) -> Rejected:
    return Rejected(
        Reason.MISSING_REFERENCE, "missing", message, field=field, external_id=str(external_id)
    )


def _party_of(content: Document) -> list[int]:
    return [int(content.party)] if isinstance(content, Trade | Payment) else []


def _items_of(content: Document) -> list[int]:
    lines = content.lines if isinstance(content, Trade) else ()
    return sorted({int(line.item) for line in lines if line.item})


def _taxes_of(content: Document) -> list[int]:
    lines = content.lines if isinstance(content, Trade) else ()
    return sorted({int(line.tax_code) for line in lines if line.tax_code})


def _paid_by(content: Document) -> list[int]:
    parts = content.applications if isinstance(content, Payment) else ()
    return sorted({int(part.document) for part in parts})


def _method_of(content: Document) -> list[int]:
    return [int(content.method)] if isinstance(content, Payment) and content.method else []


PURCHASES = TRADES - SALES
WANTED: Mapping[str, Callable[[Document], list[int]]] = {
    "parties": _party_of,
    "products": _items_of,
    "taxes": _taxes_of,
    "invoices": _paid_by,
    "methods": _method_of,
}
LOOKUPS: Mapping[str, tuple[str, Sequence[str]]] = {
    "parties": (
        "party.party",
        ("name", "active", "addresses", "account_receivable", "account_payable"),
    ),
    "products": (
        "product.product",
        ("active", "template.name", "template.active", "template.account_category",
         "template.default_uom.digits"),
    ),
    "taxes": ("account.tax", ("name", "active")),
    "invoices": ("account.invoice", ("state", "account", "party")),
    "methods": ("account.invoice.payment.method", ("active", "journal", "debit_account")),
}  # fmt: skip
FINDERS: Mapping[str, Callable[[Json, Mapping[int, Json], Config], Finding]] = {
    "parties": _parties,
    "products": _products,
    "taxes": _taxes,
    "periods": _periods,
    "invoices": _invoices,
    "methods": _methods,
    "written": _written,
}
