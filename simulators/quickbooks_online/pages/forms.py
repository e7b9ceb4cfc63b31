"""Which fields a person edits on the page, and how they become an update."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from simulators.quickbooks_online.schema import Entity, Json

SHOWN = ".shown"


@dataclass(frozen=True)
class Input:
    """A field of the form; `path` may lead into a block (PrimaryEmailAddr.Address)."""

    path: str
    label: str
    kind: str = "text"
    only_new: bool = False

    @property
    def top(self) -> str:
        return self.path.partition(".")[0]


_NAME = (
    Input("DisplayName", "Display name"),
    Input("CompanyName", "Company name"),
    Input("PrimaryEmailAddr.Address", "E-mail"),
    Input("PrimaryPhone.FreeFormNumber", "Phone"),
    Input("BillAddr.Line1", "Street"),
    Input("BillAddr.City", "City"),
    Input("BillAddr.CountrySubDivisionCode", "State or region"),
    Input("BillAddr.PostalCode", "Postal code"),
    Input("BillAddr.Country", "Country"),
    Input("Notes", "Notes", "long"),
    Input("Active", "Active", "tick"),
)
_DOCUMENT = (
    Input("DocNumber", "Number"),
    Input("TxnDate", "Date (YYYY-MM-DD)"),
    Input("PrivateNote", "Private note", "long"),
)
_SALE = (
    Input("CustomerRef.value", "Customer id", only_new=True),
    *_DOCUMENT,
    Input("line.item", "Item id", only_new=True),
    Input("line.quantity", "Quantity", only_new=True),
    Input("line.price", "Unit price", only_new=True),
)
_PURCHASE = (
    Input("VendorRef.value", "Vendor id", only_new=True),
    *_DOCUMENT,
    Input("line.account", "Expense account id", only_new=True),
    Input("line.amount", "Amount", only_new=True),
)

FORMS: dict[str, tuple[Input, ...]] = {
    "Customer": _NAME,
    "Vendor": _NAME,
    "Item": (
        Input("Name", "Name"),
        Input("Sku", "SKU"),
        Input("Type", "Type (Service, NonInventory)", only_new=True),
        Input("IncomeAccountRef.value", "Income account id"),
        Input("ExpenseAccountRef.value", "Expense account id"),
        Input("UnitPrice", "Unit price"),
        Input("Description", "Description", "long"),
        Input("Active", "Active", "tick"),
    ),
    "Account": (
        Input("Name", "Name"),
        Input("AccountType", "Type", only_new=True),
        Input("AcctNum", "Number"),
        Input("Description", "Description", "long"),
        Input("Active", "Active", "tick"),
    ),
    "Term": (
        Input("Name", "Name"),
        Input("DueDays", "Due in days"),
        Input("Active", "Active", "tick"),
    ),
    "PaymentMethod": (Input("Name", "Name"), Input("Active", "Active", "tick")),
    "Invoice": (*_SALE, Input("DueDate", "Due date (YYYY-MM-DD)")),
    "CreditMemo": _SALE,
    "Payment": (
        Input("CustomerRef.value", "Customer id", only_new=True),
        Input("TotalAmt", "Amount"),
        Input("TxnDate", "Date (YYYY-MM-DD)"),
        Input("PaymentRefNum", "Reference number"),
        Input("PrivateNote", "Private note", "long"),
        Input("line.invoice", "Apply to invoice id", only_new=True),
    ),
    "Bill": (*_PURCHASE, Input("DueDate", "Due date (YYYY-MM-DD)")),
    "VendorCredit": _PURCHASE,
}


def can_make(entity: Entity) -> bool:
    return entity.name in FORMS


def inputs_for(entity: Entity, *, is_new: bool) -> list[Input]:
    return [each for each in FORMS[entity.name] if is_new or not each.only_new]


def value_at(body: Mapping[str, object], path: str) -> object:
    value: object = body
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def changes(inputs: list[Input], form: Mapping[str, str], body: Json) -> Json:
    """The top-level fields that differ from `body`, as a sparse update sends them."""
    changed: Json = {}
    for each in inputs:
        if each.top == "line":
            continue
        new = given(each, form)
        if new is None or new == _text(each, value_at(body, each.path)):
            continue
        if each.path == each.top:
            changed[each.top] = new
        else:
            kept = changed.get(each.top, body.get(each.top)) or {}
            leaf = each.path.partition(".")[2]
            changed[each.top] = _without_empty({**kept, leaf: new})
    return changed


def given(each: Input, form: Mapping[str, str]) -> str | bool | None:
    """What a form says of a field; None if it does not have the field.

    A browser sends nothing for an empty box, so a hidden field says that it was shown.
    """
    if each.kind == "tick":
        is_ticked = each.path in form
        return is_ticked if is_ticked or each.path + SHOWN in form else None
    text = form.get(each.path)
    return None if text is None else text.strip().replace("\r\n", "\n")


def _text(each: Input, value: object) -> object:
    if each.kind == "tick":
        return value is not False
    return "" if value is None else str(value)


def _without_empty(block: Json) -> Json | None:
    return {name: value for name, value in block.items() if value != ""} or None


def field_html(each: Input, value: object) -> str:
    name, label = escape(each.path), escape(each.label)
    if each.kind == "tick":
        ticked = "" if value is False else " checked"
        shown = f'<input type="hidden" name="{name}{SHOWN}">'
        box = f'{shown}<input type="checkbox" name="{name}"{ticked}>'
        return f'<label class="tick">{box} {label}</label>'
    text = escape("" if value is None else str(value))
    if each.kind == "long":
        control = f'<textarea id="{name}" name="{name}" rows="3">{text}</textarea>'
    else:
        control = f'<input id="{name}" name="{name}" value="{text}">'
    return f'<label for="{name}">{label}</label>{control}'
