"""What each reason means to a person, what fixes it, and whether it is tried again by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connectors.interface import Reason

Words = str | Promise


class Fix(StrEnum):
    """What repairs a cause: each is a button of its card."""

    RECONNECT = "reconnect"
    MAP = "map"
    EDIT = "edit"
    LINK = "link"
    USE_INSTEAD = "use_instead"
    REDATE = "redate"
    DECIDE = "decide"


@dataclass(frozen=True, slots=True)
class Explanation:
    """`delays`: seconds before each attempt that is made without a person; empty: a person must.
    `fixes`: what repairs it, besides a retry; the best first."""

    title: Words
    advice: Words
    icon: str
    counts_as_attempt: bool = True
    delays: tuple[float, ...] = ()
    fixes: tuple[Fix, ...] = ()

    @property
    def is_self_healing(self) -> bool:
        return bool(self.delays)


EXPLANATIONS: Mapping[str, Explanation] = {
    Reason.AUTH: Explanation(
        _("The accounting system no longer lets us in"),
        _("Reconnect on the Connections page. Nothing is lost: the queue waits."),
        "link_off",
        counts_as_attempt=False,
        fixes=(Fix.RECONNECT,),
    ),
    Reason.MAPPING: Explanation(
        _("Something has no counterpart in accounting"),
        _("Choose the counterpart on the mapping page. What waits for it is then sent by itself."),
        "alt_route",
        counts_as_attempt=False,
        fixes=(Fix.MAP,),
    ),
    Reason.VALIDATION: Explanation(
        _("The accounting system refuses the record as it is"),
        _("Correct the record. Saving it sends it again with the next Sync Job."),
        "error",
        fixes=(Fix.EDIT,),
    ),
    Reason.DUPLICATE: Explanation(
        _("The name or number is already taken in accounting"),
        _("Link our record to the existing one, or give ours another name or number."),
        "join_inner",
        fixes=(
            Fix.LINK,
            Fix.EDIT,
        ),
    ),
    Reason.STALE_VERSION: Explanation(
        _("The record was changed on both sides"),
        _("Choose which value counts for each field."),
        "call_split",
        delays=(0, 1, 5),
        fixes=(Fix.DECIDE,),
    ),
    Reason.MISSING_REFERENCE: Explanation(
        _("Something that the record refers to is missing or inactive in accounting"),
        _("Reactivate it in accounting, or choose another in our record. Then retry."),
        "link_off",
        fixes=(
            Fix.USE_INSTEAD,
            Fix.EDIT,
        ),
    ),
    Reason.CLOSED_PERIOD: Explanation(
        _("The books are closed for this date"),
        _("Move the record to an open period, or ask the accountant to reopen this one."),
        "lock_clock",
        fixes=(Fix.REDATE,),
    ),
    Reason.RATE_LIMIT: Explanation(
        _("The accounting system asks us to wait"),
        _("Nothing to do: it is tried again by itself."),
        "schedule",
        counts_as_attempt=False,
        delays=(60, 60, 60, 60, 60),
    ),
    Reason.TRANSIENT: Explanation(
        _("The accounting system did not answer"),
        _("Nothing to do: it is tried again by itself."),
        "schedule",
        delays=(5, 30, 120, 600, 1800),
    ),
    Reason.GONE: Explanation(
        _("The record was deleted or voided in accounting"),
        _("Decide whether to create it again, to void ours, or to unlink the two."),
        "call_split",
        fixes=(Fix.DECIDE,),
    ),
    Reason.INTERNAL: Explanation(
        _("Syncapp could not handle this record"),
        _("Retry. If it happens again, report it with the number of the Sync Job."),
        "error",
        delays=(1, 30),
    ),
}


def explain(reason: str) -> Explanation:
    return EXPLANATIONS.get(reason, EXPLANATIONS[Reason.INTERNAL])


def delay_before(reason: str, attempts: int) -> float | None:
    """Seconds until an item that was refused `attempts` times before is tried again; None: never
    by itself."""
    delays = explain(reason).delays
    return delays[attempts] if attempts < len(delays) else None


def fingerprint(*parts: object) -> str:
    """Equal for errors of one cause."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()
