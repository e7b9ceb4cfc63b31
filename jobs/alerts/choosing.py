"""What a person chooses to be told, and the secret of their webhook."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from companies.audit import audit
from connectors.secrets import seal
from jobs.alerts import problems
from jobs.alerts.sending import send
from jobs.alerts.telling import channels
from jobs.alerts.writing import write_test
from jobs.models import Alert, Channel


@transaction.atomic
def set_up(*, alert: Alert) -> str:
    """Save what the person chose. Returns the secret of a webhook that is new, else ""."""
    fresh = ""
    if not alert.webhook_url:
        alert.sealed_webhook_secret = ""
    elif not alert.sealed_webhook_secret:
        fresh = _new_secret(alert)
    alert.save()
    for notice in alert.notices.filter(over_at=None):
        # Nobody is told the end of what nobody wants to hear of.
        if not problems.is_wanted(alert, problems.kind_of(notice.problem)):
            notice.delete()
    audit(
        company=alert.company,
        user=alert.user,
        action="alert.change",
        target=alert.company,
        by_email=alert.by_email,
        # The path of a webhook may be a secret.
        webhook=urlsplit(alert.webhook_url).hostname or "",
    )
    return fresh


@transaction.atomic
def renew_secret(*, alert: Alert) -> str:
    """The new secret; the old one signs nothing any more."""
    fresh = _new_secret(alert)
    alert.save(update_fields=["sealed_webhook_secret"])
    audit(company=alert.company, user=alert.user, action="alert.secret", target=alert.company)
    return fresh


def send_test(*, alert: Alert) -> list[tuple[bool, str]]:
    """Through each channel, now: whether it has arrived, and a sentence about it."""
    told = []
    for channel in channels(alert):
        failure = send(write_test(alert, channel))
        if failure:
            name = Channel(channel).label
            told.append((False, _("%(channel)s: %(why)s") % {"channel": name, "why": failure}))
        elif channel == Channel.EMAIL:
            told.append((True, _("A test went to %s.") % alert.user.email))
        else:
            told.append((True, _("The webhook was received.")))
    return told


def _new_secret(alert: Alert) -> str:
    fresh = f"whsec_{secrets.token_urlsafe(32)}"
    alert.sealed_webhook_secret = seal({"secret": fresh})
    return fresh
