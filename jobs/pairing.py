"""Which of our records may be which of their objects: by name first, then by what else tells. Pure.

Exact means one record and one object of the same name, with nothing that speaks against it.
Whatever is only alike is never exact: a person has to look.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from records.names import folded

# What a name says about the form of a company, and not about which one it is.
FORMS = frozenset(
    [
        "ab",
        "ag",
        "as",
        "bv",
        "co",
        "company",
        "corp",
        "corporation",
        "gmbh",
        "inc",
        "incorporated",
        "kg",
        "limited",
        "llc",
        "llp",
        "ltd",
        "nv",
        "plc",
        "sa",
        "sarl",
        "srl",
    ]
)
# Fields that name one thing only: equal ones propose a pair, different ones speak against it.
TELLING = ("tax_number", "sku", "email")
# Of shorter names one letter is too much to be a slip.
LEAST_LETTERS = 6


@dataclass(frozen=True, slots=True)
class Side:
    """A record of ours or an object of theirs; `telling` has the fields of TELLING it fills."""

    key: Any
    name: str
    telling: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pair:
    """One side is None for what is on the other side only."""

    ours: Side | None
    theirs: Side | None
    is_exact: bool = False
    why: str = ""


def loose_key(name: str) -> str:
    """Equal for names that a person would take for the same: accents, punctuation, “and”, Inc."""
    return "".join(_telling_words(name))


def words_key(name: str) -> str:
    """Equal for the same words in another order: “Moos, Hanna” and “Hanna Moos”."""
    return "".join(sorted(_telling_words(name)))


def _telling_words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    words = re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c)))
    told = [word for word in words if word != "and"]
    while len(told) > 1 and told[-1] in FORMS:
        told.pop()
    return told


def pair(ours: Sequence[Side], theirs: Sequence[Side]) -> list[Pair]:
    """Every side once, the surest pairs first."""
    left, right = {side.key: side for side in ours}, {side.key: side for side in theirs}
    found: list[Pair] = []
    for key_of, why_of in _ways():
        found += _taken(_pairs(left.values(), right.values(), key_of, why_of), left, right)
    found += _taken(_misspelt(left.values(), right.values()), left, right)
    found += [Pair(side, None) for side in left.values()]
    return found + [Pair(None, side) for side in right.values()]


def _taken(pairs: list[Pair], left: dict[Any, Side], right: dict[Any, Side]) -> list[Pair]:
    """The pairs, whose sides are no longer there for others."""
    for one in pairs:
        for side, rest in ((one.ours, left), (one.theirs, right)):
            if side:
                del rest[side.key]
    return pairs


KeyOf = Callable[[Side], str]
WhyOf = Callable[[Side, Side], str]


def _ways() -> list[tuple[KeyOf, WhyOf]]:
    return [
        (lambda side: folded(side.name), _same_name),
        *((_telling(name), _same(name)) for name in TELLING),
        (lambda side: loose_key(side.name), lambda _ours, _theirs: _("Similar name")),
        (lambda side: words_key(side.name), lambda _ours, _theirs: _("Same words, other order")),
    ]


def _telling(name: str) -> KeyOf:
    return lambda side: side.telling.get(name, "").casefold()


def _pairs(
    ours: Iterable[Side], theirs: Iterable[Side], key_of: KeyOf, why_of: WhyOf
) -> list[Pair]:
    """Those with the same key, in their order; several with one key are never exact."""
    waiting: dict[str, list[Side]] = defaultdict(list)
    for side in ours:
        if key := key_of(side):
            waiting[key].append(side)
    there = Counter(key_of(side) for side in theirs)
    here = {key: len(sides) for key, sides in waiting.items()}
    found = []
    for side in theirs:
        key = key_of(side)
        if not key or not waiting.get(key):
            continue
        mine = waiting[key].pop(0)
        why = why_of(mine, side)
        if here[key] > 1 or there[key] > 1:
            found.append(Pair(mine, side, why=_several(here[key], there[key])))
        else:
            found.append(Pair(mine, side, is_exact=why == "", why=why or _("Equal name")))
    return found


def _misspelt(ours: Iterable[Side], theirs: Iterable[Side]) -> list[Pair]:
    """Names that are equal when each leaves out at most one letter: one is wrong, missing, too
    many, or changed places with the next. In time proportional to the number of names."""
    waiting: dict[str, dict[Any, Side]] = defaultdict(dict)
    for side in ours:
        for spelling in _spellings(side.name):
            waiting[spelling][side.key] = side
    found = []
    for side in theirs:
        spellings = _spellings(side.name)
        mine = next((one for key in spellings for one in waiting.get(key, {}).values()), None)
        if mine:
            found.append(Pair(mine, side, why=_("The name differs in a letter or two")))
            for key in _spellings(mine.name):
                del waiting[key][mine.key]
    return found


def _spellings(name: str) -> list[str]:
    """Each with the digits of the name, for “Store 1” is not a misspelt “Store 2”."""
    key = loose_key(name)
    if len(key) < LEAST_LETTERS:
        return []
    digits = "".join(letter for letter in key if letter.isdigit())
    left_out = (key[:at] + key[at + 1 :] for at in range(len(key)))
    return list(dict.fromkeys(f"{digits} {spelling}" for spelling in (key, *left_out)))


def _same_name(ours: Side, theirs: Side) -> str:
    """ "" when nothing speaks against it."""
    for name in TELLING:
        mine, other = ours.telling.get(name, ""), theirs.telling.get(name, "")
        if name != "email" and mine and other and mine.casefold() != other.casefold():
            return _("Equal name, but another %(field)s") % {"field": _word(name)}
    if ours.name.strip() != theirs.name.strip():
        return _("The name differs in capitals or spaces")
    return ""


def _same(name: str) -> WhyOf:
    return lambda _ours, _theirs: _("Equal %(field)s") % {"field": _word(name)}


def _several(here: int, there: int) -> str:
    return _("Several alike: %(here)d here, %(there)d there") % {"here": here, "there": there}


def _word(name: str) -> str:
    return {"tax_number": _("tax number"), "sku": _("SKU"), "email": _("e-mail")}[name]
