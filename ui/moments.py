"""Says when something was or will be, as a person would."""

from __future__ import annotations

import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def words(moment: datetime.datetime, *, now: datetime.datetime) -> str:
    """ "12 min ago", "Today 02:50", "Yesterday 10:55", "21 Nov, 22:55"; in the active time zone."""
    seconds = (now - moment).total_seconds()
    if 0 <= seconds < 60 or -2 < seconds < 0:
        return _("just now")
    if 0 < seconds < 3600:
        return _("%d min ago") % (seconds // 60)
    return _day_and_time(timezone.localtime(moment), timezone.localtime(now))


def exactly(moment: datetime.datetime) -> str:
    """To the second, with the zone: what is shown on hover."""
    return f"{timezone.localtime(moment):%d %b %Y, %H:%M:%S %Z}"


def lasted(duration: datetime.timedelta) -> str:
    """ "0.9 s", "48 s", "6 min 2 s", "1 h 12 min"."""
    seconds = max(duration.total_seconds(), 0.0)
    if seconds < 10:
        return _("%s s") % f"{seconds:.1f}"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return _("%d s") % rest
    hours, minutes_left = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes_left}


def every(minutes: int) -> str:
    """An interval of a schedule."""
    if minutes % 60 == 0:
        hours = minutes // 60
        return ngettext("Every hour", "Every %(count)d hours", hours) % {"count": hours}
    return ngettext("Every minute", "Every %(count)d minutes", minutes) % {"count": minutes}


def _day_and_time(moment: datetime.datetime, now: datetime.datetime) -> str:
    clock = f"{moment:%H:%M}"
    days = (moment.date() - now.date()).days
    named = {0: _("Today %s"), -1: _("Yesterday %s"), 1: _("Tomorrow %s")}
    if days in named:
        return named[days] % clock
    day = date_format(moment, "j M" if moment.year == now.year else "j M Y")
    return _("%(day)s, %(time)s") % {"day": day, "time": clock}
