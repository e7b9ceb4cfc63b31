"""What a person decides: which side of a conflict counts, and what of an object that is gone.

Each answers with a sentence when nothing was done, "" else. Records are locked before links, as an
import does it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from companies.audit import audit
from connectors.documents import RecordType, from_json, to_json
from connectors.models import Connection, Link
from jobs import following, mapping, taking
from jobs.mapping import Key, Missing, Resolver
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
def settle_conflict(
    *, link: Link, choices: Mapping[str, Side], user: User, seen_version: str | None = None
) -> str:
    """Take the chosen side of each field; ours is sent with the next job, theirs is written here.

    Fields without a choice stay in conflict. `seen_version`: of their object as the person saw it.
    """
    locked = _locked(link)
    if locked is None or not locked.conflicts:
        return _("Somebody has decided this already.")
    if seen_version is not None and seen_version != locked.version:
        return _("It was changed in accounting meanwhile. Look at the values again.")
    link, record_type = locked, RecordType(locked.record_type)
    decided = {name: side for name, side in choices.items() if name in link.conflicts}
    theirs = [name for name, side in decided.items() if side is Side.THEIRS]
    content = from_json(record_type, link.theirs)
    if refusal := taking.take(link.connection, _key(link), content, theirs):
        return refusal
    _note_choices(link, decided, user)
    present = _present(link, theirs)
    for name, side in decided.items():
        sides = link.conflicts.pop(name)
        chosen = present.get(name, sides["theirs"])
        link.ours[name] = chosen if side is Side.THEIRS else sides["agreed"]
    link.save(update_fields=["ours", "conflicts"])
    if not link.conflicts:
        control.requeue(items=_items(link))
        _resolve(link, user, _("Somebody chose what counts."))
    return ""


@transaction.atomic
def settle_gone(*, link: Link, choice: Gone, user: User) -> str:
    """Create it there again, void or delete ours too, or let the two go separate ways."""
    locked = _locked(link)
    if locked is None or locked.gone_at is None:
        return _("Somebody has decided this already.")
    if choice is Gone.CREATE_AGAIN:
        control.requeue(items=_items(locked))
        locked.delete()
        said = _("It is created in accounting again.")
    elif choice is Gone.VOID_OURS:
        _void(locked)
        control.requeue(items=_items(locked))
        said = _("Ours was voided or deleted too.")
    else:
        said = _("Unlinked: gone in accounting.")
        control.skip(items=_items(locked), user=user, reason=said)
        locked.delete()
    _resolve(locked, user, said)
    audit(
        company=locked.company,
        user=user,
        action=f"gone.{choice}",
        target=locked,
        record=[locked.record_type, locked.record_id],
        external_id=locked.external_id,
    )
    return ""


@transaction.atomic
def follow_merge(*, link: Link, into: int, user: User) -> str:
    """Accounting merged the object of this record into that of another record of ours, `into`:
    what refers to ours refers to the other from now on, and ours is deleted."""
    locked = _locked(link)
    if locked is None:
        return _("Somebody has decided this already.")
    other = (
        Link.objects.select_for_update()
        .filter(
            connection_id=locked.connection_id,
            record_type=locked.record_type,
            record_id=into,
            gone_at=None,
        )
        .exclude(pk=locked.pk)
        .first()
    )
    if other is None:
        return _("Choose the record that accounting still has.")
    following.follow(locked, other)
    control.requeue(items=_items(locked))
    _resolve(locked, user, _("Merged into another one, as in accounting."))
    audit(
        company=locked.company,
        user=user,
        action="gone.follow_merge",
        target=locked,
        record=[locked.record_type, locked.record_id],
        into=into,
    )
    locked.delete()
    return ""


@transaction.atomic
def set_policies(
    *, connection: Connection, policies: Mapping[str, Mapping[str, str]], user: User
) -> None:
    """Which side counts from now on when both changed a field: by type, then by field."""
    row = Connection.objects.select_for_update().get(pk=connection.pk)
    before = row.settings.get("policies", {})
    after = {kind: dict(fields) for kind, fields in policies.items() if fields}
    row.settings = {**row.settings, "policies": after}
    row.save(update_fields=["settings"])
    audit(
        company=row.company,
        user=user,
        action="connection.policies",
        target=row,
        before=before,
        after=after,
    )


def _locked(link: Link) -> Link | None:
    """The link as it is now, its record locked too; None when it is there no more."""
    kind = RecordType(link.record_type)
    mapping.load(record_type=kind, ids=[link.record_id], lock=True)
    return Link.objects.select_for_update().filter(pk=link.pk).first()


def _key(link: Link) -> Key:
    return RecordType(link.record_type), link.record_id


def _present(link: Link, names: list[str]) -> Mapping[str, Any]:
    """What our record says now that it has taken these fields."""
    if not names:
        return {}
    record_type = RecordType(link.record_type)
    loaded = mapping.load(record_type=record_type, ids=[link.record_id])
    resolver = Resolver(link.connection)
    resolver.load(mapping.references(record_type, loaded.values()))
    try:
        return to_json(mapping.to_document(record_type, loaded[link.record_id], resolver.resolve))
    except (Missing, KeyError):
        return {}


def _note_choices(link: Link, decided: Mapping[str, Side], user: User) -> None:
    """Who decided what, with the values they had before them."""
    audit(
        company=link.company,
        user=user,
        action="conflict.settle",
        target=link,
        record=[link.record_type, link.record_id],
        choices={name: str(side) for name, side in decided.items()},
        values={name: link.conflicts[name] for name in decided},
    )


def _void(link: Link) -> None:
    model: Any = RECORD_MODELS[RecordType(link.record_type)]
    rows = model._default_manager.filter(pk=link.record_id)
    if hasattr(model, "status"):
        rows.update(status=Status.VOIDED, updated_at=Now())
    else:
        rows.update(deleted_at=Now(), updated_at=Now())


def _items(link: Link) -> SyncQueueQuerySet:
    return SyncQueueItem.objects.open().filter(
        connection_id=link.connection_id,
        record_type=link.record_type,
        record_id=link.record_id,
    )


def _resolve(link: Link, user: User, resolution: str) -> None:
    SyncError.objects.unresolved().filter(
        connection_id=link.connection_id,
        record_type=link.record_type,
        record_id=link.record_id,
    ).update(resolved_at=Now(), resolved_by=user, resolution=resolution)
