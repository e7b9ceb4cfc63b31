"""How far an object that is not finished has come: the version of its link until it is."""

from __future__ import annotations

from collections.abc import Sequence

# Something was done to it, and it must be read before anything else is.
LOOK = "look"
# A draft, as read from Tryton.
DRAFT = "draft"
# Read, and as it should be: it can be posted.
CHECKED = "checked"
# Cancelled because it was deleted here, and still bearing our marker.
CANCELLED = "cancelled"
# Cancelled because its content changed, and still bearing our marker; then without it.
REPLACED = "replaced"
RENEWED = "renewed"
# "due.<id>": this line of the posted move has not our due date yet.
DUE = "due."
# "pays.<ids>-<ids>": these lines pay each other off.
PAYS = "pays."
# External id of a product until its variant is known: "t<id of its template>".
TEMPLATE = "t"
LONGEST = 100


def paying(groups: Sequence[Sequence[int]]) -> str:
    """As many groups as a version can hold; "" when not even one fits."""
    text = ""
    for lines in groups:
        longer = f"{text}-" if text else PAYS
        longer += ".".join(str(line) for line in lines)
        if len(longer) > LONGEST:
            break
        text = longer
    return text


def paying_lines(version: str) -> list[list[int]]:
    """The inverse of `paying`."""
    groups = version[len(PAYS) :].split("-")
    return [[int(line) for line in group.split(".")] for group in groups]
