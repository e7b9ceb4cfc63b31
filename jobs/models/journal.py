"""The journal: what a job sent and received."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from connectors.models import RECORD_TYPE_CHOICES, Connection
from jobs.models.job import SyncJob
from syncqueue.models import SyncQueueItem


class Exchange(models.Model):
    """One request and its response. Written before it is sent and never changed into another."""

    job = models.ForeignKey(SyncJob, models.CASCADE, related_name="exchanges")
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+")
    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    # True when it covers pushes: then its outcome matters and it has attempts.
    is_write = models.BooleanField(default=False)
    method = models.CharField(max_length=10)
    url = models.TextField()
    summary = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=50, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    # The provider's own number for this request, for its support (QuickBooks: intuit_tid).
    provider_id = models.CharField(max_length=100, blank=True)
    took_ms = models.PositiveIntegerField(null=True, blank=True)
    # Why there is no response.
    failure = models.CharField(max_length=300, blank=True)
    # All its attempts have an outcome and were applied.
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("exchange")
        verbose_name_plural = _("exchanges")
        indexes: ClassVar = [
            models.Index(fields=["job", "id"], name="exchange_of_job"),
            models.Index(
                fields=["connection", "id"],
                condition=Q(is_write=True, settled_at=None),
                name="exchange_unsettled",
            ),
            models.Index(F("created_at"), name="exchange_age"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.url}"


class ExchangeBody(models.Model):
    """The exact bytes, compressed by the database."""

    exchange = models.OneToOneField(Exchange, models.CASCADE, primary_key=True, related_name="body")
    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    request_headers = models.JSONField(default=dict)
    request = models.BinaryField(default=bytes)
    response_headers = models.JSONField(default=dict)
    response = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("exchange body")
        verbose_name_plural = _("exchange bodies")

    def __str__(self) -> str:
        return f"body of exchange {self.pk}"


class Applied(models.Model):
    """What an import took over into one record of ours: the trace of the other direction."""

    job = models.ForeignKey(SyncJob, models.CASCADE, related_name="applied")
    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    record_type = models.CharField(max_length=20, choices=RECORD_TYPE_CHOICES)
    record_id = models.BigIntegerField()
    # Our columns; "lines" and "applications" for what hangs on the record.
    fields = ArrayField(models.CharField(max_length=60), default=list)
    applied_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("imported change")
        verbose_name_plural = _("imported changes")
        indexes: ClassVar = [
            models.Index(fields=["record_type", "record_id", "-id"], name="applied_to_record")
        ]

    def __str__(self) -> str:
        return f"{self.record_type} {self.record_id}: {', '.join(self.fields)}"


class AttemptOutcome(models.TextChoices):
    ACCEPTED = "accepted", _("Accepted")
    PARTLY = "partly", _("Partly")
    REJECTED = "rejected", _("Refused")
    UNKNOWN = "unknown", _("Unknown")
    NOT_SENT = "not_sent", _("Not sent")


class Attempt(models.Model):
    """One queue item inside one exchange."""

    exchange = models.ForeignKey(Exchange, models.CASCADE, related_name="attempts")
    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    # Done items are deleted long before the journal: an applied attempt may outlive its item.
    item = models.ForeignKey(
        SyncQueueItem, models.DO_NOTHING, related_name="sendings", db_constraint=False
    )
    record_type = models.CharField(max_length=20, choices=RECORD_TYPE_CHOICES)
    record_id = models.BigIntegerField()
    # The id it has in the request and the response.
    push_id = models.CharField(max_length=40)
    operation = models.CharField(max_length=10)
    sent_generation = models.PositiveIntegerField()
    # The neutral document as it was sent: becomes the link's `ours`.
    content = models.JSONField(default=dict)
    # Filled from the response in 3a; `applied_at` when 3b has acted on it.
    outcome = models.CharField(max_length=10, choices=AttemptOutcome, blank=True)
    external_id = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=60, blank=True)
    message = models.TextField(blank=True)
    field = models.CharField(max_length=100, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(applied_at=None),
                name="one_unanswered_attempt_per_item",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["exchange", "id"], name="attempt_of_exchange"),
            models.Index(fields=["record_type", "record_id", "-id"], name="attempt_of_record"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.record_type} {self.record_id}"
