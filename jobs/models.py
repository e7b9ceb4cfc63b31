"""Sync Jobs, what they sent and received, and what went wrong."""

from __future__ import annotations

import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from connectors.models import RECORD_TYPE_CHOICES, Connection
from syncqueue.models import SyncQueueItem


class JobState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    EXPORTING = "exporting", _("Exporting")
    IMPORTING = "importing", _("Importing")
    FINISHED = "finished", _("Finished")


class JobOutcome(models.TextChoices):
    SUCCEEDED = "succeeded", _("Succeeded")
    WITH_ERRORS = "with_errors", _("Finished with errors")
    FAILED = "failed", _("Failed")
    CANCELED = "canceled", _("Canceled")


class Trigger(models.TextChoices):
    MANUAL = "manual", _("By hand")
    SCHEDULE = "schedule", _("Schedule")
    WEBHOOK = "webhook", _("Webhook")
    RETRY = "retry", _("Retry")


class Schedule(models.Model):
    """When jobs of a connection are created by themselves: an interval, or a time of day."""

    connection = models.OneToOneField(Connection, models.CASCADE, related_name="schedule")
    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    is_enabled = models.BooleanField(_("enabled"), default=False)
    interval_minutes = models.PositiveIntegerField(_("every … minutes"), null=True, blank=True)
    time_of_day = models.TimeField(_("daily at"), null=True, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    # Null: worked out at the next tick.
    next_at = models.DateTimeField(_("next job"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(interval_minutes__gte=1, time_of_day=None)
                | Q(interval_minutes=None, time_of_day__isnull=False),
                name="schedule_is_an_interval_or_a_time_of_day",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(is_enabled=True), name="schedule_due")
        ]

    def __str__(self) -> str:
        if self.interval_minutes:
            return str(_("Every %d minutes") % self.interval_minutes)
        return str(_("Daily at %s (%s)") % (self.time_of_day, self.time_zone))


class SyncJobQuerySet(models.QuerySet["SyncJob"]):
    def open(self) -> SyncJobQuerySet:
        return self.filter(completed_at=None)

    def finished(self) -> SyncJobQuerySet:
        return self.filter(completed_at__isnull=False)


class SyncJob(models.Model):
    """One run for one connection: first it exports what waits, then it imports what changed."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="jobs")
    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.WAITING)
    outcome = models.CharField(_("outcome"), max_length=12, choices=JobOutcome, blank=True)
    trigger = models.CharField(_("trigger"), max_length=10, choices=Trigger, default=Trigger.MANUAL)
    created_by = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )
    # The four moments of the original table.
    created_at = models.DateTimeField(_("record info created date/time"), db_default=Now())
    sent_request_at = models.DateTimeField(_("sent request"), null=True, blank=True)
    received_response_at = models.DateTimeField(_("received response"), null=True, blank=True)
    completed_at = models.DateTimeField(_("completed date/time"), null=True, blank=True)

    exported = models.PositiveIntegerField(_("exported"), default=0)
    imported = models.PositiveIntegerField(_("imported"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    skipped = models.PositiveIntegerField(_("skipped"), default=0)
    blocked = models.PositiveIntegerField(_("waiting for another"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    error_count = models.PositiveIntegerField(_("errors"), default=0)
    requests = models.PositiveIntegerField(_("requests"), default=0)

    # What it does now, in words, with how far it is; total 0: nobody knows yet.
    phase = models.CharField(max_length=100, blank=True)
    progress = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    explanation = models.TextField(blank=True)

    # {}: everything. Else {"items": [ids]}, {"types": [...]}, {"pull": [[type, external id], ...]}.
    scope = models.JSONField(default=dict, blank=True)
    run_again = models.BooleanField(default=False)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    schedule = models.ForeignKey(Schedule, models.SET_NULL, null=True, blank=True, related_name="+")
    scheduled_for = models.DateTimeField(null=True, blank=True)

    lease_owner = models.CharField(max_length=100, blank=True)
    lease_generation = models.PositiveIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    takeovers = models.PositiveIntegerField(default=0)
    # What the importer has finished in this job: {"pulled": ["account", ...]}.
    checkpoint = models.JSONField(default=dict, blank=True)

    objects = SyncJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("Sync Job")
        verbose_name_plural = _("Sync Jobs")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=Q(completed_at=None),
                name="one_open_job_per_connection",
            ),
            models.UniqueConstraint(
                fields=["schedule", "scheduled_for"], name="one_job_per_scheduled_time"
            ),
            models.CheckConstraint(
                condition=Q(completed_at=None, outcome="") & ~Q(state=JobState.FINISHED)
                | Q(completed_at__isnull=False, state=JobState.FINISHED) & ~Q(outcome=""),
                name="a_finished_job_has_an_outcome",
            ),
        ]
        # Six sortable columns, each with its index led by company.
        indexes: ClassVar = [
            models.Index(fields=["company", "-id"], name="job_by_id"),
            models.Index(fields=["company", "error_count", "id"], name="job_by_errors"),
            models.Index(fields=["company", "created_at", "id"], name="job_by_created"),
            models.Index(fields=["company", "sent_request_at", "id"], name="job_by_sent"),
            models.Index(fields=["company", "received_response_at", "id"], name="job_by_received"),
            models.Index(fields=["company", "completed_at", "id"], name="job_by_completed"),
            models.Index(fields=["company", "outcome", "-id"], name="job_by_outcome"),
            models.Index(F("lease_expires_at"), condition=Q(completed_at=None), name="job_open"),
        ]

    def __str__(self) -> str:
        return f"Sync Job {self.pk}"

    @property
    def is_finished(self) -> bool:
        return self.completed_at is not None

    @property
    def date(self) -> datetime.date:
        """The day it was created, in the company's time zone."""
        return self.created_at.astimezone(ZoneInfo(self.company.time_zone)).date()

    @property
    def duration(self) -> datetime.timedelta | None:
        return self.completed_at - self.created_at if self.completed_at else None


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


class ErrorPhase(models.TextChoices):
    EXPORT = "export", _("Export")
    IMPORT = "import", _("Import")
    JOB = "job", _("Job")


class SyncErrorQuerySet(models.QuerySet["SyncError"]):
    def unresolved(self) -> SyncErrorQuerySet:
        return self.filter(resolved_at=None)


class SyncError(models.Model):
    """Something that needs a look: what happened, why, and what to do."""

    job = models.ForeignKey(SyncJob, models.CASCADE, related_name="errors")
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+")
    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    item = models.ForeignKey(
        SyncQueueItem, models.SET_NULL, null=True, blank=True, related_name="errors"
    )
    attempt = models.ForeignKey(
        Attempt, models.SET_NULL, null=True, blank=True, related_name="errors"
    )
    phase = models.CharField(_("phase"), max_length=10, choices=ErrorPhase)
    record_type = models.CharField(_("type"), max_length=20, blank=True)
    record_id = models.BigIntegerField(null=True, blank=True)
    external_id = models.CharField(max_length=100, blank=True)
    label = models.CharField(_("record"), max_length=500, blank=True)
    reason = models.CharField(_("reason"), max_length=20)
    code = models.CharField(_("code"), max_length=60, blank=True)
    field = models.CharField(max_length=100, blank=True)
    # For a person: what happened. `detail` is the provider's own text.
    message = models.TextField(_("message"))
    advice = models.TextField(_("what to do"), blank=True)
    detail = models.TextField(blank=True)
    # Equal for errors of one cause.
    fingerprint = models.CharField(max_length=64)
    amount = models.DecimalField(
        _("amount"), max_digits=19, decimal_places=4, null=True, blank=True
    )
    occurred_at = models.DateTimeField(_("occurred"), db_default=Now())
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    resolved_by_job = models.ForeignKey(
        SyncJob, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = SyncErrorQuerySet.as_manager()

    class Meta:
        verbose_name = _("Sync error")
        verbose_name_plural = _("Sync errors")
        indexes: ClassVar = [
            models.Index(fields=["company", "-id"], name="error_latest"),
            models.Index(
                fields=["company", "fingerprint"],
                condition=Q(resolved_at=None),
                name="error_open_by_cause",
            ),
            models.Index(fields=["job", "-id"], name="error_of_job"),
            models.Index(
                fields=["connection", "record_type", "record_id"],
                condition=Q(resolved_at=None),
                name="error_open_of_record",
            ),
        ]

    def __str__(self) -> str:
        return self.message
