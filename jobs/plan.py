"""What to do with a claimed item: decided from what is there now, not from what was recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors import documents
from connectors.documents import Document, RecordType
from connectors.interface import Connector, LinkState, Operation, Push, Reason, Rejected
from connectors.models import Connection, Link
from jobs import mapping, words
from jobs.mapping import Loaded, Missing, Resolver
from jobs.merge import changed_fields
from syncqueue.models import SyncQueueItem

# Every batch asks this; the ORM would take longer to say it than the database to answer.
_LINKS = """
SELECT * FROM connectors_link
WHERE connection_id = %s AND record_type = %s AND record_id = ANY(%s)
"""
NAMES = frozenset({RecordType.CUSTOMER, RecordType.VENDOR, RecordType.ITEM})


@dataclass(frozen=True, slots=True)
class Send:
    """Write it; `content` is the neutral document as JSON, remembered with the attempt."""

    push: Push
    content: dict[str, Any]
    # The customer or vendor, for what is sent one at a time per party.
    party: str = ""


@dataclass(frozen=True, slots=True)
class Nothing:
    """`is_unchanged`: accounting has it already; else there never was anything to send, or there
    is and it stays out of accounting, for the reason `skipped`."""

    is_unchanged: bool
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Another record has to be exported first."""

    record_type: RecordType
    record_id: int


Plan = Send | Nothing | WaitFor | Rejected


class Planner:
    """Plans claimed items of one type from records, links and references loaded in bulk."""

    def __init__(self, *, connection: Connection, connector: Connector) -> None:
        self._connection = connection
        self._connector = connector

    def plan(
        self, record_type: RecordType, items: Sequence[SyncQueueItem]
    ) -> list[tuple[SyncQueueItem, Plan]]:
        ids = [item.record_id for item in items]
        loaded = mapping.load(record_type=record_type, ids=ids)
        links = self._links(record_type, ids)
        resolver = Resolver(self._connection)
        resolver.load(mapping.references(record_type, loaded.values()))
        return [
            (
                item,
                self._one(
                    record_type,
                    item,
                    loaded.get(item.record_id),
                    links.get(item.record_id),
                    resolver,
                ),
            )
            for item in items
        ]

    def _one(
        self,
        record_type: RecordType,
        item: SyncQueueItem,
        loaded: Loaded | None,
        link: Link | None,
        resolver: Resolver,
    ) -> Plan:
        if loaded is None or not loaded.is_exportable:
            return self._removed(record_type, item, link)
        if loaded.is_voided and (link is None or link.gone_at):
            return Nothing(is_unchanged=False)
        if link and link.gone_at:
            return _gone(item)
        if link is None and is_too_early(self._connection, loaded.record):
            return Nothing(is_unchanged=False, skipped=words.too_early(self._connection))
        try:
            document = mapping.to_document(record_type, loaded, resolver.resolve)
        except Missing as missing:
            return WaitFor(missing.record_type, missing.record_id)
        plan = self._write(record_type, item, document, link)
        if isinstance(plan, Send):
            return self._connector.refuse(plan.push) or plan
        return plan

    def _removed(self, record_type: RecordType, item: SyncQueueItem, link: Link | None) -> Plan:
        """Deleted here. Names are deactivated there, documents deleted."""
        if link is None or link.gone_at:
            return Nothing(is_unchanged=False)
        content: dict[str, Any] = {}
        if record_type in NAMES:
            content = {**(link.ours or link.theirs), "is_active": False}
            if link.is_finished and link.ours == content:
                return Nothing(is_unchanged=True)
        push = self._push(record_type, item, Operation.DELETE, None, link)
        return Send(push, content)

    def _write(
        self,
        record_type: RecordType,
        item: SyncQueueItem,
        document: Document,
        link: Link | None,
    ) -> Plan:
        content = documents.to_json(document)
        if link is None or not link.is_finished:
            changed = changed_fields(link.ours, content) if link else frozenset()
            push = self._push(record_type, item, Operation.CREATE, document, link, changed)
            return Send(push, content, _party(document))
        if link.conflicts and _still_open(link.conflicts, content):
            return _conflict(item, link.conflicts)
        changed = self._changed(record_type, document, content, link)
        if not changed:
            return Nothing(is_unchanged=True)
        is_void = "is_voided" in changed and bool(content["is_voided"])
        operation = Operation.VOID if is_void else Operation.UPDATE
        push = self._push(record_type, item, operation, document, link, changed)
        return Send(push, content, _party(document))

    def _changed(
        self,
        record_type: RecordType,
        document: Document,
        content: Mapping[str, Any],
        link: Link,
    ) -> frozenset[str]:
        if link.ours:
            return changed_fields(link.ours, content)
        normal = documents.to_json(self._connector.normalize(record_type, document))
        return changed_fields(link.theirs, normal)

    def _push(
        self,
        record_type: RecordType,
        item: SyncQueueItem,
        operation: Operation,
        document: Document | None,
        link: Link | None,
        changed: frozenset[str] = frozenset(),
    ) -> Push:
        return Push(
            id=str(item.pk),
            record_type=record_type,
            operation=operation,
            marker=marker(self._connection, record_type, item.record_id),
            label=item.label,
            content=document,
            link=link_state(link) if link else None,
            changed=changed,
        )

    def _links(self, record_type: RecordType, ids: Sequence[int]) -> dict[int, Link]:
        links = Link.objects.raw(_LINKS, [self._connection.pk, record_type, list(ids)])
        return {link.record_id: link for link in links}


def is_too_early(connection: Connection, record: Any) -> bool:
    """Whether a document is dated before what the connection synchronizes."""
    date = getattr(record, "date", None)
    return date is not None and connection.not_before is not None and date < connection.not_before


def marker(connection: Connection, record_type: RecordType, record_id: int) -> str:
    """Our reference in their object: it survives us, and belongs to the company, not to a
    connection, so that coming back recognizes what was sent before."""
    return f"syncapp:{connection.company.key}:{record_type}:{record_id}"


def record_id_of(text: str, connection: Connection) -> tuple[RecordType, int] | None:
    """The inverse of `marker`; None for a marker of another company or of nobody."""
    parts = text.split(":")
    if len(parts) != 4 or parts[:2] != ["syncapp", connection.company.key]:
        return None
    if parts[2] not in set(RecordType) or not parts[3].isdigit():
        return None
    return RecordType(parts[2]), int(parts[3])


def link_state(link: Link) -> LinkState:
    theirs = link.theirs
    return LinkState(
        external_id=link.external_id,
        version=link.version,
        is_finished=link.is_finished,
        theirs=documents.from_json(RecordType(link.record_type), theirs) if theirs else None,
    )


def _party(document: Document) -> str:
    return str(getattr(document, "party", ""))


def _still_open(conflicts: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    return any(ours.get(name) != sides["theirs"] for name, sides in conflicts.items())


def _conflict(item: SyncQueueItem, conflicts: Mapping[str, Any]) -> Rejected:
    fields = ", ".join(sorted(name.replace("_", " ") for name in conflicts))
    return Rejected(
        Reason.STALE_VERSION,
        "conflict",
        f"Both sides changed: {fields}.",
        field=fields,
    )


def _gone(item: SyncQueueItem) -> Rejected:
    return Rejected(
        Reason.GONE, "gone", "It was deleted or voided in accounting, and changed here afterwards."
    )
