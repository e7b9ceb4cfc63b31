"""Who is told about problems, how, and what they have been told."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from connectors.models import Connection


class Alert(models.Model):
    """How one person is told about the problems of one company."""

    user = models.ForeignKey(User, models.CASCADE, related_name="alerts")
    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    by_email = models.BooleanField(_("send me an e-mail"), default=False)
    # A signed POST; empty: none. The secret is encrypted like a connection's credentials.
    webhook_url = models.URLField(_("send a webhook to"), max_length=500, blank=True)
    sealed_webhook_secret = models.TextField(blank=True, editable=False)
    about_errors = models.BooleanField(_("when records need a person"), default=True)
    about_connection = models.BooleanField(
        _("when the accounting system cannot be reached"), default=True
    )
    # Null: not told about silence.
    hours_without_success = models.PositiveSmallIntegerField(
        _("when no Sync Job has succeeded for … hours"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "company"], name="one_alert_per_person_and_company"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.company}"


class AlertNotice(models.Model):
    """One problem somebody is told about: once when it began, once when it is over."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="notices")
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+")
    # "error:" and the fingerprint of the cause, "reconnect", "outage", "silence".
    problem = models.CharField(max_length=80)
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    noticed_at = models.DateTimeField(db_default=Now())
    over_at = models.DateTimeField(null=True, blank=True)
    # Since when a message tells it; null: not yet.
    told_at = models.DateTimeField(null=True, blank=True)
    told_over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["alert", "connection", "problem"],
                condition=Q(over_at=None),
                name="one_notice_per_problem",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["alert"],
                condition=Q(told_at=None) | Q(told_over_at=None),
                name="notice_not_done",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    WEBHOOK = "webhook", _("Webhook")


def message_key() -> str:
    return secrets.token_hex(16)


class AlertMessage(models.Model):
    """What is sent through one channel: written down first, then sent until it has arrived. The
    key stays the same, so that a receiver knows a message that it gets twice."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="messages")
    key = models.CharField(max_length=32, unique=True, default=message_key, editable=False)
    channel = models.CharField(max_length=10, choices=Channel)
    subject = models.CharField(max_length=300)
    # The text of an e-mail; the exact body of a webhook.
    content = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_default=Now())
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(sent_at=None, given_up_at=None),
                name="message_to_send",
            ),
            models.Index(fields=["alert", "-id"], name="message_latest"),
        ]

    def __str__(self) -> str:
        return self.subject
