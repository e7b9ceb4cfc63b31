"""The JSON object in the body of a request."""

from __future__ import annotations

from simulators.quickbooks_online import jsontext
from simulators.quickbooks_online.messages import Request
from simulators.quickbooks_online.refusal import (
    Problem,
    Refusal,
    refuse,
    unsupported,
)
from simulators.quickbooks_online.schema import Json


def parsed_object(request: Request) -> Json:
    """The object in the body; what is no JSON object is fault 2010."""
    try:
        text = request.body.decode("utf-8")
    except UnicodeDecodeError:
        detail = "Invalid byte 1 of 1-byte UTF-8 sequence."
        raise Refusal(Problem("10000", detail), status=500) from None
    try:
        value = jsontext.loads(text)
    except (ValueError, RecursionError) as error:
        raise refuse("2010", f"Property Name:failed to parse json object: {error}") from None
    if not isinstance(value, dict):
        raise Refusal(unsupported("the body is not an object"))
    return value
