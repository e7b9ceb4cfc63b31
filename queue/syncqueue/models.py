"""The Sync Queue's one table: which records wait to be exported, and why."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import User
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from connectors.models import Connection


class State(models.TextChoices):
    """Where an item stands. The last four are final."""

    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Sending")
    UNKNOWN = "unknown", _("Answer unknown")
    BLOCKED = "blocked", _("Blocked")
    FAILED = "failed", _("Failed")
    CONFLICT = "conflict", _("Conflict")
    SYNCED = "synced", _("Synchronized")
    UNCHANGED = "unchanged", _("Unchanged")
    SKIPPED = "skipped", _("Skipped")
    SUPERSEDED = "superseded", _("Superseded")


FINAL_STATES = (State.SYNCED, State.UNCHANGED, State.SKIPPED, State.SUPERSEDED)
OPEN_STATES = tuple(state for state in State if state not in FINAL_STATES)
UNSETTLED_STATES = (State.SENDING, State.UNKNOWN)


class Operation(models.TextChoices):
    """What happened to the record. A label: what is sent is decided when it is sent."""

    CREATE = "create", _("Create")
    UPDATE = "update", _("Update")
    VOID = "void", _("Void")
    DELETE = "delete", _("Delete")


class SyncQueueQuerySet(models.QuerySet["SyncQueueItem"]):
    def open(self) -> SyncQueueQuerySet:
        return self.filter(finished_at=None)

    def waiting(self) -> SyncQueueQuerySet:
        return self.filter(finished_at=None, state=State.WAITING)

    def held(self) -> SyncQueueQuerySet:
        return self.filter(finished_at=None, held_at__isnull=False)

    def due(self) -> SyncQueueQuerySet:
        """What a job may send now, by the database's clock."""
        return self.waiting().filter(held_at=None, next_attempt_at__lte=Now())

    def unsettled(self) -> SyncQueueQuerySet:
        """Sent, and nobody knows yet whether it arrived."""
        return self.filter(finished_at=None, state__in=UNSETTLED_STATES)


class SyncQueueItem(models.Model):
    """A record that waits to be exported. Edits coalesce into its item and raise `generation`."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="queue_items")
    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    record_type = models.CharField(_("type"), max_length=20)
    record_id = models.BigIntegerField()
    label = models.CharField(_("record"), max_length=500)
    amount = models.DecimalField(
        _("amount"), max_digits=19, decimal_places=4, null=True, blank=True
    )

    first_operation = models.CharField(max_length=10, choices=Operation)
    operation = models.CharField(_("operation"), max_length=10, choices=Operation)
    changed_fields = ArrayField(models.CharField(max_length=60), default=list)
    generation = models.PositiveIntegerField(default=1)
    sent_generation = models.PositiveIntegerField(null=True, blank=True)
    rank = models.PositiveSmallIntegerField()
    # Within its rank the highest goes first: "Move to top" raises it above all others.
    priority = models.PositiveIntegerField(db_default=0)

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), db_default=Now())
    # What must be exported first; empty unless blocked. `blocked_by_id` is a record id.
    blocked_by_type = models.CharField(max_length=20, blank=True)
    blocked_by_id = models.BigIntegerField(null=True, blank=True)
    # What the item waits for when no record can be named: "mapping:income_account".
    blocked_by_need = models.CharField(max_length=100, blank=True)
    reason = models.CharField(_("last refusal"), max_length=20, blank=True)
    refusal = models.TextField(blank=True)

    first_changed_at = models.DateTimeField(_("waiting since"), db_default=Now())
    changed_at = models.DateTimeField(_("changed"), db_default=Now())
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    # How the change came: "web", "import", "api", "job", "database", ...
    origin = models.CharField(max_length=20, default="database")

    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    hold_reason = models.CharField(max_length=300, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = SyncQueueQuerySet.as_manager()

    class Meta:
        verbose_name = _("Sync Queue item")
        verbose_name_plural = _("Sync Queue items")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "record_type", "record_id"],
                condition=Q(finished_at=None),
                name="one_open_item_per_record_and_connection",
            ),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="queue_item_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None, state__in=OPEN_STATES)
                | Q(finished_at__isnull=False, state__in=FINAL_STATES),
                name="queue_item_is_finished_in_a_final_state",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["connection", "rank", "-priority", "id"],
                condition=Q(finished_at=None, state=State.WAITING),
                name="queue_claim",
            ),
            models.Index(
                fields=["connection", "state"], condition=Q(finished_at=None), name="queue_open"
            ),
            models.Index(
                fields=["connection", "blocked_by_type", "blocked_by_id"],
                condition=Q(finished_at=None, state=State.BLOCKED),
                name="queue_blocked",
            ),
            models.Index(
                fields=["company", "-id"], condition=Q(finished_at=None), name="queue_latest"
            ),
            # The tabs count what is rare without looking through all that waits.
            models.Index(
                fields=["company", "state"],
                condition=Q(
                    finished_at=None, state__in=[State.BLOCKED, State.CONFLICT, State.FAILED]
                ),
                name="queue_needing",
            ),
            models.Index(
                fields=["company"],
                condition=Q(finished_at=None, held_at__isnull=False),
                name="queue_held",
            ),
            models.Index(
                fields=["company", "-id"],
                condition=Q(finished_at__isnull=False),
                name="queue_done_latest",
            ),
            models.Index(
                F("finished_at"), condition=Q(finished_at__isnull=False), name="queue_done"
            ),
            models.Index(fields=["record_type", "record_id"], name="queue_record"),
        ]

    def __str__(self) -> str:
        return f"{self.record_type} {self.label}"

    @property
    def is_held(self) -> bool:
        return self.held_at is not None
