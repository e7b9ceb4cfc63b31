"""Links a record of ours to an object of theirs because a person says that they are one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from connectors.models import Connection, Link
from jobs import mapping
from jobs.adopt import ours_of
from jobs.mapping import Key, Resolver
from records.models import RECORD_MODELS
from syncqueue.words import type_name


def refusal_to_link(connection: Connection, key: Key, external_id: str) -> str:
    """Why the two cannot be linked; "" when they can."""
    links = Link.objects.filter(connection=connection, record_type=key[0])
    mine = links.filter(record_id=key[1]).first()
    if mine is not None:
        return _("It is linked to number %s in accounting already.") % mine.external_id
    theirs = links.filter(external_id=external_id).first()
    if theirs is None:
        return ""
    other = RECORD_MODELS[key[0]]._default_manager.filter(pk=theirs.record_id).first()
    return _(
        "Number %(number)s in accounting is linked to our %(type)s “%(name)s” already."
        " Give ours another name or number, or mark it as done."
    ) % {
        "number": external_id,
        "type": type_name(key[0]).lower(),
        "name": other or theirs.record_id,
    }


def link(
    connection: Connection,
    key: Key,
    external_id: str,
    *,
    theirs: Mapping[str, Any],
    version: str = "",
    is_finished: bool = True,
    is_agreed: bool = True,
) -> Link:
    """`is_agreed`: what differs stays as it is until somebody edits one of them; else ours is
    sent. Raises IntegrityError when somebody was faster."""
    record_type, record_id = key
    loaded = mapping.load(record_type=record_type, ids=[record_id], lock=True)
    resolver = Resolver(connection)
    resolver.load(mapping.references(record_type, loaded.values()))
    ours = ours_of(record_type, loaded[record_id], resolver) if is_agreed else {}
    return Link.objects.create(
        connection=connection,
        company_id=connection.company_id,
        record_type=record_type,
        record_id=record_id,
        external_id=external_id,
        version=version,
        ours=ours,
        theirs=dict(theirs),
        is_finished=is_finished,
    )
