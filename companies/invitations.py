"""Brings a person the link that sets the password: by e-mail, or through who invited them."""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _

from companies.models import Membership
from companies.people import name, password_link


def deliver(membership: Membership, *, is_new: bool) -> str:
    """Tells the person. Returns the link if it has to be handed over: without a mail server, or
    when it did not take the message; "" when nothing is left to do."""
    link = password_link(membership.user) if is_new else ""
    if not (settings.HAS_MAIL_SERVER and membership.user.email):
        return link
    try:
        send_mail(_subject(membership), _text(membership, link), None, [membership.user.email])
    except (OSError, smtplib.SMTPException):
        return link
    return ""


def days() -> int:
    """How long a link works."""
    return settings.PASSWORD_RESET_TIMEOUT // 86_400


def _subject(membership: Membership) -> str:
    said = _("You belong to %s in Syncapp now") % membership.company
    return " ".join(said.split())


def _text(membership: Membership, link: str) -> str:
    lines = [_("Hello %s,") % name(membership.user), "", _subject(membership) + "."]
    if link:
        lines += ["", _("Choose a password here (the link works once, for %d days):") % days()]
    lines += ["", link or settings.SITE_URL, ""]
    return "\n".join(lines)
