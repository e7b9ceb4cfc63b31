"""Rows for tests: each function makes one, with sensible values for what a test does not name."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User

from companies.models import Company, Membership, Role
from connectors.models import Connection, ConnectionState
from records import models as records

_numbers = itertools.count(1)


def number() -> int:
    """Another one each time, so that names do not clash."""
    return next(_numbers)


def company(*, name: str = "", **fields: Any) -> Company:
    return Company.objects.create(name=name or f"Company {number()}", **fields)


def user(*, username: str = "", password: str = "open sesame", **fields: Any) -> User:
    return User.objects.create_user(
        username or f"user{number()}", password=password, is_staff=True, **fields
    )


def member(
    *,
    company: Company,
    role: Role = Role.OPERATOR,
    may_see_bodies: bool = False,
    **user_fields: Any,
) -> User:
    """A user who belongs to the company."""
    person = user(**user_fields)
    Membership.objects.create(
        user=person, company=company, role=role, may_see_bodies=may_see_bodies
    )
    return person


def connection(
    *,
    company: Company,
    kind: str = "quickbooks_online",
    state: ConnectionState = ConnectionState.READY,
    **fields: Any,
) -> Connection:
    fields = {"account_id": str(number()), "name": "Books"} | fields
    return Connection.objects.create(company=company, kind=kind, state=state, **fields)


def account(*, company: Company, **fields: Any) -> records.Account:
    defaults = {"name": f"Account {number()}", "kind": records.Account.Kind.INCOME}
    return records.Account.objects.create(company=company, **defaults | fields)


def payment_term(*, company: Company, **fields: Any) -> records.PaymentTerm:
    defaults = {"name": f"Net {number()}", "due_days": 30}
    return records.PaymentTerm.objects.create(company=company, **defaults | fields)


def payment_method(*, company: Company, **fields: Any) -> records.PaymentMethod:
    defaults = {"name": f"Method {number()}"}
    return records.PaymentMethod.objects.create(company=company, **defaults | fields)


def tax_code(*, company: Company, **fields: Any) -> records.TaxCode:
    defaults = {"name": f"Tax {number()}"}
    return records.TaxCode.objects.create(company=company, **defaults | fields)


def customer(*, company: Company, **fields: Any) -> records.Customer:
    defaults = {"name": f"Customer {number()}"}
    return records.Customer.objects.create(company=company, **defaults | fields)


def vendor(*, company: Company, **fields: Any) -> records.Vendor:
    defaults = {"name": f"Vendor {number()}"}
    return records.Vendor.objects.create(company=company, **defaults | fields)


def item(*, company: Company, **fields: Any) -> records.Item:
    defaults: dict[str, Any] = {"name": f"Item {number()}", "unit_price": Decimal("9.50")}
    return records.Item.objects.create(company=company, **defaults | fields)


def invoice(
    *, company: Company, lines: Sequence[dict[str, Any]] | None = None, **fields: Any
) -> records.Invoice:
    """Issued, with one line of 10.00 unless `lines` says otherwise (fields of InvoiceLine)."""
    if "customer" not in fields:
        fields["customer"] = customer(company=company)
    return _document(records.Invoice, records.InvoiceLine, company, lines, fields)


def credit_memo(
    *, company: Company, lines: Sequence[dict[str, Any]] | None = None, **fields: Any
) -> records.CreditMemo:
    if "customer" not in fields:
        fields["customer"] = customer(company=company)
    return _document(records.CreditMemo, records.CreditMemoLine, company, lines, fields)


def bill(
    *, company: Company, lines: Sequence[dict[str, Any]] | None = None, **fields: Any
) -> records.Bill:
    if "vendor" not in fields:
        fields["vendor"] = vendor(company=company)
    return _document(records.Bill, records.BillLine, company, lines, fields)


def vendor_credit(
    *, company: Company, lines: Sequence[dict[str, Any]] | None = None, **fields: Any
) -> records.VendorCredit:
    if "vendor" not in fields:
        fields["vendor"] = vendor(company=company)
    return _document(records.VendorCredit, records.VendorCreditLine, company, lines, fields)


def payment(
    *,
    company: Company,
    applications: Sequence[tuple[records.Invoice, Decimal]] = (),
    **fields: Any,
) -> records.Payment:
    """Issued; applied to the invoices given, with the amounts given."""
    if "customer" not in fields:
        fields["customer"] = (
            applications[0][0].customer if applications else customer(company=company)
        )
    defaults: dict[str, Any] = {
        "reference": f"P{number()}",
        "date": datetime.date(2026, 3, 31),
        "status": records.Status.ISSUED,
        "amount": sum((amount for _, amount in applications), Decimal(0)) or Decimal("10.00"),
    }
    made = records.Payment.objects.create(company=company, **defaults | fields)
    for paid, amount in applications:
        records.PaymentApplication.objects.create(payment=made, invoice=paid, amount=amount)
    return made


def _document(
    model: Any,
    line_model: Any,
    company: Company,
    lines: Sequence[dict[str, Any]] | None,
    fields: dict[str, Any],
) -> Any:
    defaults = {
        "number": str(1000 + number()),
        "date": datetime.date(2026, 3, 1),
        "status": records.Status.ISSUED,
    }
    made = model.objects.create(company=company, **defaults | fields)
    plain = [{"description": "Work", "quantity": 1, "unit_price": Decimal("10.00")}]
    for position, line in enumerate(plain if lines is None else lines, start=1):
        values = {"position": position, line_model.document_field: made} | line
        made.total += line_model.objects.create(**values).amount
    made.save(update_fields=["total"])
    return made
