"""The query language: from its text to a statement, or fault 4000."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulators.quickbooks_online.refusal import Refusal, refuse

TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<number>-?\d+(?:\.\d+)?)(?![A-Za-z_])
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<operator><=|>=|<|>|=)
    | (?P<mark>[*(),])
    )""",
    re.VERBOSE | re.DOTALL,
)
COMPARISONS = ("=", "<", ">", "<=", ">=")
END = "<EOF>"


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    column: int

    @property
    def word(self) -> str:
        return self.text.lower() if self.kind == "word" else ""


@dataclass(frozen=True)
class Condition:
    """`operator` is a comparison, "in" or "like"."""

    field: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """A parsed query; `order` holds field and whether it descends. No `columns`: all of them."""

    entity: str
    is_count: bool
    columns: tuple[str, ...]
    conditions: tuple[Condition, ...]
    order: tuple[tuple[str, bool], ...]
    start: str
    most: str


def parse(text: str) -> Statement:
    """Raises Refusal 4000 where the text leaves the documented language."""
    return _Parser(_tokens(text)).statement()


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = TOKEN.match(text, position)
        if match is None:
            rest = text[position:].lstrip()
            column = end - len(text[position:end].lstrip()) + 1
            raise refuse(
                "4000",
                "QueryParserError: Invalid content. Lexical error at line 1, "
                f'column {column}.  Encountered: "{rest[:1]}"',
            )
        kind = match.lastgroup or ""
        found.append(Token(kind, match[kind], match.start(kind) + 1))
        position = match.end()
    found.append(Token("end", END, end + 1))
    return found


class _Parser:
    """Reads tokens from left to right, one method for each part of the language."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._next = 0

    def statement(self) -> Statement:
        self._expect_word("select")
        is_count = self._accept_count()
        columns = () if is_count else self._columns()
        self._expect_word("from")
        entity = self._expect("word").text
        conditions = self._conditions()
        order = self._order()
        start = self._paging("startposition")
        most = self._paging("maxresults")
        self._expect("end")
        return Statement(entity, is_count, columns, conditions, order, start, most)

    def _accept_count(self) -> bool:
        if not self._accept_word("count"):
            return False
        for mark in "(*)":
            if not self._accept("mark", mark):
                raise self._encountered()
        return True

    def _columns(self) -> tuple[str, ...]:
        """Undocumented, but what the SDKs of others ask: `*, Sku` and `Id, DisplayName`."""
        found = [self._column()]
        while self._accept("mark", ","):
            found.append(self._column())
        return () if "*" in found else tuple(found)

    def _column(self) -> str:
        return "*" if self._accept("mark", "*") else self._expect("word").text

    def _conditions(self) -> tuple[Condition, ...]:
        if not self._accept_word("where"):
            return ()
        found = [self._condition()]
        while self._accept_word("and"):
            found.append(self._condition())
        return tuple(found)

    def _condition(self) -> Condition:
        field = self._expect("word").text
        if self._accept_word("in"):
            return Condition(field, "in", self._list())
        if self._accept_word("like"):
            return Condition(field, "like", (self._value(),))
        operator = self._expect("operator").text
        return Condition(field, operator, (self._value(),))

    def _list(self) -> tuple[str, ...]:
        if not self._accept("mark", "("):
            raise self._encountered()
        values = [self._value()]
        while self._accept("mark", ","):
            values.append(self._value())
        if not self._accept("mark", ")"):
            raise self._encountered()
        return tuple(values)

    def _value(self) -> str:
        token = self._peek()
        if token.kind == "string":
            self._next += 1
            return re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL)
        if token.kind == "number" or token.word in ("true", "false"):
            self._next += 1
            return token.text
        raise self._encountered()

    def _order(self) -> tuple[tuple[str, bool], ...]:
        if self._accept_word("order"):
            self._expect_word("by")
        elif not self._accept_word("orderby"):
            return ()
        found = [self._order_field()]
        while self._accept("mark", ","):
            found.append(self._order_field())
        return tuple(found)

    def _order_field(self) -> tuple[str, bool]:
        field = self._expect("word").text
        if self._accept_word("desc"):
            return field, True
        self._accept_word("asc")
        return field, False

    def _paging(self, word: str) -> str:
        return self._expect("number").text if self._accept_word(word) else ""

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _accept(self, kind: str, text: str) -> bool:
        token = self._peek()
        if token.kind != kind or token.text != text:
            return False
        self._next += 1
        return True

    def _accept_word(self, word: str) -> bool:
        if self._peek().word != word:
            return False
        self._next += 1
        return True

    def _expect(self, kind: str) -> Token:
        token = self._peek()
        if token.kind != kind:
            raise self._encountered()
        self._next += 1
        return token

    def _expect_word(self, word: str) -> None:
        if not self._accept_word(word):
            raise self._encountered()

    def _encountered(self) -> Refusal:
        token = self._peek()
        return refuse(
            "4000",
            f'QueryParserError: Encountered " {token.text} " at line 1, column {token.column}.',
        )
