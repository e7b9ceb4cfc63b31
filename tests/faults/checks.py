"""What must be true after every history: each function returns what is not, in words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from connectors import documents
from connectors.documents import RecordType
from connectors.interface import Reason
from connectors.models import Connection, Link
from connectors.quickbooks_online.contents import parse
from connectors.quickbooks_online.entities import ENTITIES
from connectors.registry import connector_for
from jobs import mapping
from jobs.models import Attempt, AttemptOutcome, Exchange, SyncError, SyncJob
from records.models import RECORD_MODELS
from syncqueue.models import State, SyncQueueItem
from tests.faults.world import World

# All that counts of a document that is void: edits made with the void are not sent any more.
VOID_FIELDS = ("number", "party", "is_voided")
NEEDS_A_PERSON = (State.FAILED, State.CONFLICT)


class Checks:
    """Everything that is looked at, read once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.connection = Connection.objects.get(pk=world.connection.pk)
        self.connector: Any = connector_for(self.connection)
        self.links = list(Link.objects.filter(connection=self.connection))
        self.log = world.books.log()
        self.books = {
            kind: {row["Id"]: row for row in world.books.all(ENTITIES[kind].name)}
            for kind in self.connector.directions
        }
        self.open = list(SyncQueueItem.objects.open().filter(connection=self.connection))
        self.excused = {
            (item.record_type, item.record_id)
            for item in self.open
            if item.state in (*NEEDS_A_PERSON, State.BLOCKED)
        }

    def violations(self) -> list[str]:
        return [
            *(f"duplicate: {text}" for text in self.duplicates()),
            *(f"queue: {text}" for text in self.queue()),
            *(f"lost: {text}" for text in self.losses()),
            *(f"differs: {text}" for text in self.differences()),
            *(f"jobs: {text}" for text in self.jobs()),
            *(f"counters: {text}" for text in self.counters()),
            *(f"cursors: {text}" for text in self.cursors()),
            *(f"journal: {text}" for text in self.journal()),
        ]

    def duplicates(self) -> Iterator[str]:
        """Creates per record are one: by marker, and every object we made is some record's."""
        ours = [row for row in self.log if row["operation"] == "create" and row["origin"] == "api"]
        for marker, count in Counter(row["marker"] for row in ours if row["marker"]).items():
            if count != 1:
                yield f"{marker} was created {count} times"
        linked = {(link.record_type, link.external_id) for link in self.links}
        deleted = {(r["type"], r["id"]) for r in self.log if r["operation"] == "delete"}
        for row in ours:
            kind = _kind(row["type"])
            if (kind, row["id"]) not in linked and (row["type"], row["id"]) not in deleted:
                yield f"{row['type']} {row['id']} is nobody's"

    def queue(self) -> Iterator[str]:
        """Empty, except for conflicts, what was refused for a reason, and what these block."""
        stuck = {
            (item.record_type, item.record_id) for item in self.open if item.state in NEEDS_A_PERSON
        }
        for item in self.open:
            key = (item.record_type, item.record_id)
            what = f"{item} is {item.state} ({item.reason} {item.refusal[:200]})"
            if item.state == State.BLOCKED:
                if (item.blocked_by_type, item.blocked_by_id) not in stuck:
                    yield f"{what} by {item.blocked_by_type} {item.blocked_by_id}"
            elif item.state not in NEEDS_A_PERSON or not self._is_excusable(item, key):
                yield what

    def _is_excusable(self, item: SyncQueueItem, key: tuple[str, int]) -> bool:
        """Refused for a name that they had taken, or edited on both sides."""
        if item.state == State.FAILED:
            return item.reason == "duplicate" and item.record_id in self.world.namesakes
        if key in self.world.gone:
            return True
        link = next((each for each in self.links if _key(each) == key), None)
        theirs = self.world.ledger.theirs.get((key[0], link.external_id), {}) if link else {}
        return bool(set(theirs) & set(self.world.ledger.ours.get(key, {})))

    def losses(self) -> Iterator[str]:
        """The value of each edited field is the last that one of the two sides gave it."""
        ledger, links = self.world.ledger, {_key(link): link for link in self.links}
        by_their_id = {(link.record_type, link.external_id): _key(link) for link in self.links}
        for kind, external_id in ledger.theirs:
            if (kind, external_id) not in by_their_id and not self.world.namesakes:
                yield f"{kind} {external_id} was edited there and is not here"
        keys = set(ledger.ours) | {by_their_id[k] for k in ledger.theirs if k in by_their_id}
        for key in sorted(keys):
            record = RECORD_MODELS[key[0]]._default_manager.filter(pk=key[1]).first()
            if record is None or record.deleted_at or key in self.excused:
                continue
            link = links.get(key)
            theirs = ledger.theirs.get((key[0], link.external_id), {}) if link else {}
            ours = ledger.ours.get(key, {})
            for column in {*ours, *theirs}:
                allowed = ours.get(column, set()) | theirs.get(column, set())
                value = getattr(record, column)
                if value not in allowed:
                    yield f"{key[0]} {record} has the {column} {value!r}, not {allowed!r}"

    def differences(self) -> Iterator[str]:
        """Books equal records, field by field, both ways."""
        resolver = mapping.Resolver(self.connection)
        resolver.load((RecordType(link.record_type), link.record_id) for link in self.links)
        for kind, direction in self.connector.directions.items():
            if direction.exports:
                yield from self._differences(kind, resolver)

    def _differences(self, kind: RecordType, resolver: mapping.Resolver) -> Iterator[str]:
        model: Any = RECORD_MODELS[kind]
        ids = model.objects.filter(company=self.world.company).values_list("pk", flat=True)
        links = {link.record_id: link for link in self.links if link.record_type == kind}
        rows = dict(self.books[kind])
        for pk, loaded in mapping.load(record_type=kind, ids=list(ids)).items():
            link = links.get(pk)
            row = rows.pop(link.external_id, None) if link else None
            if (kind, pk) in self.excused or pk in self.world.namesakes:
                continue
            if not loaded.is_exportable or (loaded.is_voided and link is None):
                if row and row.get("Active", True) and not _is_void(row):
                    yield f"{kind} {loaded.record} is deleted here and still there"
            elif row is None:
                yield f"{kind} {loaded.record} is not there"
            else:
                yield from self._compared(kind, loaded, row, resolver)
        for row in rows.values():
            if self._should_have_come(kind, row):
                yield f"{kind} {row['Id']} of theirs is not here"

    def _compared(
        self, kind: RecordType, loaded: mapping.Loaded, row: dict[str, Any], resolver: Any
    ) -> Iterator[str]:
        normalize, config = self.connector.normalize, self.connector.config
        ours = normalize(kind, mapping.to_document(kind, loaded, resolver.resolve))
        theirs = normalize(kind, parse(kind, row, config).content)
        mine, yours = documents.to_json(ours), documents.to_json(theirs)
        for name in VOID_FIELDS if loaded.is_voided else mine:
            if mine[name] != yours[name]:
                yield f"{kind} {loaded.record}: {name} {mine[name]!r} here, {yours[name]!r} there"
        total = getattr(loaded.record, "total", None)
        if total is not None and not loaded.is_voided and Decimal(str(row["TotalAmt"])) != total:
            yield f"{kind} {loaded.record}: total {total} here, {row['TotalAmt']} there"

    def _should_have_come(self, kind: RecordType, row: dict[str, Any]) -> bool:
        """What they made is here, but for namesakes, which a person decides about."""
        if kind not in {RecordType.CUSTOMER, RecordType.ITEM, RecordType.PAYMENT}:
            return False
        names = {
            str(record)
            for record in RECORD_MODELS["customer"]._default_manager.filter(
                pk__in=self.world.namesakes
            )
        }
        return row.get("DisplayName") not in names and not self.world.namesakes

    def jobs(self) -> Iterator[str]:
        """One at a time: each began after the one before had ended."""
        jobs = SyncJob.objects.filter(connection=self.connection).order_by("created_at", "pk")
        ended = None
        for job in jobs:
            if ended and job.created_at < ended:
                yield f"{job} began before another had ended"
            if job.completed_at is None:
                yield f"{job} is not finished ({job.state}, {job.phase})"
            ended = job.completed_at

    def counters(self) -> Iterator[str]:
        """What a job says of itself is what was counted."""
        jobs = SyncJob.objects.filter(connection=self.connection)
        of_records = Q(errors__item__isnull=False) | Q(errors__reason=Reason.INTERNAL)
        for job in jobs.annotate(
            told=Count("errors", distinct=True), not_sent=Count("errors", of_records, distinct=True)
        ):
            if job.told != job.error_count:
                yield f"{job} says {job.error_count} errors and has {job.told}"
            if job.not_sent != job.failed:
                yield f"{job} says that {job.failed} failed, and {job.not_sent} did"
        for job in jobs.annotate(asked=Count("exchanges", distinct=True)):
            if job.asked != job.requests:
                yield f"{job} says {job.requests} requests and has {job.asked}"
        said = jobs.aggregate(all=Sum("exported"))["all"] or 0
        accepted = Attempt.objects.filter(
            exchange__connection=self.connection, outcome=AttemptOutcome.ACCEPTED
        ).count()
        if said != accepted:
            yield f"the jobs say {said} exported, and {accepted} attempts were accepted"

    def cursors(self) -> Iterator[str]:
        """All that they changed was read: our links know the latest version of each object."""
        links = defaultdict(dict)
        for link in self.links:
            links[link.record_type][link.external_id] = link
        for kind, rows in self.books.items():
            for external_id, row in rows.items():
                link = links[kind].get(external_id)
                if link and link.version != row["SyncToken"]:
                    yield f"{kind} {external_id} is {row['SyncToken']}, known as {link.version}"

    def journal(self) -> Iterator[str]:
        """Every exchange is settled, every attempt applied, and what healed is resolved."""
        exchanges = Exchange.objects.filter(
            connection=self.connection, is_write=True, settled_at=None
        )
        yield from (f"{exchange} ({exchange.pk}) is not settled" for exchange in exchanges)
        attempts = Attempt.objects.filter(exchange__connection=self.connection, applied_at=None)
        yield from (f"{attempt} has no outcome" for attempt in attempts)
        for error in SyncError.objects.unresolved().filter(connection=self.connection):
            if (error.record_type, error.record_id) not in self.excused:
                yield f"the error “{error}” has healed and is not resolved"


def _kind(entity: str) -> str:
    return next((str(kind) for kind, known in ENTITIES.items() if known.name == entity), "")


def _key(link: Link) -> tuple[str, int]:
    return (link.record_type, link.record_id)


def _is_void(row: dict[str, Any]) -> bool:
    return str(row.get("PrivateNote", "")).startswith("Voided")
