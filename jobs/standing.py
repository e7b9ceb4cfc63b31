"""What became of each record of ours: linked, created, waiting, refused, or left out, and why.

Reckoned from what is there now, so it is right after the initial load and after every repair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors.documents import RecordType
from connectors.interface import Operation
from connectors.models import Connection, Decision, Link, Match
from jobs import loading, words
from jobs.models import Attempt, AttemptOutcome
from jobs.plan import is_too_early
from syncqueue.models import State, SyncQueueItem
from ui.listings import View

REFUSED = (State.FAILED, State.CONFLICT)

VIEWS = (
    View("", gettext_lazy("All"), Q()),
    View("there", gettext_lazy("In accounting"), Q(is_linked=True, item_state=None)),
    View(
        "waiting",
        gettext_lazy("Waiting"),
        Q(item_state__isnull=False) & ~Q(item_state__in=REFUSED),
    ),
    View("failed", gettext_lazy("Failed"), Q(item_state__in=REFUSED)),
    View("out", gettext_lazy("Not sent"), Q(is_linked=False, item_state=None)),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """`tone`, `word` and `shape` of the mark; why, in a sentence; the job that did it."""

    tone: str
    word: str
    shape: str
    why: str = ""
    job_id: int | None = None
    external_id: str = ""


def rows(connection: Connection, record_type: RecordType) -> QuerySet[Any]:
    """Every record that is synchronized at all, with `is_linked` and `item_state`."""
    about = {
        "connection": connection,
        "record_type": record_type,
        "record_id": OuterRef("pk"),
    }
    found: QuerySet[Any] = loading.expected(connection, record_type).annotate(
        is_linked=Exists(Link.objects.filter(**about, is_finished=True, gone_at=None)),
        item_state=Subquery(SyncQueueItem.objects.open().filter(**about).values("state")[:1]),
    )
    return found


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
        self._items = {
            item.record_id: item for item in SyncQueueItem.objects.open().filter(**of_connection)
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
                item.refusal,
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
