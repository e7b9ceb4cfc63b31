"""A request and its reply, apart from any server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import parse_qsl

from simulators.quickbooks_online import jsontext

JSON = "application/json;charset=UTF-8"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """`query` and `headers` have lower-case names."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def form(self) -> dict[str, str]:
        """The fields of a form; of two with one name, the last."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


class Delivery(Enum):
    """How much of a reply reaches the caller."""

    WHOLE = "whole"
    TRUNCATED = "truncated"
    CUT = "cut"


@dataclass
class Reply:
    """What goes back; an iterator of bytes is streamed."""

    status: int
    body: bytes | Iterator[bytes] = b""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery.WHOLE


def json_reply(value: object, status: int = 200) -> Reply:
    return Reply(status, jsontext.dumps(value).encode())


def page_reply(html: str, status: int = 200) -> Reply:
    return Reply(status, html.encode(), HTML)


def redirect(address: str) -> Reply:
    return Reply(303, b"", HTML, {"Location": address})
