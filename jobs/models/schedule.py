"""When the jobs of a connection are created by themselves."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from connectors.models import Connection


class Schedule(models.Model):
    """When jobs of a connection are created by themselves: an interval, or a time of day."""

    connection = models.OneToOneField(Connection, models.CASCADE, related_name="schedule")
    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    is_enabled = models.BooleanField(_("enabled"), default=False)
    interval_minutes = models.PositiveIntegerField(_("every … minutes"), null=True, blank=True)
    time_of_day = models.TimeField(_("daily at"), null=True, blank=True)
    # Days on which it may start, Monday 0; empty: every day.
    weekdays = models.JSONField(_("on these days"), default=list, blank=True)
    # No job starts between these two, in its time zone; may run past midnight.
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
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
            ),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_both_ends",
            ),
            models.CheckConstraint(
                condition=Q(weekdays__contained_by=list(range(7))),
                name="weekdays_are_numbers_from_0_to_6",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(is_enabled=True), name="schedule_due")
        ]

    def __str__(self) -> str:
        if self.interval_minutes:
            return str(_("Every %d minutes") % self.interval_minutes)
        return str(_("Daily at %s (%s)") % (self.time_of_day, self.time_zone))
