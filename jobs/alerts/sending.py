"""Sends messages until they have arrived: claimed by one UPDATE, sent outside any transaction, and
marked afterwards. A process that dies in between sends it once more, with the same key."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import ipaddress
import logging
import smtplib
import socket
import time
from urllib.parse import urlsplit

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.translation import gettext as _

from connectors import http, secrets
from connectors.interface import Request
from jobs.alerts.telling import channels, heard
from jobs.models import Alert, AlertMessage, Channel

log = logging.getLogger(__name__)
SECONDS = 10.0
# Before each further attempt; when that fails too, it is given up.
MINUTES = (1, 5, 15, 60, 180, 360)
MOST_AT_ONCE = 100


def deliver(*, now: datetime.datetime) -> int:
    """Send what is due. Returns how many messages have arrived."""
    due = AlertMessage.objects.filter(sent_at=None, given_up_at=None, next_attempt_at__lte=now)
    ids = list(due.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
    return sum(_deliver(pk, now) for pk in ids)


def send(message: AlertMessage) -> str:
    """One attempt; "" when it has arrived, else why not."""
    if message.channel == Channel.EMAIL:
        return _send_email(message)
    return _send_webhook(message)


def signature(*, secret: str, at: int, body: bytes) -> str:
    """The header: the time it was sent at, and the HMAC-SHA256 of that time, a dot and the body."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def webhook_secret(alert: Alert) -> str:
    return str(secrets.unseal(alert.sealed_webhook_secret).get("secret", ""))


def refused_address(url: str) -> str:
    """Why we do not call it, or "". Addresses inside the own network are what many want; those of
    the link itself are where clouds keep the keys of a machine."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return _("The address must begin with https:// or http://.")
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError, ValueError):
        return _("The server's name could not be found.")
    for entry in found:
        address = ipaddress.ip_address(str(entry[4][0]).partition("%")[0])
        if address.is_link_local or address.is_multicast or address.is_unspecified:
            return _("Syncapp does not call this address.")
    return ""


def _deliver(pk: int, now: datetime.datetime) -> bool:
    message = _claimed(pk, now)
    if message is None:
        return False
    if not _may_hear(message):
        columns = {"given_up_at": now, "failure": _("This person may no longer see the company.")}
        AlertMessage.objects.filter(pk=pk).update(**columns)
        return False
    failure = _attempted(message)
    if not failure:
        AlertMessage.objects.filter(pk=pk).update(sent_at=now, failure="")
        return True
    is_last = message.attempts > len(MINUTES)
    AlertMessage.objects.filter(pk=pk).update(
        failure=failure[:300], given_up_at=now if is_last else None
    )
    return False


def _attempted(message: AlertMessage) -> str:
    """One that cannot be sent at all is given up in the end, like one that nobody takes."""
    try:
        return send(message)
    except Exception as error:  # The edge of one message, which keeps what was caught.
        log.exception("Message %s of an alert could not be sent.", message.pk)
        return _("It could not be sent: %s") % error


@transaction.atomic
def _claimed(pk: int, now: datetime.datetime) -> AlertMessage | None:
    """The message, put off until its next attempt; None if somebody else has it."""
    rows = AlertMessage.objects.select_for_update(skip_locked=True, of=("self",))
    rows = rows.select_related("alert__user", "alert__company")
    message = rows.filter(pk=pk, sent_at=None, given_up_at=None, next_attempt_at__lte=now).first()
    if message is None:
        return None
    wait = MINUTES[min(message.attempts, len(MINUTES) - 1)]
    message.attempts += 1
    message.next_attempt_at = now + datetime.timedelta(minutes=wait)
    message.save(update_fields=["attempts", "next_attempt_at"])
    return message


def _may_hear(message: AlertMessage) -> bool:
    is_heard = heard().filter(pk=message.alert_id).exists()
    return is_heard and message.channel in channels(message.alert)


def _send_email(message: AlertMessage) -> str:
    mail = EmailMessage(
        message.subject,
        message.content,
        to=[message.alert.user.email],
        # Programs that know the id show a message that came twice once.
        headers={
            "Message-ID": f"<{message.key}@syncapp>",
            "Syncapp-Message": message.key,
            "Auto-Submitted": "auto-generated",
        },
    )
    try:
        mail.send()
    except (OSError, smtplib.SMTPException) as error:
        return _("The mail server did not take it: %s") % error
    return ""


def _send_webhook(message: AlertMessage) -> str:
    alert, body = message.alert, message.content.encode()
    refusal = refused_address(alert.webhook_url)
    if refusal:
        return refusal
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Syncapp",
        "Syncapp-Message": message.key,
        "Syncapp-Signature": signature(
            secret=webhook_secret(alert), at=int(time.time()), body=body
        ),
    }
    request = Request("POST", alert.webhook_url, headers=headers, body=body)
    try:
        response = http.send(request, authorization={}, timeout=SECONDS)
    except http.NoResponse as failure:
        return failure.why
    if 200 <= response.status < 300:
        return ""
    return _("The receiver answered %d.") % response.status
