"""Both sides of one history: what is edited where, and a ledger of what the edits said last."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from companies.models import Company
from connectors.models import Connection
from syncqueue.capture import acting
from tests.faults.books import Books
from tests.faults.ours import Ours
from tests.faults.plan import Act
from tests.faults.theirs import Theirs

Key = tuple[str, int]


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
        # Credit memos, bills and vendor credits.
        self.others: list[Key] = []
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
        side = Theirs(self) if act.side == "theirs" else Ours(self)
        deed: Callable[[random.Random], object] = getattr(side, act.what)
        with acting(user=None, origin="test"):
            deed(random.Random(act.seed))
        self.done.append(f"{act.side} {act.what}")

    def number(self) -> str:
        self._number += 1
        return f"{self.seed}-{self._number}"
