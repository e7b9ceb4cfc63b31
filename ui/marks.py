"""The small pieces of HTML that tables and templates share: icon, state, moment, count."""

from __future__ import annotations

import datetime

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ui import moments

ABSENT = format_html('<span class="absent">{}</span>', "–")

# Each outcome has a shape besides its colour and its word.
TONE_ICONS = {
    "ok": "check_circle",
    "warn": "warning",
    "bad": "cancel",
    "idle": "schedule",
    "live": "progress_activity",
}


def icon(name: str) -> SafeString:
    return format_html(
        '<span class="icon material-symbols-outlined" aria-hidden="true">{}</span>', name
    )


def state(tone: str, word: object, shape: str = "") -> SafeString:
    """A pill: shape, word and colour. `tone` is ok, warn, bad, idle or live."""
    return format_html(
        '<span class="state state-{}">{}{}</span>', tone, icon(shape or TONE_ICONS[tone]), word
    )


def moment(value: datetime.datetime | None) -> SafeString:
    if value is None:
        return ABSENT
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(timespec="seconds"),
        moments.exactly(value),
        moments.words(value, now=timezone.now()),
    )


def error_count(count: int, *, url: str, of: object) -> SafeString:
    """Always a link, also when there is nothing behind it."""
    return format_html(
        '<a class="count{}" href="{}" aria-label="{}">{}</a>',
        " count-bad" if count else "",
        url,
        _("%(count)d errors of %(of)s") % {"count": count, "of": of},
        count,
    )
