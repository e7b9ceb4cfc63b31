"""The vendor's faults: codes, messages and the bodies they travel in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MESSAGES = {
    "500": "Unsupported Operation",
    "600": "Duplicate Request ID",
    "610": "Object Not Found",
    "620": "Transaction cannot be linked",
    "1040": "Batch size exceeds allowed limit",
    "2000": "Invalid or unsupported object name",
    "2010": "Request has invalid or unsupported property",
    "2020": "Required param missing, need to supply the required value for the API",
    "2030": "Invalid ID",
    "2040": "Invalid String. The string is either null or contains invalid characters",
    "2050": ("String length is either shorter or longer than supported by specification"),
    "2060": "Invalid Date Format",
    "2070": "Invalid Date",
    "2080": "Invalid Number Format",
    "2100": "Invalid Decimal Format",
    "2110": "Invalid Decimal",
    "2120": "Invalid Type",
    "2130": "Invalid Request Id Format",
    "2170": "Invalid Enumeration",
    "2210": "Email Address does not conform to RFC 822 standards",
    "2220": "Invalid Currency Type",
    "2230": "Invalid Boolean",
    "2240": "Invalid Number Range",
    "2250": "Missing lines",
    "2500": "Invalid Reference Id",
    "4000": "Error parsing query",
    "4001": "Invalid query",
    "5010": "Stale Object Error",
    "6000": "A business validation error has occurred while processing your request",
    "6010": "Invalid Account.AccountType && Account.SubType",
    "6070": "Amount calculation incorrect in the request",
    "6080": "No name provided",
    "6090": "Discount line is missing required information",
    "6100": "Invalid Line TaxCode in the request",
    "6140": "Duplicate Document Number Error",
    "6150": "ParentRef Required Validation Error",
    "6180": "Sub Level Limit",
    "6200": "Account Period Closed",
    "6210": "Account Period Closed, Password Required",
    "6220": "Delete Entity Has Balance Error",
    "6240": "Duplicate Name Exists Error",
    "6270": "Inventory transaction dated before the item's start date",
    "6430": "Invalid account type used",
    "6440": "Transaction detail information required",
    "10000": "An application error has occurred while processing your request",
}

MADE_INACTIVE = (
    "Something you're trying to use has been made inactive. "
    "Check the fields with accounts, customers, items, vendors or employees."
)


@dataclass(frozen=True)
class Problem:
    """One error of a fault."""

    code: str
    detail: str
    element: str = ""

    def as_json(self) -> dict[str, str]:
        return {
            "Message": MESSAGES[self.code],
            "Detail": self.detail,
            "code": self.code,
            "element": self.element,
        }


class Refusal(Exception):
    """The books refuse a request; nothing of it is kept."""

    def __init__(self, *problems: Problem, status: int = 400) -> None:
        super().__init__("; ".join(each.detail for each in problems))
        self.problems = problems
        self.status = status

    def fault(self) -> dict[str, Any]:
        kind = "SystemFault" if self.status >= 500 else "ValidationFault"
        errors = [each.as_json() for each in self.problems]
        return {"Fault": {"Error": errors, "type": kind}}


def refuse(code: str, detail: str, element: str = "") -> Refusal:
    return Refusal(Problem(code, detail, element))


def missing(element: str) -> Problem:
    return Problem("2020", f"Required parameter {element} is missing in the request", element)


def unsupported(name: str) -> Problem:
    return Problem(
        "2010",
        "Property Name:failed to parse json object; "
        f"a property specified is unsupported or invalid: {name}",
        name,
    )


def business(detail: str, element: str = "") -> Problem:
    return Problem("6000", f"Business Validation Error: {detail}", element)


def not_found() -> Refusal:
    return refuse("610", f"Object Not Found : {MADE_INACTIVE}")


def operation_unsupported(operation: str) -> Refusal:
    return refuse("500", f"Unsupported Operation : Operation {operation} is not supported.")


def gateway_fault(status: int, code: str, name: str, detail: str) -> dict[str, Any]:
    """A fault of the gateway in front of the books: its keys are in lower case."""
    padded = code.zfill(6)
    kind = {"3001": "SERVICE", "3200": "AUTHENTICATION"}.get(code, "AUTHORIZATION")
    error = {
        "message": f"message={name}; errorCode={padded}; statusCode={status}",
        "detail": detail,
        "code": code,
        "element": None,
    }
    return {
        "warnings": None,
        "intuitObject": None,
        "fault": {"error": [error], "type": kind},
    }
