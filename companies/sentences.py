"""What people did, as sentences: one for every action that the code writes down."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.models import AuditEntry, Role

# "%(target)s" is what it was done to; other names are of the entry's detail.
SENTENCES: Mapping[str, str | Promise] = {
    "alert.change": gettext_lazy("Changed their alerts about %(target)s"),
    "alert.secret": gettext_lazy("Made a new secret for their webhook about %(target)s"),
    "company.change": gettext_lazy("Changed the company %(target)s"),
    "company.create": gettext_lazy("Created the company %(target)s"),
    "conflict.settle": gettext_lazy("Settled the conflict of %(target)s"),
    "connect": gettext_lazy("Connected %(target)s"),
    "connection.change": gettext_lazy("Changed the settings of %(target)s"),
    "connection.check": gettext_lazy("Checked the connection with %(target)s"),
    "connection.close": gettext_lazy("Disconnected %(target)s"),
    "connection.pause": gettext_lazy("Paused %(target)s: %(reason)s"),
    "connection.resume": gettext_lazy("Resumed %(target)s"),
    "connection.resumed": gettext_lazy("%(target)s went on by itself after its pause"),
    "connection.not_before": gettext_lazy(
        "Set the day from which %(target)s is synchronized: %(new)s"
    ),
    "connection.policies": gettext_lazy("Changed which side counts when %(target)s differs"),
    "errors.assign": gettext_lazy("Assigned %(target)s to %(to)s"),
    "errors.comment": gettext_lazy("Commented on %(target)s"),
    "errors.link": gettext_lazy("Linked %(target)s to %(external_id)s in accounting"),
    "errors.mark_as_done": gettext_lazy("Marked %(target)s as done: %(note)s"),
    "errors.redate": gettext_lazy("Moved %(target)s to another day: %(to)s"),
    "errors.retry": gettext_lazy("Retried %(target)s"),
    "errors.use_instead": gettext_lazy("Used something else for %(target)s: %(instead)s"),
    "gone.create_again": gettext_lazy("Had %(target)s created in accounting again"),
    "gone.follow_merge": gettext_lazy("Merged %(target)s as accounting did"),
    "gone.unlink": gettext_lazy("Unlinked %(target)s, which is gone in accounting"),
    "gone.void_ours": gettext_lazy("Voided or deleted %(target)s, which is gone in accounting"),
    "job.cancel": gettext_lazy("Canceled %(target)s"),
    "job.open": gettext_lazy("Started %(target)s"),
    "mapping.change": gettext_lazy("Changed the mapping of %(target)s"),
    "mapping.items": gettext_lazy("Gave %(target)s other accounts"),
    "matching.confirm": gettext_lazy("Carried out the matching of %(target)s"),
    "matching.create": gettext_lazy("Decided to create, not to link: %(target)s"),
    "matching.link": gettext_lazy("Decided that two are the same: %(target)s"),
    "matching.skip": gettext_lazy("Decided to leave alone: %(target)s"),
    "matching.undo": gettext_lazy("Took a decision of the matching back: %(target)s"),
    "membership.change": gettext_lazy("Made %(target)s %(role)s"),
    "membership.create": gettext_lazy("Added %(target)s as %(role)s"),
    "membership.delete": gettext_lazy("Removed %(target)s from the company"),
    "queue.hold": gettext_lazy("Held %(target)s: %(reason)s"),
    "queue.move_to_top": gettext_lazy("Moved %(target)s to the top of the queue"),
    "queue.release": gettext_lazy("Released %(target)s"),
    "queue.skip": gettext_lazy("Skipped %(target)s: %(reason)s"),
    "queue.sync_now": gettext_lazy("Had %(target)s synchronized at once"),
    "record.pull": gettext_lazy("Fetched %(target)s from accounting"),
    "schedule.change": gettext_lazy("Set the schedule of %(target)s: %(schedule)s"),
    "schedule.off": gettext_lazy("Switched the schedule of %(target)s off"),
    "user.change": gettext_lazy("Changed the account of %(target)s"),
    "user.create": gettext_lazy("Created the account of %(target)s"),
    "user.link": gettext_lazy("Made a new password link for %(target)s"),
}
_EMPTY_END = re.compile(r"[:\s]+$")


def sentence(entry: AuditEntry) -> str:
    """An action of an older version that has no sentence any more is shown as it is."""
    known = SENTENCES.get(entry.action)
    if known is None:
        return _("%(action)s: %(target)s") % {"action": entry.action, "target": entry.target}
    values: dict[str, Any] = defaultdict(str, {k: _plain(k, v) for k, v in entry.detail.items()})
    values["target"] = entry.target
    # A reason that nobody gave leaves no colon behind.
    return _EMPTY_END.sub("", str(known) % values)


def title(action: str) -> str:
    """An action among others to choose from: its sentence without the names."""
    known = str(SENTENCES.get(action, action))
    return _EMPTY_END.sub("", re.sub(r"%\(\w+\)\w", "…", known)).replace(": …", "")


def _plain(name: str, value: Any) -> str:
    if name == "role" and value in Role.values:
        return str(Role(value).label).partition(":")[0].lower()
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return "–" if value is None else str(value)
