"""What we do to our records, in whatever way somebody might."""

from __future__ import annotations

import datetime
import random
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection as database
from django.db import transaction

from records import models as records
from records import transitions
from records.totals import retotal
from tests import factories

if TYPE_CHECKING:
    from tests.faults.world import World


class Ours:
    """The deeds by their names in plan.py; one that has nothing to be done to does nothing."""

    def __init__(self, world: World) -> None:
        self._world = world

    def many(self, dice: random.Random) -> None:
        """More than fits one request, so that several are under way at once."""
        names = [f"Customer {self._world.number()}" for _ in range(70)]
        made = records.Customer.objects.bulk_create(
            records.Customer(company=self._world.company, name=name) for name in names
        )
        self._world.customers += [customer.pk for customer in made]
        for customer in made:
            self._world.ledger.we_wrote(("customer", customer.pk), name=customer.name)

    def new_customer(self, dice: random.Random) -> None:
        number = self._world.number()
        values = {"name": f"Customer {number}", "email": f"c{number}@example.com", "city": "Bergen"}
        customer = factories.customer(company=self._world.company, **values)
        self._world.customers.append(customer.pk)
        self._world.ledger.we_wrote(("customer", customer.pk), **values)

    def new_item(self, dice: random.Random) -> None:
        values = {"name": f"Item {self._world.number()}", "unit_price": _price(dice)}
        item = factories.item(company=self._world.company, **values)
        self._world.items.append(item.pk)
        self._world.ledger.we_wrote(("item", item.pk), **values)

    def new_invoice(self, dice: random.Random, status: str = "issued") -> None:
        if not self._world.customers or not self._world.items:
            return
        with transaction.atomic():
            invoice = factories.invoice(
                company=self._world.company,
                customer=self._customer(dice),
                number=self._world.number(),
                status=status,
                lines=[self._line(dice) for _ in range(dice.randint(1, 3))],
            )
        (self._world.invoices if status == "issued" else self._world.drafts).append(invoice.pk)

    def new_draft(self, dice: random.Random) -> None:
        self.new_invoice(dice, "draft")

    def new_credit_memo(self, dice: random.Random) -> None:
        if self._world.customers and self._world.items:
            self._other(dice, factories.credit_memo, customer=self._customer(dice))

    def new_bill(self, dice: random.Random) -> None:
        if self._world.items:
            self._other(dice, factories.bill, vendor=self._vendor(dice))

    def new_vendor_credit(self, dice: random.Random) -> None:
        if self._world.items:
            self._other(dice, factories.vendor_credit, vendor=self._vendor(dice))

    def _other(self, dice: random.Random, make: Callable[..., Any], **party: Any) -> None:
        with transaction.atomic():
            made = make(
                company=self._world.company,
                number=self._world.number(),
                lines=[self._line(dice)],
                **party,
            )
        self._world.others.append((made.record_type, made.pk))

    def _vendor(self, dice: random.Random) -> records.Vendor:
        """One of those there are, or a new one."""
        if not self._world.vendors or dice.random() < 0.5:
            name = f"Vendor {self._world.number()}"
            vendor = factories.vendor(company=self._world.company, name=name)
            self._world.vendors.append(vendor.pk)
        return records.Vendor.objects.get(pk=dice.choice(self._world.vendors))

    def new_payment(self, dice: random.Random) -> None:
        """Of a part of one or two invoices of one customer, each of which has room for it."""
        unpaid = [pk for pk in self._world.invoices if pk not in self._world.paid]
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
        self._world.paid.update(invoice.pk for invoice in same)
        with transaction.atomic():
            payment = factories.payment(
                company=self._world.company, applications=parts, reference=self._world.number()
            )
        self._world.payments.append(payment.pk)

    def edit_customer(self, dice: random.Random) -> None:
        if not self._world.customers:
            return
        number, pk = self._world.number(), dice.choice(self._world.customers)
        column, value = dice.choice(
            [
                ("name", f"Customer {number}"),
                ("email", f"c{number}@example.com"),
                ("phone", f"+47 {number}"),
                ("city", f"City {number}"),
            ]
        )
        self._write(dice, records.Customer, pk, column, value)
        self._world.ledger.we_wrote(("customer", pk), **{column: value})

    def edit_item(self, dice: random.Random) -> None:
        if not self._world.items:
            return
        pk = dice.choice(self._world.items)
        column, value = dice.choice(
            [
                ("unit_price", _price(dice)),
                ("name", f"Item {self._world.number()}"),
                ("description", f"Described {self._world.number()}"),
            ]
        )
        self._write(dice, records.Item, pk, column, value)
        self._world.ledger.we_wrote(("item", pk), **{column: value})

    def edit_invoice(self, dice: random.Random) -> None:
        if self._world.invoices:
            column, value = dice.choice(
                [("memo", f"Memo {self._world.number()}"), ("due_date", datetime.date(2026, 5, 1))]
            )
            self._write(dice, records.Invoice, dice.choice(self._world.invoices), column, value)

    def edit_lines(self, dice: random.Random) -> None:
        unpaid = {*self._world.invoices, *self._world.drafts} - self._world.paid
        if not unpaid:
            return
        invoice = records.Invoice.objects.get(pk=dice.choice(sorted(unpaid)))
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

    def edit_payment(self, dice: random.Random) -> None:
        if self._world.payments:
            value = f"Memo {self._world.number()}"
            self._write(dice, records.Payment, dice.choice(self._world.payments), "memo", value)

    def edit_vendor(self, dice: random.Random) -> None:
        if self._world.vendors:
            number, pk = self._world.number(), dice.choice(self._world.vendors)
            column = dice.choice(["email", "phone"])
            value = f"v{number}@example.com" if column == "email" else f"+46 {number}"
            self._write(dice, records.Vendor, pk, column, value)
            self._world.ledger.we_wrote(("vendor", pk), **{column: value})

    def edit_other(self, dice: random.Random) -> None:
        if self._world.others:
            kind, pk = dice.choice(self._world.others)
            value = f"Memo {self._world.number()}"
            self._write(dice, records.RECORD_MODELS[kind], pk, "memo", value)

    def delete_other(self, dice: random.Random) -> None:
        if self._world.others:
            kind, pk = self._world.others.pop(dice.randrange(len(self._world.others)))
            transitions.delete(records.RECORD_MODELS[kind].objects.filter(pk=pk))

    def issue(self, dice: random.Random) -> None:
        if self._world.drafts:
            pk = self._world.drafts.pop(dice.randrange(len(self._world.drafts)))
            transitions.issue(records.Invoice.objects.filter(pk=pk))
            self._world.invoices.append(pk)

    def void(self, dice: random.Random) -> None:
        if pk := self._unpaid(dice):
            self._world.invoices.remove(pk)
            transitions.void(records.Invoice.objects.filter(pk=pk))

    def delete_invoice(self, dice: random.Random) -> None:
        if pk := self._unpaid(dice):
            self._world.invoices.remove(pk)
            transitions.delete(records.Invoice.objects.filter(pk=pk))

    def delete_payment(self, dice: random.Random) -> None:
        if self._world.payments:
            pk = self._world.payments.pop(dice.randrange(len(self._world.payments)))
            transitions.delete(records.Payment.objects.filter(pk=pk))

    def delete_customer(self, dice: random.Random) -> None:
        """One that nothing refers to."""
        for pk in dice.sample(self._world.customers, len(self._world.customers)):
            mine = records.Customer.objects.filter(pk=pk)
            if pk not in self._world.namesakes and not transitions.users_of(mine):
                self._world.customers.remove(pk)
                transitions.delete(mine)
                return

    def bulk(self, dice: random.Random) -> None:
        """Two writers at once over the same rows, in opposite directions."""
        keys = list(self._world.customers)
        values = {f"+1 {self._world.number()}", f"+2 {self._world.number()}"}
        ways = [(value, way) for value, way in zip(sorted(values), (keys, keys[::-1]), strict=True)]
        threads = [threading.Thread(target=_phone_all, args=way) for way in ways]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for pk in keys:
            self._world.ledger.we_wrote_one_of(("customer", pk), "phone", values)

    def _line(self, dice: random.Random) -> dict[str, Any]:
        return {
            "item_id": dice.choice(self._world.items),
            "description": f"Line {self._world.number()}",
            "quantity": dice.choice([Decimal(2), Decimal("1.5"), Decimal("0.333"), Decimal(12)]),
            "unit_price": _price(dice),
        }

    def _customer(self, dice: random.Random) -> records.Customer:
        return records.Customer.objects.get(pk=dice.choice(self._world.customers))

    def _unpaid(self, dice: random.Random) -> int | None:
        unpaid = [pk for pk in self._world.invoices if pk not in self._world.paid]
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


def _phone_all(value: str, keys: list[int]) -> None:
    try:
        for at in range(0, len(keys), 2):
            records.Customer.objects.filter(pk__in=keys[at : at + 2]).update(phone=value)
    finally:
        database.close()


def _price(dice: random.Random) -> Decimal:
    return Decimal(dice.randint(1, 99999)) / dice.choice([100, 1000, 10000])
