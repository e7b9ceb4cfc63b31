"""What a person does about errors: skip or mark as done, hold, give away, discuss.

What changes records or links, so that the next job sends something else, is in mending.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from companies.audit import audit
from connectors.documents import RecordType, to_json
from connectors.models import Connection, Link
from jobs import linking, mapping
from jobs.control import NAMED, Opened
from jobs.mapping import Missing, Resolver
from jobs.models import ErrorComment, ErrorGroup, SyncError, SyncErrorQuerySet
from syncqueue import control as queue_control
from syncqueue.models import UNSETTLED_STATES, SyncQueueItem, SyncQueueQuerySet


@dataclass(frozen=True, slots=True)
class Mended:
    """For how many records it was done. `left`: sent and not answered yet, so nothing was done.
    `refusal`: a sentence, when nothing was done at all. `opened`: the job that sends it again."""

    count: int
    left: int = 0
    refusal: str = ""
    opened: Opened | None = None


def settled_on(errors: SyncErrorQuerySet) -> SyncErrorQuerySet:
    """The same errors, also when what is done about them changes what the query would find."""
    return SyncError.objects.filter(pk__in=list(errors.order_by().values_list("pk", flat=True)))


def items_of(errors: SyncErrorQuerySet) -> SyncQueueQuerySet:
    """The open items that these errors are about."""
    about = errors.exclude(item=None).order_by().values("item")
    return SyncQueueItem.objects.open().filter(pk__in=about)


def hold(*, errors: SyncErrorQuerySet, user: User, reason: str) -> Mended:
    """Nothing of it is sent until somebody releases it."""
    return Mended(queue_control.hold(items=items_of(errors), user=user, reason=reason))


def release(*, errors: SyncErrorQuerySet, user: User) -> Mended:
    return Mended(queue_control.release(items=items_of(errors), user=user))


@transaction.atomic
def skip(*, errors: SyncErrorQuerySet, user: User, reason: str) -> Mended:
    """These records are not sent until somebody edits them again."""
    return _end(settled_on(errors), user=user, resolution=reason)


def mark_as_done(
    *, errors: SyncErrorQuerySet, user: User, note: str = "", external_id: str = ""
) -> Mended:
    """Accounting has it already, or it was entered there by hand: what our records say now counts
    as agreed, and nothing is sent until somebody edits them. `external_id`: its number there, for
    one record, so that later edits reach it."""
    errors = settled_on(errors)
    try:
        with transaction.atomic():
            if external_id and (refusal := _link_by_hand(errors, external_id)):
                return Mended(0, refusal=refusal)
            audit_errors(
                errors,
                user=user,
                action="errors.mark_as_done",
                note=note,
                external_id=external_id,
            )
            return _mark_as_done(errors, user=user, resolution=note or _("Marked as done."))
    except IntegrityError:
        return Mended(0, refusal=_("Somebody has linked one of the two meanwhile. Look again."))


def _link_by_hand(errors: SyncErrorQuerySet, external_id: str) -> str:
    """Link the one record that these errors are about; returns why not."""
    keys = set(errors.values_list("connection", "record_type", "record_id"))
    if len(keys) != 1:
        return _("A number in accounting belongs to one record. Choose one.")
    [(connection_id, record_type, record_id)] = keys
    if not record_type or record_id is None:
        return _("This error is about no record that could be linked.")
    connection = Connection.objects.get(pk=connection_id)
    key = (RecordType(record_type), record_id)
    refusal = linking.refusal_to_link(connection, key, external_id)
    if not refusal:
        linking.link(connection, key, external_id[:100], theirs={})
    return refusal


def _mark_as_done(errors: SyncErrorQuerySet, *, user: User, resolution: str) -> Mended:
    agreed = list(items_of(errors).exclude(state__in=UNSETTLED_STATES).order_by("pk"))
    for connection in Connection.objects.filter(pk__in={item.connection_id for item in agreed}):
        _agree(connection, [item for item in agreed if item.connection_id == connection.pk])
    ended = _end(errors, user=user, resolution=resolution)
    others = _resolve(errors.unresolved().filter(item=None), user=user, resolution=resolution)
    return Mended(ended.count + others, ended.left)


@transaction.atomic
def assign(*, connection: Connection, fingerprint: str, to: User | None, user: User) -> None:
    """Somebody of the company looks after the errors of this cause; None: nobody in particular."""
    group = group_of(connection, fingerprint)
    group.assigned_to = to
    group.save(update_fields=["assigned_to"])
    audit(
        company=connection.company,
        user=user,
        action="errors.assign",
        target=_title(connection, fingerprint),
        to=to.get_username() if to else None,
    )


@transaction.atomic
def comment(*, connection: Connection, fingerprint: str, text: str, user: User) -> ErrorComment:
    """Said to whoever looks at this cause next."""
    group = group_of(connection, fingerprint)
    audit(
        company=connection.company,
        user=user,
        action="errors.comment",
        target=_title(connection, fingerprint),
    )
    return ErrorComment.objects.create(
        group=group, company_id=group.company_id, author=user, text=text[:2000]
    )


def group_of(connection: Connection, fingerprint: str) -> ErrorGroup:
    group, _is_new = ErrorGroup.objects.get_or_create(
        connection=connection,
        fingerprint=fingerprint,
        defaults={"company_id": connection.company_id},
    )
    return group


def audit_errors(errors: SyncErrorQuerySet, *, user: User, action: str, **detail: object) -> None:
    """One entry for all of them, under the company they belong to."""
    first = errors.select_related("company").order_by("pk").first()
    if first is None:
        return
    count = errors.order_by().count()
    target = first.label or first.message if count == 1 else _("%d errors") % count
    labels = list(errors.order_by("pk").values_list("label", flat=True)[:NAMED])
    audit(
        company=first.company,
        user=user,
        action=action,
        target=target,
        records=labels,
        count=count,
        **detail,
    )


def _end(errors: SyncErrorQuerySet, *, user: User, resolution: str) -> Mended:
    """Finish the items as skipped, and close every error of those that are."""
    ids = list(items_of(errors).values_list("pk", flat=True))
    items = SyncQueueItem.objects.filter(pk__in=ids)
    count = queue_control.skip(items=items, user=user, reason=resolution[:300])
    theirs = Q(item__in=ids) | Q(pk__in=errors.values("pk"))
    over = SyncError.objects.unresolved().filter(theirs, item__finished_at__isnull=False)
    _resolve(over, user=user, resolution=resolution)
    return Mended(count, len(ids) - count)


def _resolve(errors: SyncErrorQuerySet, *, user: User, resolution: str) -> int:
    return errors.update(resolved_at=Now(), resolved_by=user, resolution=resolution[:300])


def _agree(connection: Connection, items: Iterable[SyncQueueItem]) -> None:
    """What is linked and differs would be found, and sent, by the next reconciliation."""
    by_type: dict[RecordType, list[int]] = {}
    for item in items:
        by_type.setdefault(RecordType(item.record_type), []).append(item.record_id)
    for record_type, ids in by_type.items():
        links = Link.objects.select_for_update().filter(
            connection=connection, record_type=record_type, record_id__in=ids, gone_at=None
        )
        loaded = mapping.load(record_type=record_type, ids=ids)
        resolver = Resolver(connection)
        resolver.load(mapping.references(record_type, loaded.values()))
        for link in links.order_by("pk"):
            ours = loaded.get(link.record_id)
            if ours is None:
                continue
            try:
                document = mapping.to_document(record_type, ours, resolver.resolve)
            except Missing:
                continue
            link.ours, link.conflicts = to_json(document), {}
            link.save(update_fields=["ours", "conflicts"])


def _title(connection: Connection, fingerprint: str) -> str:
    newest = SyncError.objects.filter(connection=connection, fingerprint=fingerprint)
    latest = newest.order_by("-pk").first()
    return latest.message if latest else fingerprint
