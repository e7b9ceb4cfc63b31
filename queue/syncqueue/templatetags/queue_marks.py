"""What the templates of the Sync Queue call."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from syncqueue import words
from syncqueue.models import SyncQueueItem
from syncqueue.tables import state_mark
from ui import marks

register = template.Library()


@register.filter
def item_mark(item: SyncQueueItem) -> SafeString:
    return state_mark(item)


@register.filter
def what_next(item: SyncQueueItem) -> Any:
    return words.next_step(item)


@register.filter
def why_here(item: SyncQueueItem) -> str:
    return words.reason(item)


@register.filter
def type_of(item: SyncQueueItem) -> str:
    return words.type_name(item.record_type)


@register.filter
def who_changed(item: SyncQueueItem) -> SafeString:
    """ "Changed 12 min ago by Nancy Davolio, in Syncapp"."""
    by, way = words.person_name(item.changed_by), words.origin_name(item.origin)
    at = marks.moment(item.changed_at)
    if by:
        return format_html(_("Changed {at} by {person}, {way}"), at=at, person=by, way=way)
    return format_html(_("Changed {at}, {way}"), at=at, way=way)
