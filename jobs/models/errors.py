"""What went wrong, and what people agreed about it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from connectors.models import Connection
from jobs.models.job import SyncJob
from jobs.models.journal import Attempt
from syncqueue.models import SyncQueueItem


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
    currency = models.CharField(max_length=3, blank=True)
    occurred_at = models.DateTimeField(_("occurred"), db_default=Now())
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    resolved_by_job = models.ForeignKey(
        SyncJob, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # What a person said who marked it as done or skipped its record.
    resolution = models.CharField(_("resolution"), max_length=300, blank=True)

    objects = SyncErrorQuerySet.as_manager()

    class Meta:
        verbose_name = _("Sync error")
        verbose_name_plural = _("Sync errors")
        indexes: ClassVar = [
            # What the table can be sorted by, each led by company. People sort what is open, which
            # is little of all: those indexes are small and cost the resolved ones nothing.
            models.Index(fields=["company", "-id"], name="error_latest"),
            models.Index(fields=["company", "label", "id"], name="error_by_label"),
            models.Index(
                fields=["company", "-id"], condition=Q(resolved_at=None), name="error_open_latest"
            ),
            models.Index(
                fields=["company", "record_type", "id"],
                condition=Q(resolved_at=None),
                name="error_open_by_type",
            ),
            models.Index(
                fields=["company", "reason", "id"],
                condition=Q(resolved_at=None),
                name="error_open_by_reason",
            ),
            models.Index(
                fields=["company", "job", "id"],
                condition=Q(resolved_at=None),
                name="error_open_by_job",
            ),
            # With the key, so that causes are counted in the index alone.
            models.Index(
                fields=["company", "fingerprint", "id"],
                condition=Q(resolved_at=None),
                name="error_open_causes",
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


class ErrorGroup(models.Model):
    """What people agreed about the open errors of one cause: who looks after them."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="error_groups")
    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64)
    assigned_to = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("assigned to"),
    )

    class Meta:
        verbose_name = _("group of errors")
        verbose_name_plural = _("groups of errors")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "fingerprint"], name="one_group_per_cause"
            )
        ]

    def __str__(self) -> str:
        return self.fingerprint


class ErrorComment(models.Model):
    """What somebody wrote about a group, for the next person who looks at it."""

    group = models.ForeignKey(ErrorGroup, models.CASCADE, related_name="comments")
    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    text = models.TextField(_("comment"), max_length=2000)
    created_at = models.DateTimeField(_("written"), db_default=Now())

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        indexes: ClassVar = [models.Index(fields=["group", "id"], name="comment_of_group")]

    def __str__(self) -> str:
        return self.text[:80]
