"""What a person decides: which side of a conflict counts, and what of an object that is gone."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from companies.audit import audit
from connectors.documents import RecordType, from_json
from connectors.models import Link
from jobs import mapping
from jobs.models import SyncError
from records.models import RECORD_MODELS, Status
from syncqueue import control
from syncqueue.models import SyncQueueItem, SyncQueueQuerySet


class Side(StrEnum):
    OURS = "ours"
    THEIRS = "theirs"


class Gone(StrEnum):
    """What to do about a record whose object was deleted or voided there."""

    CREATE_AGAIN = "create_again"
    VOID_OURS = "void_ours"
    UNLINK = "unlink"


@transaction.atomic
def settle_conflict(*, link: Link, choices: Mapping[str, Side], user: User) -> None:
    """Take the chosen side of each field; ours is sent with the next job, theirs is written here.

    Fields without a choice stay in conflict.
    """
    link = Link.objects.select_for_update().get(pk=link.pk)
    record_type = RecordType(link.record_type)
    decided = {name: side for name, side in choices.items() if name in link.conflicts}
    theirs = [name for name, side in decided.items() if side is Side.THEIRS]
    _take(link, record_type, theirs)
    for name in decided:
        sides = link.conflicts.pop(name)
        chosen = decided[name] is Side.THEIRS
        link.ours[name] = sides["theirs"] if chosen else sides["agreed"]
    link.save(update_fields=["ours", "conflicts"])
    if not link.conflicts:
        control.requeue(items=_items(link))
        _resolve(link, user)
    audit(
        company=link.company,
        user=user,
        action="conflict.settle",
        target=link,
        choices={name: str(side) for name, side in decided.items()},
    )


@transaction.atomic
def settle_gone(*, link: Link, choice: Gone, user: User) -> None:
    """Create it there again, void or delete ours too, or let the two go separate ways."""
    if choice is Gone.CREATE_AGAIN:
        link.delete()
        control.requeue(items=_items(link))
    elif choice is Gone.VOID_OURS:
        _void(link)
    else:
        control.skip(items=_items(link), user=user, reason=_("Unlinked: gone in accounting."))
        link.delete()
    _resolve(link, user)
    audit(company=link.company, user=user, action=f"gone.{choice}", target=link)


def _take(link: Link, record_type: RecordType, names: list[str]) -> None:
    if not names:
        return
    content = from_json(record_type, link.theirs)
    values = {name: getattr(content, name) for name in names}
    resolver = mapping.Resolver(link.connection)
    for column, target in mapping.REFERENCES.items():
        name = mapping.COLUMNS[record_type].get(column)
        if name in values and values[name] is not None:
            resolver.load_external(target, [values[name]])
    columns = mapping.to_columns(record_type, values, resolver.record_id)
    RECORD_MODELS[record_type]._default_manager.filter(pk=link.record_id).update(
        **columns, updated_at=Now()
    )


def _void(link: Link) -> None:
    model: Any = RECORD_MODELS[RecordType(link.record_type)]
    rows = model._default_manager.filter(pk=link.record_id)
    if hasattr(model, "status"):
        rows.update(status=Status.VOIDED, updated_at=Now())
    else:
        rows.update(deleted_at=Now(), updated_at=Now())
    control.requeue(items=_items(link))


def _items(link: Link) -> SyncQueueQuerySet:
    return SyncQueueItem.objects.open().filter(
        connection_id=link.connection_id,
        record_type=link.record_type,
        record_id=link.record_id,
    )


def _resolve(link: Link, user: User) -> None:
    SyncError.objects.unresolved().filter(
        connection_id=link.connection_id,
        record_type=link.record_type,
        record_id=link.record_id,
    ).update(resolved_at=Now(), resolved_by=user)
