"""An object on its way into the books: what was sent, what it was, what it will be."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulators.quickbooks_online.refusal import Problem, Refusal, missing
from simulators.quickbooks_online.rows import Link, Rows, Stored
from simulators.quickbooks_online.schema import Entity, Json


@dataclass
class Draft:
    """Rules read and complete `body`, and note problems; nothing is written yet."""

    rows: Rows
    entity: Entity
    sent: Json
    body: Json
    before: Stored | None
    allows_duplicate_numbers: bool = False
    links: list[Link] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.before.id if self.before else ""

    @property
    def before_body(self) -> Json:
        return self.before.body if self.before else {}

    def note(self, code: str, detail: str, element: str = "") -> None:
        self.problems.append(Problem(code, detail, element))

    def require(self, *names: str) -> None:
        """Note what is missing (fault 2020); an empty list is missing too."""
        for name in names:
            if self.body.get(name) in (None, "", []):
                self.problems.append(missing(name))

    def settle(self) -> None:
        """Refuse now, if anything was noted."""
        if self.problems:
            raise Refusal(*self.problems)

    def default(self, name: str, value: object) -> None:
        if self.body.get(name) is None:
            self.body[name] = value

    def reference(self, name: str) -> str:
        """The id a reference of the body points to, or nothing."""
        value = self.body.get(name)
        return str(value["value"]) if value else ""
