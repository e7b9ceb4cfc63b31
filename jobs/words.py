"""Sentences about what a job does, for people."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.documents import RecordType
from connectors.interface import Reason, Rejected
from connectors.models import Connection
from jobs.mapping import Key
from jobs.models import SyncJob
from records.models import RECORD_MODELS, Record


def plural(record_type: RecordType) -> str:
    return str(RECORD_MODELS[record_type]._meta.verbose_name_plural)


def exporting(record_type: RecordType) -> str:
    return _("Exporting %(records)s") % {"records": plural(record_type)}


def importing(record_type: RecordType) -> str:
    return _("Importing %(records)s") % {"records": plural(record_type)}


def lost_reference(key: Key, record: Record | None) -> Rejected:
    """The record refers to one that will never reach accounting."""
    what = str(RECORD_MODELS[key[0]]._meta.verbose_name)
    name = str(record) if record else str(key[1])
    return Rejected(
        Reason.MISSING_REFERENCE,
        "deleted_here",
        _("Its %(what)s “%(name)s” is a draft or was deleted here. Choose another, or restore it.")
        % {"what": what, "name": name},
        field=str(key[0]),
        external_id=f"ours:{key[0]}:{key[1]}",
    )


def too_early(connection: Connection) -> str:
    return _("Dated before %(day)s: it is not synchronized.") % {"day": _not_before(connection)}


def refers_to_too_early(connection: Connection, record: Record) -> Rejected:
    """The record settles a document that stays out of accounting."""
    return Rejected(
        Reason.MISSING_REFERENCE,
        "before_date",
        _(
            "“%(name)s” is dated before %(day)s and is not synchronized. Enter this one by hand in "
            "accounting and skip it here, or choose an earlier date on the matching page."
        )
        % {"name": record, "day": _not_before(connection)},
        field="date",
    )


def _not_before(connection: Connection) -> str:
    return date_format(connection.not_before, "j M Y") if connection.not_before else ""


def finished(job: SyncJob, *, failed: int, name: str) -> str:
    """One sentence for a job that went through."""
    moved = job.exported + job.imported
    if not moved and not failed:
        return _("Nothing had changed: both sides agree.")
    if not moved:
        return _errors(failed)
    said = ngettext(
        "%(count)d record was exchanged with %(name)s.",
        "%(count)d records were exchanged with %(name)s.",
        moved,
    ) % {"count": moved, "name": name}
    if failed:
        said += " " + _errors(failed)
    return said


def _errors(count: int) -> str:
    said = ngettext("%(count)d error needs a look.", "%(count)d errors need a look.", count)
    return said % {"count": count}


def tries_again(name: str, at: datetime.datetime, zone: str) -> str:
    time = at.astimezone(ZoneInfo(zone)).strftime("%H:%M")
    return _("%(name)s did not answer. Trying again at %(time)s.") % {"name": name, "time": time}


def waits_until(name: str, at: datetime.datetime, zone: str) -> str:
    time = at.astimezone(ZoneInfo(zone)).strftime("%H:%M:%S")
    return _("Waiting for %(name)s until %(time)s") % {"name": name, "time": time}


def reconnect(name: str) -> str:
    return _("%(name)s no longer lets us in. Reconnect on the Connections page.") % {"name": name}
