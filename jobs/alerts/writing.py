"""Puts notices into words: the text of an e-mail, the body of a webhook."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.alerts.problems import kind_of, path_of
from jobs.models import Alert, AlertMessage, AlertNotice, Channel

# An e-mail names this many; a webhook all.
NAMED = 20


def write(
    alert: Alert, channel: Channel, began: Sequence[AlertNotice], over: Sequence[AlertNotice]
) -> AlertMessage:
    """Not saved yet. A webhook's body holds the message's key."""
    message = AlertMessage(alert=alert, channel=channel, subject=subject(alert, began, over)[:300])
    if channel == Channel.EMAIL:
        message.content = _text(alert, began, over)
    else:
        message.content = _body(message, "problems", began, over)
    return message


def write_test(alert: Alert, channel: Channel) -> AlertMessage:
    said = _("This is a test of your alerts. Nothing is wrong.")
    message = AlertMessage(alert=alert, channel=channel, subject=f"[{alert.company}] {said}"[:300])
    message.content = said
    if channel == Channel.WEBHOOK:
        message.content = _body(message, "test", [], [])
    return message


def subject(alert: Alert, began: Sequence[AlertNotice], over: Sequence[AlertNotice]) -> str:
    """The problem itself if it is the only one, else how many."""
    if len(began) + len(over) == 1:
        said = began[0].title if began else _("Over: %s") % over[0].title
    else:
        parts = []
        if began:
            new = ngettext("%d new problem", "%d new problems", len(began))
            parts.append(new % len(began))
        if over:
            parts.append(ngettext("%d is over", "%d are over", len(over)) % len(over))
        said = ", ".join(parts)
    # A line break would end the header.
    return " ".join(f"[{alert.company}] {said}".split())


def _text(alert: Alert, began: Sequence[AlertNotice], over: Sequence[AlertNotice]) -> str:
    lines: list[str] = []
    for notice in began[:NAMED]:
        lines += [notice.title, notice.body, _address(notice), ""]
    if len(began) > NAMED:
        rest = len(began) - NAMED
        lines += [ngettext("And %d more.", "And %d more.", rest) % rest, ""]
    if over:
        lines.append(_("Over:"))
        lines += [f"– {notice.title}" for notice in over[:NAMED]]
        if len(over) > NAMED:
            lines.append(_("and %d more") % (len(over) - NAMED))
        lines.append("")
    why = _("You asked Syncapp to tell you about %s. Change that here:") % alert.company
    return "\n".join([*lines, "--", why, settings.SITE_URL + reverse("alerts"), ""])


def _body(
    message: AlertMessage,
    kind: str,
    began: Sequence[AlertNotice],
    over: Sequence[AlertNotice],
) -> str:
    company = message.alert.company
    content = {
        "id": message.key,
        "type": kind,
        "company": {"key": company.key, "name": company.name},
        "problems": [*map(_entry, began), *map(_entry, over)],
    }
    return json.dumps(content, ensure_ascii=False)


def _entry(notice: AlertNotice) -> dict[str, Any]:
    return {
        "id": notice.pk,
        "state": "over" if notice.over_at else "open",
        "kind": kind_of(notice.problem),
        "title": notice.title,
        "what_to_do": notice.body,
        "since": notice.noticed_at.isoformat(),
        "over": notice.over_at.isoformat() if notice.over_at else None,
        "url": _address(notice),
    }


def _address(notice: AlertNotice) -> str:
    return settings.SITE_URL + path_of(kind_of(notice.problem), notice.problem)
