"""What became of each record of ours: linked, created, waiting, refused, or left out, and why.

Reckoned from what is there now, so it is right after the initial load and after every repair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors.documents import RecordType
from connectors.interface import Operation
from connectors.models import Connection, Decision, Link, Match
from jobs import loading, words
from jobs.models import Attempt, AttemptOutcome
from jobs.plan import is_too_early
from syncqueue.models import State, SyncQueueItem
from syncqueue.tables import blocker_label
from syncqueue.words import next_step
from ui.listings import View

REFUSED = (State.FAILED, State.CONFLICT)

# Their rows come from `rows`.
VIEWS = (
    View("", gettext_lazy("All"), Q()),
    View("there", gettext_lazy("In accounting"), Q()),
    View("waiting", gettext_lazy("Waiting"), Q()),
    View("failed", gettext_lazy("Failed"), Q()),
    View("out", gettext_lazy("Not sent"), Q()),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """`tone`, `word` and `shape` of the mark; why, in a sentence; the job that did it."""

    tone: str
    word: str
    shape: str
    why: str | SafeString = ""
    job_id: int | None = None
    external_id: str = ""


def rows(connection: Connection, record_type: RecordType) -> dict[str, QuerySet[Any]]:
    """By view: the records of this type that are synchronized at all. What waits is looked up from
    the queue, which is short, and not record by record."""
    of_type = {"connection": connection, "record_type": record_type}
    every = loading.expected(connection, record_type)
    items = SyncQueueItem.objects.open().filter(**of_type)
    refused = items.filter(state__in=REFUSED)
    has_item = Exists(items.filter(record_id=OuterRef("pk")))
    links = Link.objects.filter(**of_type, is_finished=True, gone_at=None)
    has_link = Exists(links.filter(record_id=OuterRef("pk")))
    return {
        "": every,
        "there": every.filter(has_link, ~has_item),
        "waiting": every.filter(pk__in=items.exclude(state__in=REFUSED).values("record_id")),
        "failed": every.filter(pk__in=refused.values("record_id")),
        "out": every.filter(~has_link, ~has_item),
    }


def of_records(
    connection: Connection, record_type: RecordType, records: Sequence[Any]
) -> dict[int, Standing]:
    """By record id; five queries."""
    known = _Known(connection, record_type, [record.pk for record in records])
    return {record.pk: known.standing(record) for record in records}


class _Known:
    """What is known of the records of one page."""

    def __init__(self, connection: Connection, record_type: RecordType, ids: Sequence[int]) -> None:
        self._connection = connection
        about = {"record_type": record_type, "record_id__in": ids}
        of_connection = {**about, "connection": connection}
        self._links = dict(
            Link.objects.filter(**of_connection, gone_at=None).values_list(
                "record_id", "external_id"
            )
        )
        items = SyncQueueItem.objects.open().filter(**of_connection)
        self._items = {
            item.record_id: item
            for item in items.select_related("held_by").annotate(blocker_label=blocker_label())
        }
        self._skipped = dict(
            SyncQueueItem.objects.filter(**of_connection, state=State.SKIPPED)
            .order_by("pk")
            .values_list("record_id", "refusal")
        )
        self._decisions = dict(
            Match.objects.filter(**of_connection)
            .exclude(confirmed_at=None)
            .values_list("record_id", "decision")
        )
        self._created = dict(
            Attempt.objects.filter(
                **about,
                exchange__connection=connection,
                operation=Operation.CREATE,
                outcome=AttemptOutcome.ACCEPTED,
            )
            .order_by("pk")
            .values_list("record_id", "exchange__job_id")
        )

    def standing(self, record: Any) -> Standing:
        item, external_id = self._items.get(record.pk), self._links.get(record.pk, "")
        if item is not None:
            is_refused = item.state in REFUSED
            return Standing(
                "bad" if is_refused else "idle",
                str(State(item.state).label),
                "error" if is_refused else "schedule",
                next_step(item),
                external_id=external_id,
            )
        if external_id:
            return self._there(record, external_id)
        return self._out(record)

    def _there(self, record: Any, external_id: str) -> Standing:
        if job_id := self._created.get(record.pk):
            return Standing("ok", _("Created"), "add", "", job_id, external_id)
        if self._decisions.get(record.pk) == Decision.LINK:
            return Standing(
                "ok", _("Linked"), "link", _("It was there already."), None, external_id
            )
        return Standing("ok", _("Unchanged"), "", _("Both sides have it."), None, external_id)

    def _out(self, record: Any) -> Standing:
        if is_too_early(self._connection, record):
            said = words.too_early(self._connection)
        elif self._decisions.get(record.pk) == Decision.SKIP:
            said = _("Skipped when it was matched.")
        elif record.pk in self._skipped:
            said = self._skipped[record.pk]
        else:
            return Standing(
                "idle", _("Not sent"), "schedule", _("It goes there when somebody edits it.")
            )
        return Standing("idle", _("Skipped"), "block", said)
