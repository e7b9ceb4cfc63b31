"""Single records at once: sync now, and pull this one. Both change rows and open or ring a job."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.audit import audit
from connectors.documents import RANKS, RecordType
from connectors.models import Connection, Link
from jobs import mapping
from jobs.control import Opened, open_job, refusal_to_start
from jobs.differences import by_type
from jobs.mapping import Loaded
from jobs.models import SyncJob
from records.models import Record, Status
from syncqueue import control as queue_control
from syncqueue import transitions
from syncqueue.models import SyncQueueItem, SyncQueueQuerySet
from syncqueue.transitions import Entry

# Of a payment: its invoice, that one's customer and items, and what those refer to.
STEPS = 3


@transaction.atomic
def sync_items(*, connection: Connection, items: SyncQueueQuerySet, user: User) -> Opened:
    """Let these items and what they refer to be due now, and send just them. What is held stays.

    During an open job they go with the one that follows it.
    """
    refusal = refusal_to_start(connection, now=timezone.now())
    if refusal:
        return Opened(None, False, refusal)
    open_items = SyncQueueItem.objects.open().filter(connection=connection)
    chosen = open_items.filter(pk__in=items.values("pk"), held_at=None)
    if not queue_control.note(items=chosen, user=user, action="queue.sync_now"):
        return Opened(None, False, _("None of this waits to be sent. What is held: release it."))
    ids = set(chosen.values_list("pk", flat=True))
    ids |= _needed(open_items.filter(held_at=None), ids)
    queue_control.requeue(items=SyncQueueItem.objects.filter(pk__in=ids))
    return _open(connection=connection, user=user, ids=sorted(ids))


@transaction.atomic
def sync_record(*, connection: Connection, record: Record, user: User) -> Opened:
    """The same for one record, which is queued if it is not."""
    if not Loaded(record).is_exportable:
        return Opened(None, False, not_exportable(record))
    record_type = RecordType(record.record_type)
    link = Link.objects.filter(
        connection=connection, record_type=record_type, record_id=record.pk
    ).first()
    transitions.enqueue(
        connection=connection,
        record_type=record_type,
        rank=RANKS[record_type],
        entries=[Entry(record.pk, str(record), Loaded(record).amount)],
        operation="update" if link else "create",
        user_id=user.pk,
        origin="web",
    )
    items = SyncQueueItem.objects.filter(record_type=record_type, record_id=record.pk)
    return sync_items(connection=connection, items=items, user=user)


@transaction.atomic
def pull_record(*, connection: Connection, record: Record, user: User) -> Opened:
    """Read their object now and take over what changed there."""
    link = Link.objects.filter(
        connection=connection, record_type=record.record_type, record_id=record.pk
    ).first()
    if link is None:
        return Opened(None, False, _("There is nothing to pull: accounting does not have it."))
    scope = {"pull": [[link.record_type, link.external_id]]}
    opened = open_job(connection=connection, user=user, scope=scope)
    if opened.job is not None and not opened.is_new:
        wait = _("%s is still running. Pull this record when it has finished.") % opened.job
        return Opened(None, False, wait)
    if opened.job is not None:
        audit(company=connection.company, user=user, action="record.pull", target=record)
    return opened


def not_exportable(record: Record) -> str:
    """Why a record is not sent at all."""
    if record.deleted_at is not None:
        return _("It was deleted here.")
    if getattr(record, "status", "") == Status.DRAFT:
        return _("A draft is not sent to accounting. Issue it first.")
    return ""


def _needed(items: SyncQueueQuerySet, ids: set[int]) -> set[int]:
    """The other items whose records these refer to, and so on: they have to go first."""
    found: set[int] = set()
    latest = ids
    for _step in range(STEPS):
        keys = _referred(items.filter(pk__in=latest))
        waiting: set[int] = set()
        for record_type, record_ids in by_type(keys).items():
            of_type = items.filter(record_type=record_type, record_id__in=record_ids)
            waiting.update(of_type.values_list("pk", flat=True))
        latest = waiting - ids - found
        if not latest:
            break
        found |= latest
    return found


def _referred(items: SyncQueueQuerySet) -> set[mapping.Key]:
    keys = {(RecordType(kind), pk) for kind, pk in items.values_list("record_type", "record_id")}
    return {
        reference
        for record_type, ids in by_type(keys).items()
        for reference in mapping.references(
            record_type, mapping.load(record_type=record_type, ids=ids).values()
        )
    }


def _open(*, connection: Connection, user: User, ids: list[int]) -> Opened:
    while True:
        opened = open_job(connection=connection, user=user, scope={"items": ids})
        if opened.is_new or opened.job is None:
            return opened
        if SyncJob.objects.open().filter(pk=opened.job.pk).update(run_again=True):
            return opened
