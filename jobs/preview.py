"""What would be sent for one record if a job began now. Nothing is written and nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat

from django.utils.translation import gettext as _

from connectors.documents import RecordType
from connectors.interface import Operation, Rejected, Request
from connectors.models import Connection
from connectors.registry import connector_for
from jobs.mapping import labels
from jobs.masking import masked
from jobs.plan import Nothing, Planner, Send, WaitFor
from records.models import Record
from syncqueue.models import SyncQueueItem
from syncqueue.words import type_name

# Each request gets a random key of its own; here it is not known yet.
KEY = "x" * 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a person may see it."""

    method: str
    url: str
    body: str


@dataclass(frozen=True, slots=True)
class Preview:
    words: str
    requests: tuple[Asked, ...] = ()


def preview(*, connection: Connection, record: Record) -> Preview:
    connector = connector_for(connection)
    record_type = RecordType(record.record_type)
    if not connector.directions[record_type].exports:
        return Preview(_("Nothing: records of this type come from accounting only."))
    item = SyncQueueItem(pk=0, record_type=record_type, record_id=record.pk, label=str(record))
    planner = Planner(connection=connection, connector=connector)
    ((_item, plan),) = planner.plan(record_type, [item])
    if isinstance(plan, Nothing):
        return Preview(_nothing(is_unchanged=plan.is_unchanged))
    if isinstance(plan, Rejected):
        return Preview(_("Nothing: it is refused before it is sent. %s") % plan.message)
    if isinstance(plan, WaitFor):
        return Preview(_waits(plan))
    requests = connector.push([plan.push], repeat(KEY))
    return Preview(_sends(plan), tuple(map(_asked, requests)))


def _nothing(*, is_unchanged: bool) -> str:
    if is_unchanged:
        return _("Nothing: accounting has it already as it is here.")
    return _("Nothing: it is a draft or was deleted, and accounting never had it.")


def _waits(plan: WaitFor) -> str:
    key = (plan.record_type, plan.record_id)
    name = str(labels([key]).get(key, plan.record_id))
    return _("Nothing yet: %(type)s “%(name)s” has to be in accounting first.") % {
        "type": type_name(plan.record_type).lower(),
        "name": name,
    }


def _sends(plan: Send) -> str:
    said = {
        Operation.CREATE: _("It would be created there."),
        Operation.UPDATE: _("Its changes would be sent."),
        Operation.VOID: _("It would be voided there."),
        Operation.DELETE: _("It would be deleted or deactivated there."),
    }
    return said[plan.push.operation]


def _asked(request: Request) -> Asked:
    body = masked(request.body.decode("utf-8", errors="replace"))
    return Asked(request.method, masked(request.url), body)
