"""A Sync Job: one run for one connection."""

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
from connectors.models import Connection
from jobs.models.schedule import Schedule


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

    # {}: everything. Else {"items": [ids]}, {"types": [...]}, {"pull": [[type, external id], ...]},
    # {"connect": {...}}, {"lists": true, "types": [...]} or {"load": true}, then everything.
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
            models.Index(fields=["company", "trigger", "-id"], name="job_by_trigger"),
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
