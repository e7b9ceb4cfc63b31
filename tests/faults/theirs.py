"""What they do in the books, through the pages of the simulator."""

from __future__ import annotations

import contextlib
import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from records import models as records

if TYPE_CHECKING:
    from tests.faults.world import World

# What may be edited over there, and which column of ours it is.
CONTACTS = {
    "PrimaryEmailAddr.Address": "email",
    "PrimaryPhone.FreeFormNumber": "phone",
    "BillAddr.City": "city",
}


class Theirs:
    """The deeds by their names in plan.py; one that has nothing to be done to does nothing."""

    def __init__(self, world: World) -> None:
        self._world = world

    def rename_customer(self, dice: random.Random) -> None:
        if row := self._one_of_theirs(dice, "Customer"):
            name = f"Renamed {self._world.number()}"
            if self._edit_there("Customer", row["Id"], DisplayName=name):
                self._world.ledger.they_wrote("customer", row["Id"], name=name)

    def contact_customer(self, dice: random.Random) -> None:
        self._contact(dice, "Customer", "customer")

    def contact_vendor(self, dice: random.Random) -> None:
        self._contact(dice, "Vendor", "vendor")

    def _contact(self, dice: random.Random, entity: str, kind: str) -> None:
        row = self._one_of_theirs(dice, entity)
        if row is None:
            return
        field, column = dice.choice(list(CONTACTS.items()))
        number = self._world.number()
        value = f"t{number}@example.org" if column == "email" else f"{number} there"
        if self._edit_there(entity, row["Id"], **{field: value}):
            self._world.ledger.they_wrote(kind, row["Id"], **{column: value})

    def price_item(self, dice: random.Random) -> None:
        if row := self._one_of_theirs(dice, "Item"):
            price = Decimal(dice.randint(100, 9999)) / 100
            if self._edit_there("Item", row["Id"], UnitPrice=str(price)):
                self._world.ledger.they_wrote("item", row["Id"], unit_price=price)

    def new_customer(self, dice: random.Random) -> None:
        self._world.books.make("Customer", DisplayName=f"New there {self._world.number()}")

    def namesake(self, dice: random.Random) -> None:
        """Somebody over there makes a customer of a name of ours that they do not have yet."""
        if not self._world.customers:
            return
        pk = dice.choice(self._world.customers)
        name = records.Customer.objects.get(pk=pk).name
        fields = {"DisplayName": name}
        if dice.random() < 0.5:
            fields["PrimaryEmailAddr.Address"] = records.Customer.objects.get(pk=pk).email
        with contextlib.suppress(AssertionError):  # The name is theirs already: ours was sent.
            self._world.books.make("Customer", **fields)
            self._world.namesakes.add(pk)

    def pay_invoice(self, dice: random.Random) -> None:
        """A payment made in accounting on an invoice of ours, which comes back to us."""
        if (found := self._unpaid_there(dice)) is None:
            return
        row, pk = found
        self._world.paid.add(pk)
        self._world.books.make(
            "Payment",
            **{
                "CustomerRef.value": row["CustomerRef"]["value"],
                "TotalAmt": "1.00",
                "PaymentRefNum": f"T{self._world.number()}",
                "line.invoice": row["Id"],
            },
        )

    def delete_invoice(self, dice: random.Random) -> None:
        self._end_there(dice, "delete")

    def void_invoice(self, dice: random.Random) -> None:
        self._end_there(dice, "void")

    def _end_there(self, dice: random.Random, how: str) -> None:
        """What they delete or void is a conflict here, and nothing more is done to it."""
        if (found := self._unpaid_there(dice)) is None:
            return
        row, pk = found
        if self._edit_there("Invoice", row["Id"], do=how):
            self._world.gone.add(("invoice", pk))
            self._world.invoices.remove(pk)

    def _unpaid_there(self, dice: random.Random) -> tuple[dict[str, Any], int] | None:
        """An invoice of ours that they have, with its number here."""
        unpaid = {
            records.Invoice.objects.get(pk=pk).number: pk
            for pk in self._world.invoices
            if pk not in self._world.paid
        }
        rows = [row for row in self._world.books.all("Invoice") if row.get("DocNumber") in unpaid]
        rows = [row for row in rows if row["Balance"] > 1]
        if not rows:
            return None
        row = dice.choice(sorted(rows, key=lambda row: int(row["Id"])))
        return row, unpaid[row["DocNumber"]]

    def _one_of_theirs(self, dice: random.Random, entity: str) -> dict[str, Any] | None:
        rows = [row for row in self._world.books.all(entity) if row.get("Active", True)]
        return dice.choice(sorted(rows, key=lambda row: int(row["Id"]))) if rows else None

    def _edit_there(self, entity: str, external_id: str, **fields: str) -> bool:
        """What they save over a version of ours that came meanwhile is refused: they try again."""
        for _ in range(5):
            with contextlib.suppress(AssertionError, StopIteration):
                self._world.books.edit(entity, external_id, **fields)
                return True
        return False
