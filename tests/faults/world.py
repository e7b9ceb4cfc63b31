"""Both sides of one history: what is edited where, and a ledger of what the edits said last."""

from __future__ import annotations

import contextlib
import datetime
import random
import threading
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import connection as database
from django.db import transaction

from companies.models import Company
from connectors.models import Connection
from records import models as records
from records import transitions
from records.totals import retotal
from syncqueue.capture import acting
from tests import factories
from tests.faults.books import Books
from tests.faults.plan import Act

Key = tuple[str, int]
# What may be edited over there, and which column of ours it is.
CONTACTS = {
    "PrimaryEmailAddr.Address": "email",
    "PrimaryPhone.FreeFormNumber": "phone",
    "BillAddr.City": "city",
}


class Ledger:
    """The last value that each side gave a field; of values written at once, all of them."""

    def __init__(self) -> None:
        self.ours: dict[Key, dict[str, set[Any]]] = defaultdict(dict)
        # By the books' own id.
        self.theirs: dict[tuple[str, str], dict[str, set[Any]]] = defaultdict(dict)

    def we_wrote(self, key: Key, **values: Any) -> None:
        for column, value in values.items():
            self.ours[key][column] = {value}

    def we_wrote_one_of(self, key: Key, column: str, values: set[Any]) -> None:
        self.ours[key][column] = values

    def they_wrote(self, record_type: str, external_id: str, **values: Any) -> None:
        for column, value in values.items():
            self.theirs[record_type, external_id][column] = {value}


class World:
    """One company of ours and the books it is connected with."""

    def __init__(self, company: Company, connection: Connection, books: Books, seed: int) -> None:
        self.company = company
        self.connection = connection
        self.books = books
        self.seed = seed
        self.ledger = Ledger()
        self.customers: list[int] = []
        self.items: list[int] = []
        self.vendors: list[int] = []
        self.drafts: list[int] = []
        self.invoices: list[int] = []
        self.payments: list[int] = []
        # Invoices with payments: their lines stay, and they are neither voided nor deleted.
        self.paid: set[int] = set()
        self.namesakes: set[int] = set()
        # What they deleted or voided.
        self.gone: set[Key] = set()
        self.done: list[str] = []
        self._number = 0

    def carry_out(self, act: Act) -> None:
        """One deed of ours or theirs; nothing happens when there is nothing to do it to."""
        dice = random.Random(act.seed)
        name = f"_{'their_' if act.side == 'theirs' else ''}{act.what}"
        deed: Callable[[random.Random], object] = getattr(self, name)
        with acting(user=None, origin="test"):
            deed(dice)
        self.done.append(f"{act.side} {act.what}")

    def number(self) -> str:
        self._number += 1
        return f"{self.seed}-{self._number}"

    # Ours

    def _many(self, dice: random.Random) -> None:
        """More than fits one request, so that several are under way at once."""
        names = [f"Customer {self.number()}" for _ in range(70)]
        made = records.Customer.objects.bulk_create(
            records.Customer(company=self.company, name=name) for name in names
        )
        self.customers += [customer.pk for customer in made]
        for customer in made:
            self.ledger.we_wrote(("customer", customer.pk), name=customer.name)

    def _new_customer(self, dice: random.Random) -> None:
        number = self.number()
        values = {"name": f"Customer {number}", "email": f"c{number}@example.com", "city": "Bergen"}
        customer = factories.customer(company=self.company, **values)
        self.customers.append(customer.pk)
        self.ledger.we_wrote(("customer", customer.pk), **values)

    def _new_item(self, dice: random.Random) -> None:
        values = {"name": f"Item {self.number()}", "unit_price": _price(dice)}
        item = factories.item(company=self.company, **values)
        self.items.append(item.pk)
        self.ledger.we_wrote(("item", item.pk), **values)

    def _new_invoice(self, dice: random.Random, status: str = "issued") -> None:
        if not self.customers or not self.items:
            return
        with transaction.atomic():
            invoice = factories.invoice(
                company=self.company,
                customer=self._customer(dice),
                number=self.number(),
                status=status,
                lines=[self._line(dice) for _ in range(dice.randint(1, 3))],
            )
        (self.invoices if status == "issued" else self.drafts).append(invoice.pk)

    def _new_draft(self, dice: random.Random) -> None:
        self._new_invoice(dice, "draft")

    def _new_credit_memo(self, dice: random.Random) -> None:
        if self.customers and self.items:
            with transaction.atomic():
                factories.credit_memo(
                    company=self.company,
                    customer=self._customer(dice),
                    number=self.number(),
                    lines=[self._line(dice)],
                )

    def _new_bill(self, dice: random.Random) -> None:
        if not self.items:
            return
        if not self.vendors or dice.random() < 0.5:
            vendor = factories.vendor(company=self.company, name=f"Vendor {self.number()}")
            self.vendors.append(vendor.pk)
        with transaction.atomic():
            factories.bill(
                company=self.company,
                vendor=records.Vendor.objects.get(pk=dice.choice(self.vendors)),
                number=self.number(),
                lines=[self._line(dice)],
            )

    def _new_payment(self, dice: random.Random) -> None:
        """Of a part of one or two invoices of one customer, each of which has room for it."""
        unpaid = [pk for pk in self.invoices if pk not in self.paid]
        if not unpaid:
            return
        first = records.Invoice.objects.get(pk=dice.choice(unpaid))
        same = [
            invoice
            for invoice in records.Invoice.objects.filter(pk__in=unpaid).order_by("pk")
            if invoice.customer_id == first.customer_id and invoice.total > 1
        ][: dice.randint(1, 2)]
        if not same:
            return
        parts = [(invoice, Decimal(dice.randint(1, 100)) / 100) for invoice in same]
        self.paid.update(invoice.pk for invoice in same)
        with transaction.atomic():
            payment = factories.payment(
                company=self.company, applications=parts, reference=self.number()
            )
        self.payments.append(payment.pk)

    def _edit_customer(self, dice: random.Random) -> None:
        if not self.customers:
            return
        number, pk = self.number(), dice.choice(self.customers)
        column, value = dice.choice(
            [
                ("name", f"Customer {number}"),
                ("email", f"c{number}@example.com"),
                ("phone", f"+47 {number}"),
                ("city", f"City {number}"),
            ]
        )
        self._write(dice, records.Customer, pk, column, value)
        self.ledger.we_wrote(("customer", pk), **{column: value})

    def _edit_item(self, dice: random.Random) -> None:
        if not self.items:
            return
        pk = dice.choice(self.items)
        column, value = dice.choice(
            [
                ("unit_price", _price(dice)),
                ("name", f"Item {self.number()}"),
                ("description", f"Described {self.number()}"),
            ]
        )
        self._write(dice, records.Item, pk, column, value)
        self.ledger.we_wrote(("item", pk), **{column: value})

    def _edit_invoice(self, dice: random.Random) -> None:
        if self.invoices:
            column, value = dice.choice(
                [("memo", f"Memo {self.number()}"), ("due_date", datetime.date(2026, 5, 1))]
            )
            self._write(dice, records.Invoice, dice.choice(self.invoices), column, value)

    def _edit_lines(self, dice: random.Random) -> None:
        unpaid = [pk for pk in self.invoices + self.drafts if pk not in self.paid]
        if not unpaid:
            return
        invoice = records.Invoice.objects.get(pk=dice.choice(unpaid))
        with transaction.atomic():
            lines = list(invoice.lines.order_by("position"))
            if len(lines) > 1 and dice.random() < 0.3:
                lines[0].delete()
            elif dice.random() < 0.5:
                lines[-1].quantity = Decimal(dice.randint(1, 20))
                lines[-1].save(update_fields=["quantity"])
            else:
                position = lines[-1].position + 1
                invoice.lines.create(position=position, **self._line(dice))
            retotal(model=records.Invoice, ids=[invoice.pk])

    def _edit_payment(self, dice: random.Random) -> None:
        if self.payments:
            value = f"Memo {self.number()}"
            self._write(dice, records.Payment, dice.choice(self.payments), "memo", value)

    def _issue(self, dice: random.Random) -> None:
        if self.drafts:
            pk = self.drafts.pop(dice.randrange(len(self.drafts)))
            transitions.issue(records.Invoice.objects.filter(pk=pk))
            self.invoices.append(pk)

    def _void(self, dice: random.Random) -> None:
        if pk := self._unpaid(dice):
            self.invoices.remove(pk)
            transitions.void(records.Invoice.objects.filter(pk=pk))

    def _delete_invoice(self, dice: random.Random) -> None:
        if pk := self._unpaid(dice):
            self.invoices.remove(pk)
            transitions.delete(records.Invoice.objects.filter(pk=pk))

    def _delete_payment(self, dice: random.Random) -> None:
        if self.payments:
            pk = self.payments.pop(dice.randrange(len(self.payments)))
            transitions.delete(records.Payment.objects.filter(pk=pk))

    def _delete_customer(self, dice: random.Random) -> None:
        """One that nothing refers to."""
        for pk in dice.sample(self.customers, len(self.customers)):
            mine = records.Customer.objects.filter(pk=pk)
            if pk not in self.namesakes and not transitions.users_of(mine):
                self.customers.remove(pk)
                transitions.delete(mine)
                return

    def _bulk(self, dice: random.Random) -> None:
        """Two writers at once over the same rows, in opposite directions."""
        keys = list(self.customers)
        values = {f"+1 {self.number()}", f"+2 {self.number()}"}
        ways = [(value, way) for value, way in zip(sorted(values), (keys, keys[::-1]), strict=True)]
        threads = [threading.Thread(target=_phone_all, args=way) for way in ways]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for pk in keys:
            self.ledger.we_wrote_one_of(("customer", pk), "phone", values)

    # Theirs

    def _their_rename_customer(self, dice: random.Random) -> None:
        if row := self._one_of_theirs(dice, "Customer"):
            name = f"Renamed {self.number()}"
            if self._edit_there("Customer", row["Id"], DisplayName=name):
                self.ledger.they_wrote("customer", row["Id"], name=name)

    def _their_contact_customer(self, dice: random.Random) -> None:
        row = self._one_of_theirs(dice, "Customer")
        if row is None:
            return
        field, column = dice.choice(list(CONTACTS.items()))
        number = self.number()
        value = f"t{number}@example.org" if column == "email" else f"{number} there"
        if self._edit_there("Customer", row["Id"], **{field: value}):
            self.ledger.they_wrote("customer", row["Id"], **{column: value})

    def _their_price_item(self, dice: random.Random) -> None:
        if row := self._one_of_theirs(dice, "Item"):
            price = Decimal(dice.randint(100, 9999)) / 100
            if self._edit_there("Item", row["Id"], UnitPrice=str(price)):
                self.ledger.they_wrote("item", row["Id"], unit_price=price)

    def _their_new_customer(self, dice: random.Random) -> None:
        self.books.make("Customer", DisplayName=f"New there {self.number()}")

    def _their_namesake(self, dice: random.Random) -> None:
        """Somebody over there makes a customer of a name of ours that they do not have yet."""
        if not self.customers:
            return
        pk = dice.choice(self.customers)
        name = records.Customer.objects.get(pk=pk).name
        fields = {"DisplayName": name}
        if dice.random() < 0.5:
            fields["PrimaryEmailAddr.Address"] = records.Customer.objects.get(pk=pk).email
        with contextlib.suppress(AssertionError):  # The name is theirs already: ours was sent.
            self.books.make("Customer", **fields)
            self.namesakes.add(pk)

    def _their_pay_invoice(self, dice: random.Random) -> None:
        """A payment made in accounting on an invoice of ours, which comes back to us."""
        if (found := self._unpaid_there(dice)) is None:
            return
        row, pk = found
        self.paid.add(pk)
        self.books.make(
            "Payment",
            **{
                "CustomerRef.value": row["CustomerRef"]["value"],
                "TotalAmt": "1.00",
                "PaymentRefNum": f"T{self.number()}",
                "line.invoice": row["Id"],
            },
        )

    def _their_delete_invoice(self, dice: random.Random) -> None:
        self._end_there(dice, "delete")

    def _their_void_invoice(self, dice: random.Random) -> None:
        self._end_there(dice, "void")

    def _end_there(self, dice: random.Random, how: str) -> None:
        """What they delete or void is a conflict here, and nothing more is done to it."""
        if (found := self._unpaid_there(dice)) is None:
            return
        row, pk = found
        if self._edit_there("Invoice", row["Id"], do=how):
            self.gone.add(("invoice", pk))
            self.invoices.remove(pk)

    def _unpaid_there(self, dice: random.Random) -> tuple[dict[str, Any], int] | None:
        """An invoice of ours that they have, with its number here."""
        unpaid = {
            records.Invoice.objects.get(pk=pk).number: pk
            for pk in self.invoices
            if pk not in self.paid
        }
        rows = [row for row in self.books.all("Invoice") if row.get("DocNumber") in unpaid]
        rows = [row for row in rows if row["Balance"] > 1]
        if not rows:
            return None
        row = dice.choice(sorted(rows, key=lambda row: int(row["Id"])))
        return row, unpaid[row["DocNumber"]]

    # The means

    def _line(self, dice: random.Random) -> dict[str, Any]:
        return {
            "item_id": dice.choice(self.items),
            "description": f"Line {self.number()}",
            "quantity": dice.choice([Decimal(2), Decimal("1.5"), Decimal("0.333"), Decimal(12)]),
            "unit_price": _price(dice),
        }

    def _customer(self, dice: random.Random) -> records.Customer:
        return records.Customer.objects.get(pk=dice.choice(self.customers))

    def _unpaid(self, dice: random.Random) -> int | None:
        unpaid = [pk for pk in self.invoices if pk not in self.paid]
        return dice.choice(unpaid) if unpaid else None

    def _write(self, dice: random.Random, model: Any, pk: int, column: str, value: Any) -> None:
        """By a form, by a query set, or by SQL."""
        way = dice.randrange(3)
        if way == 0:
            row = model.objects.get(pk=pk)
            setattr(row, column, value)
            row.save(update_fields=[column, "updated_at"])
        elif way == 1:
            model.objects.filter(pk=pk).update(**{column: value})
        else:
            with database.cursor() as cursor:
                cursor.execute(
                    f"UPDATE {model._meta.db_table} SET {column} = %s WHERE id = %s", [value, pk]
                )

    def _one_of_theirs(self, dice: random.Random, entity: str) -> dict[str, Any] | None:
        rows = [row for row in self.books.all(entity) if row.get("Active", True)]
        return dice.choice(sorted(rows, key=lambda row: int(row["Id"]))) if rows else None

    def _edit_there(self, entity: str, external_id: str, **fields: str) -> bool:
        """What they save over a version of ours that came meanwhile is refused: they try again."""
        for _ in range(5):
            with contextlib.suppress(AssertionError, StopIteration):
                self.books.edit(entity, external_id, **fields)
                return True
        return False


def _phone_all(value: str, keys: list[int]) -> None:
    try:
        for at in range(0, len(keys), 2):
            records.Customer.objects.filter(pk__in=keys[at : at + 2]).update(phone=value)
    finally:
        database.close()


def _price(dice: random.Random) -> Decimal:
    return Decimal(dice.randint(1, 99999)) / dice.choice([100, 1000, 10000])
