"""What a person changes so that a refused record goes through: its date, what it refers to, or
that it is linked to what accounting has already. Each sends the records again with a job."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.audit import audit
from connectors.documents import RecordType, to_json
from connectors.interface import Remote
from connectors.models import Connection, Decision, Link, Match
from connectors.registry import ROLES
from jobs import control, mapping
from jobs.linking import link, refusal_to_link
from jobs.mapping import Key
from jobs.models import SyncError, SyncErrorQuerySet, Trigger
from jobs.repairs import Mended, audit_errors, items_of, settled_on
from records.models import LINE_MODELS, RECORD_MODELS
from syncqueue import control as queue_control


@transaction.atomic
def redate(
    *, connection: Connection, errors: SyncErrorQuerySet, date: datetime.date, user: User
) -> Mended:
    """Move documents to another day, because the books are closed for theirs."""
    errors = settled_on(errors.filter(connection=connection))
    moved: dict[str, str] = {}
    for record_type, ids in _records(errors).items():
        if "date" not in mapping.COLUMNS[record_type].values():
            continue
        manager: Any = RECORD_MODELS[record_type]._default_manager
        rows = manager.filter(pk__in=ids, company_id=connection.company_id)
        for row in rows.select_for_update(no_key=True).order_by("pk"):
            moved[str(row)] = row.date.isoformat()
        rows.update(date=date, updated_at=Now())
    audit_errors(errors, user=user, action="errors.redate", to=date.isoformat(), before=moved)
    return _again(connection, errors, user, len(moved))


@transaction.atomic
def use_instead(
    *,
    connection: Connection,
    errors: SyncErrorQuerySet,
    missing: Key,
    instead: int,
    user: User,
) -> Mended:
    """Let the refused records refer to another account, item, customer or the like. Where the
    connection's defaults name the missing one, they name the other from now on."""
    target, missing_id = missing
    rows = RECORD_MODELS[target]._default_manager.filter(company_id=connection.company_id)
    other = rows.filter(pk=instead, deleted_at=None).first()
    if other is None or instead == missing_id:
        return Mended(0, refusal=_("Choose another one that is in use."))
    errors = settled_on(errors.filter(connection=connection))
    for record_type, ids in _records(errors).items():
        _replace(record_type, ids, target, missing_id, instead)
    _replace_default(connection, target, missing_id, instead)
    audit_errors(
        errors,
        user=user,
        action="errors.use_instead",
        type=str(target),
        missing=missing_id,
        instead=str(other),
    )
    return _again(connection, errors, user, items_of(errors).count())


def link_to(*, error: SyncError, remote: Remote, send_ours: bool, user: User) -> Mended:
    """Our record is that object of theirs. `send_ours`: where they differ, ours is sent; else both
    stay as they are until somebody edits one of them."""
    connection = error.connection
    if error.record_id is None:
        return Mended(0, refusal=_("This error is about no record that could be linked."))
    key = (RecordType(error.record_type), error.record_id)
    if refusal := refusal_to_link(connection, key, remote.external_id):
        return Mended(0, refusal=refusal)
    try:
        with transaction.atomic():
            made = link(
                connection,
                key,
                remote.external_id,
                theirs=to_json(remote.content),
                version=remote.version,
                is_finished=remote.is_finished,
                is_agreed=not send_ours,
            )
            _note_link(error, made, send_ours=send_ours, user=user)
            return _again(connection, SyncError.objects.filter(pk=error.pk), user, 1)
    except IntegrityError:
        return Mended(0, refusal=_("Somebody has linked one of the two meanwhile. Look again."))


def _records(errors: SyncErrorQuerySet) -> dict[RecordType, set[int]]:
    by_type: dict[RecordType, set[int]] = defaultdict(set)
    about = errors.exclude(record_type="")
    for record_type, record_id in about.values_list("record_type", "record_id"):
        if record_id is not None:
            by_type[RecordType(record_type)].add(record_id)
    return by_type


def _replace(
    record_type: RecordType, ids: set[int], target: RecordType, missing_id: int, instead: int
) -> None:
    """In the records and in their lines. Their triggers queue them with who did it."""
    for column in _columns(mapping.COLUMNS[record_type], target):
        RECORD_MODELS[record_type]._default_manager.filter(
            **{column: missing_id}, pk__in=ids
        ).update(**{column: instead}, updated_at=Now())
    if record_type not in LINE_MODELS or record_type is RecordType.PAYMENT:
        return
    model: Any = LINE_MODELS[record_type]
    there = {field.attname for field in model._meta.concrete_fields}
    for column in _columns(mapping.LINE_COLUMNS, target):
        if column in there:
            lines = model.objects.filter(**{column: missing_id, f"{record_type}__in": ids})
            lines.update(**{column: instead})


def _columns(columns: Any, target: RecordType) -> list[str]:
    return [column for column in columns if mapping.REFERENCES.get(column) is target]


def _replace_default(
    connection: Connection, target: RecordType, missing_id: int, instead: int
) -> None:
    row = Connection.objects.select_for_update().get(pk=connection.pk)
    roles = {role for role, kind in ROLES.items() if kind is target}
    changed = {
        role: instead
        for role, record_id in row.defaults.items()
        if role in roles and record_id == missing_id
    }
    if changed:
        row.defaults = {**row.defaults, **changed}
        row.save(update_fields=["defaults"])


def _again(connection: Connection, errors: SyncErrorQuerySet, user: User, count: int) -> Mended:
    queue_control.requeue(items=items_of(errors))
    opened = control.open_job(connection=connection, trigger=Trigger.RETRY, user=user)
    return Mended(count, opened=opened)


def _note_link(error: SyncError, made: Link, *, send_ours: bool, user: User) -> None:
    """What was proposed about the object is decided with it, and the error is resolved."""
    proposed = Match.objects.filter(
        connection=made.connection, record_type=made.record_type, external_id=made.external_id
    )
    proposed.filter(record_id=made.record_id, decision=Decision.PENDING).update(
        decision=Decision.LINK,
        decided_by=user,
        decided_at=timezone.now(),
        confirmed_at=timezone.now(),
    )
    SyncError.objects.unresolved().filter(
        connection=made.connection, record_type=made.record_type, record_id=made.record_id
    ).update(
        resolved_at=Now(),
        resolved_by=user,
        resolution=_("Linked to %s in accounting.") % made.external_id,
    )
    audit(
        company=made.company,
        user=user,
        action="errors.link",
        target=error.label,
        external_id=made.external_id,
        send_ours=send_ours,
    )
