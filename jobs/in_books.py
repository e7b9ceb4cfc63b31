"""How one record stands in accounting: in a sentence, and with what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from connectors.documents import RecordType
from connectors.models import Connection, ConnectionState, Link
from connectors.registry import KINDS, connector_for, page_of
from jobs.control import refusal_to_start
from jobs.sync_now import not_exportable
from records.models import Record
from syncqueue.models import State, SyncQueueItem
from syncqueue.tables import blocker_label
from syncqueue.words import next_step, person_name


@dataclass(frozen=True, slots=True)
class InBooks:
    """`tone` is ok, warn, bad, idle or live; `title` says whether the books have it, `words` what
    happens next. `page` is their object in accounting's own pages."""

    connection: Connection
    link: Link | None
    item: SyncQueueItem | None
    tone: str
    title: str
    words: Any
    page: str
    exports: bool

    @property
    def kind(self) -> str:
        """The name of the accounting system."""
        return KINDS[self.connection.kind].label

    @property
    def may_be_pulled(self) -> bool:
        return self.link is not None and self.link.gone_at is None


def in_books(record: Record) -> InBooks | None:
    """None while the company is not connected."""
    connection = Connection.objects.open().filter(company_id=record.company_id).first()
    if connection is None:
        return None
    about = {"record_type": record.record_type, "record_id": record.pk}
    link = Link.objects.filter(connection=connection, **about).first()
    items = SyncQueueItem.objects.filter(connection=connection, **about)
    items = items.select_related("changed_by", "held_by").annotate(blocker_label=blocker_label())
    item = items.open().first()
    latest = item or items.order_by("-finished_at", "-pk").first()
    record_type = RecordType(record.record_type)
    exports = connector_for(connection).directions[record_type].exports
    tone, words = _said(record, connection, link, latest, exports=exports)
    page = page_of(connection, record_type, link.external_id) if link and not link.gone_at else ""
    title = _title(connection, link, item)
    return InBooks(connection, link, item, tone, title, words, page, exports)


def _said(
    record: Record,
    connection: Connection,
    link: Link | None,
    item: SyncQueueItem | None,
    *,
    exports: bool,
) -> tuple[str, Any]:
    """The tone, and what happens next."""
    if item is not None and item.finished_at is None:
        return _tone(item), _next(connection, item)
    if link is not None and link.gone_at:
        return "warn", _("Decide whether to create it again, to void ours, or to unlink.")
    if link is not None and link.is_finished:
        return "ok", _("Nothing of it waits.")
    if reason := not_exportable(record):
        return "idle", reason
    if not exports:
        return "idle", _("Records of this type come from accounting only.")
    if item is not None and item.state == State.SKIPPED:
        by = person_name(item.changed_by)
        said = _("Skipped by %s") % by if by else _("Skipped")
        return "warn", f"{said}: {item.refusal}" if item.refusal else said
    return "idle", _("It is not in the Sync Queue. “Sync now” sends it.")


def _title(connection: Connection, link: Link | None, item: SyncQueueItem | None) -> str:
    if link is None:
        return _("Not in the books of %s") % connection
    if link.gone_at:
        return _("Deleted or voided in %s") % connection
    if not link.is_finished:
        return _("In the books of %s, but not finished there") % connection
    if item is not None:
        return _("In the books of %s, without the latest change") % connection
    return _("In the books of %s") % connection


def _tone(item: SyncQueueItem) -> str:
    if item.is_held:
        return "idle"
    tones = {
        State.FAILED: "bad",
        State.CONFLICT: "warn",
        State.UNKNOWN: "warn",
        State.SENDING: "live",
    }
    return tones.get(State(item.state), "idle")


def _next(connection: Connection, item: SyncQueueItem) -> Any:
    """What holds up the whole connection counts for what only waits."""
    if item.state == State.WAITING and not item.is_held:
        refusal = refusal_to_start(connection, now=timezone.now())
        if refusal:
            return refusal
        if connection.state == ConnectionState.MATCHING:
            return _("First decide which records are the same on both sides.")
    return next_step(item)
