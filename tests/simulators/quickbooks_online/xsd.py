"""Intuit's JSON as the XML of its own schemas, so that these can judge it.

The schemas are Intuit's and lie beside the repository, in ../shared/specs; where they are not,
`is_there` is False and nothing is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import xmlschema

SCHEMAS = Path(__file__).parents[4] / "shared" / "specs" / "quickbooks-online"
SPACE = "{http://schema.intuit.com/finance/v3}"


def is_there() -> bool:
    return SCHEMAS.is_dir()


@cache
def schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(SCHEMAS / "IntuitRestServiceDef.xsd"))


def complaints(answer: dict[str, Any]) -> list[str]:
    """What the schemas find wrong with a whole answer of the API; [] when nothing."""
    return [_words(error) for error in schema().iter_errors(as_xml("IntuitResponse", answer))]


def as_xml(name: str, value: dict[str, Any]) -> ElementTree.Element:
    return _element(name, schema().maps.elements[SPACE + name].type, value)


def _element(name: str, kind: Any, value: Any) -> ElementTree.Element:
    element = ElementTree.Element(SPACE + name)
    if not isinstance(value, dict):
        element.text = _text(value)
        return element
    if kind.has_simple_content():  # a reference: its text is "value", the rest are attributes
        element.text = _text(value.get("value", ""))
    known = {each.local_name: each.type for each in _children(kind)}
    for key, each in value.items():
        if key in kind.attributes:
            element.set(key, _text(each))
    for key in [*known, *(key for key in value if key not in known)]:
        if key in value and key not in kind.attributes and not _is_text(kind, key):
            element.extend(_elements(key, known.get(key), value[key]))
    return element


def children_of(name: str) -> list[Any]:
    return list(_children(schema().maps.elements[SPACE + name].type))


def _elements(name: str, kind: Any, value: Any) -> Iterator[ElementTree.Element]:
    if kind is None:  # an object takes the place of IntuitObject; else the schema complains
        found = schema().maps.elements.get(SPACE + name)
        kind = found.type if found is not None else schema().maps.types[SPACE + "IntuitEntity"]
    for each in value if isinstance(value, list) else [value]:
        yield _element(name, kind, each)


def _children(kind: Any) -> Iterator[Any]:
    return () if kind.has_simple_content() or kind.is_simple() else kind.content.iter_elements()


def _is_text(kind: Any, key: str) -> bool:
    return key == "value" and kind.has_simple_content()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _words(error: Any) -> str:
    return f"{(error.path or '').replace(SPACE, '')}: {error.reason}"
