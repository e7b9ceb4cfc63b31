"""QuickBooks' faults in our words: refusals of one record, and outages that no record caused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.interface import Operation, Outage, Outcome, Reason, Rejected, Response, Unknown
from connectors.quickbooks_online import jsontext
from connectors.quickbooks_online.jsontext import Json

# "Wait 60 s (flat, no dependable Retry-After)".
THROTTLE_SECONDS = 60.0
THROTTLED = "3001"

# What is not listed is the record's own fault: VALIDATION, with QuickBooks' text.
REASONS: Mapping[str, Reason] = {
    # Nobody is let in: token, rights, wrong company, or the subscription ended (6190).
    **dict.fromkeys(("100", "110", "120", "3100", "3200", "3202", "6190"), Reason.AUTH),
    THROTTLED: Reason.RATE_LIMIT,
    # Wrong cluster, locked, maintenance, company being reset, system failure.
    **dict.fromkeys(("130", "140", "150", "10000", "10200"), Reason.TRANSIENT),
    "5010": Reason.STALE_VERSION,
    # A number, a name, an object that is there already.
    **dict.fromkeys(("6140", "6240", "630"), Reason.DUPLICATE),
    "610": Reason.MISSING_REFERENCE,  # or GONE: see _reason
    **dict.fromkeys(("2500", "6250"), Reason.MISSING_REFERENCE),
    **dict.fromkeys(("6200", "6210"), Reason.CLOSED_PERIOD),
    # A hole in the mapping: required reference, tax code, account type.
    **dict.fromkeys(("2020", "6560", "6100", "6160", "6230", "6470", "6430"), Reason.MAPPING),
    # Our own mistake: request id, batch size, property, query, operation.
    **dict.fromkeys(
        ("500", "1040", "2000", "2010", "2130", "4000", "4001", "4002", "10100"), Reason.INTERNAL
    ),
}
# The request was carried out before, or may have been.
REPEATED_REQUEST = "600"

# Their property -> the field of the neutral document.
FIELDS: Mapping[str, str] = {
    "DisplayName": "name",
    "Name": "name",
    "GivenName": "contact_name",
    "FamilyName": "contact_name",
    "PrimaryEmailAddr": "email",
    "PrimaryPhone": "phone",
    "BillAddr": "address_line1",
    "CurrencyRef": "currency",
    "PrimaryTaxIdentifier": "tax_number",
    "TaxIdentifier": "tax_number",
    "SalesTermRef": "payment_term",
    "TermRef": "payment_term",
    "Sku": "sku",
    "Description": "description",
    "Type": "kind",
    "UnitPrice": "unit_price",
    "PurchaseCost": "unit_cost",
    "IncomeAccountRef": "income_account",
    "ExpenseAccountRef": "expense_account",
    "AssetAccountRef": "asset_account",
    "DocNumber": "number",
    "PaymentRefNum": "number",
    "CustomerRef": "party",
    "VendorRef": "party",
    "TxnDate": "date",
    "DueDate": "due_date",
    "PrivateNote": "memo",
    "TotalAmt": "amount",
    "PaymentMethodRef": "method",
    "DepositToAccountRef": "deposit_account",
    "Line": "lines",
    "ItemRef": "item",
    "AccountRef": "account",
    "TaxCodeRef": "tax_code",
    "LinkedTxn": "applications",
}
_ELEMENT_ID = re.compile(r"\belement id:?\s*(\d+)", re.IGNORECASE)
_TAKEN_BY = re.compile(r"(?:TxnType=(?P<type>[A-Za-z ]+?)\s+with\s+)?\b(?:Txn)?Id=(?P<id>\d+)")


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of a fault. `text` is the detail, which says more than the message."""

    code: str
    text: str
    element: str = ""

    @property
    def reason(self) -> Reason:
        if self.code == "6000" and _is_about_tax(self.text):
            return Reason.MAPPING
        return REASONS.get(self.code, Reason.VALIDATION)


def _is_about_tax(text: str) -> bool:
    """Code 6000 is a family; "make sure all your transactions have a GST/HST/VAT rate"."""
    return bool(re.search(r"\b(GST|HST|VAT)\b", text)) and "rate" in text


def faults_in(body: object) -> Sequence[Fault]:
    """The errors of a `Fault` (gateways write `fault`); none if there is no fault."""
    fault = _lowered(body).get("fault")
    if fault is None:
        return ()
    errors = _lowered(fault).get("error") or [{}]
    found = errors if isinstance(errors, list) else [errors]
    return [_fault(_lowered(error)) for error in found]


def _fault(error: Mapping[str, Any]) -> Fault:
    code = str(error.get("code") or "").lstrip("0")  # "003001" is 3001
    text = str(error.get("detail") or error.get("message") or "No reason given")
    return Fault(code=code, text=text, element=str(error.get("element") or ""))


def _lowered(value: object) -> Mapping[str, Any]:
    """Keys in lower case, for the case of a fault's keys depends on who wrote it."""
    if not isinstance(value, dict):
        return {}
    return {str(key).lower(): part for key, part in value.items()}


def is_ambiguous(fault: Fault) -> bool:
    """610 is said of an inactive reference and of the object itself, in the same words. Where a
    reference is named, it is that."""
    return fault.code == "610" and not _names_reference(fault)


def _names_reference(fault: Fault) -> bool:
    return fault.element.rpartition(".")[2].endswith(("Ref", "LinkedTxn"))


def outcome_of(
    faults: Sequence[Fault], operation: Operation, entity: str, *, is_there: bool | None = False
) -> Outcome:
    """What a fault in the place of an object means for the one record. `is_there`: whether the
    object itself was found (None: nobody knows), for the fault that does not tell."""
    first = faults[0]
    if first.code == REPEATED_REQUEST or first.reason is Reason.TRANSIENT:
        return Unknown(f"{first.code}: {first.text}")
    reason = _reason(first, operation, is_there)
    return Rejected(
        reason=reason,
        code=first.code,
        message="\n".join(dict.fromkeys(fault.text for fault in faults)),
        field=field_of(first.element),
        external_id=_named_object(first, reason, entity),
    )


def _reason(fault: Fault, operation: Operation, is_there: bool | None) -> Reason:
    """Nothing but a reference can be missing on a create."""
    if fault.code != "610" or operation is Operation.CREATE or _names_reference(fault):
        return fault.reason
    if is_there is None:  # "gone" would offer to create it again
        return Reason.VALIDATION
    return Reason.MISSING_REFERENCE if is_there else Reason.GONE


def field_of(element: str) -> str:
    """The last step of the path that is a field of ours: "Line.SalesItemLineDetail.ItemRef"."""
    steps = [step.partition("[")[0] for step in element.split(".")]
    return next((FIELDS[step] for step in reversed(steps) if step in FIELDS), element)


def _named_object(fault: Fault, reason: Reason, entity: str) -> str:
    """The object that the text names: in the way (if it is of the same type), or missing."""
    if reason is Reason.MISSING_REFERENCE:
        found = _ELEMENT_ID.search(fault.text)
        return found[1] if found else ""
    if reason is not Reason.DUPLICATE:
        return ""
    found = _TAKEN_BY.search(fault.text)
    if found is None or (found["type"] or entity).replace(" ", "") != entity:
        return ""
    return found["id"]


def checked(response: Response) -> Json:
    """The answer as JSON, if it is one and no fault. Raises Outage."""
    body = _parsed(response)
    faults = faults_in(body)
    outage = _of_status(response, faults) or (_of_fault(faults[0]) if faults else None)
    if outage:
        raise outage
    if response.status != 200 or not isinstance(body, dict):
        raise Outage(
            Reason.TRANSIENT,
            f"QuickBooks gave an answer that cannot be read (HTTP {response.status}).",
            code=str(response.status),
        )
    return body


def raise_fault_in(part: object) -> None:
    """For a part of an answer that holds a fault where objects should be. Raises Outage."""
    for fault in faults_in(part):
        raise _of_fault(fault)


def _parsed(response: Response) -> Any:
    try:
        return jsontext.load(response.body)
    except (ValueError, RecursionError):  # a gateway's page, or a body that was cut
        return None


def _of_status(response: Response, faults: Sequence[Fault]) -> Outage | None:
    """Who is turned away at the door was not served: 401, 403 and 429 are decided."""
    status = response.status
    text, code = (faults[0].text, faults[0].code) if faults else ("", str(status))
    if status == 429 or any(fault.code == THROTTLED for fault in faults):
        return Outage(
            Reason.RATE_LIMIT,
            "QuickBooks asks us to wait.",
            code=code,
            retry_after=max(THROTTLE_SECONDS, _retry_after(response)),
            is_decided=True,
        )
    if status in {401, 403}:
        message = text or "QuickBooks does not let us in."
        return Outage(Reason.AUTH, message, code=code, is_decided=True)
    if status >= 500:
        message = text or f"QuickBooks could not answer (HTTP {status})."
        return Outage(Reason.TRANSIENT, message, code=code)
    return None


def _of_fault(fault: Fault) -> Outage:
    """A fault of the whole request. Only a system failure and a repeated request id leave open
    whether it was carried out."""
    if fault.reason is Reason.TRANSIENT or fault.code == REPEATED_REQUEST:
        return Outage(Reason.TRANSIENT, fault.text, code=fault.code)
    reason = fault.reason if fault.reason is Reason.AUTH else Reason.INTERNAL
    return Outage(reason, fault.text, code=fault.code, is_decided=True)


def _retry_after(response: Response) -> float:
    value = response.headers.get("retry-after", "")
    return float(value) if value.isdigit() else 0.0
