"""A company's books in one accounting system, and what we know of the objects in them."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from connectors import secrets
from connectors.documents import RecordType

RECORD_TYPE_CHOICES = [(kind.value, kind.value) for kind in RecordType]


class ConnectionState(models.TextChoices):
    MATCHING = "matching", _("Matching")
    READY = "ready", _("Connected")
    RECONNECT = "reconnect", _("Reconnection needed")
    CLOSED = "closed", _("Closed")


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def open(self) -> ConnectionQuerySet:
        return self.exclude(state=ConnectionState.CLOSED)


class Connection(models.Model):
    """One accounting company. At most one open connection per company of ours."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="connections")
    kind = models.CharField(_("system"), max_length=30)
    # Their id of the accounting company (QuickBooks: realm id), and its name.
    account_id = models.CharField(_("company id there"), max_length=100)
    name = models.CharField(_("company there"), max_length=200, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=ConnectionState, default=ConnectionState.MATCHING
    )

    paused_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=300, blank=True)
    # After an outage: nothing is sent before this, and why.
    retry_at = models.DateTimeField(null=True, blank=True)
    retry_reason = models.CharField(max_length=300, blank=True)
    outages_in_a_row = models.PositiveIntegerField(default=0)

    # Encrypted; `credentials` reads and `set_credentials` writes them.
    sealed_credentials = models.TextField(blank=True, editable=False)
    # Preferences of the accounting company, for the connector's constructor.
    preferences = models.JSONField(default=dict, blank=True)
    # role -> record id of ours: income_account, expense_account, asset_account, deposit_account,
    # taxable_code, untaxed_code.
    defaults = models.JSONField(default=dict, blank=True)
    # What people chose: values_inventory, not_before (ISO date), initial_load, merge policies,
    # counterparts ("payment_term:12" -> id of the record of ours that has one there).
    settings = models.JSONField(default=dict, blank=True)
    cautions = models.JSONField(default=list, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField(_("connected"), auto_now_add=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["company"],
                condition=~Q(state=ConnectionState.CLOSED),
                name="one_open_connection_per_company",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ConnectionState.values), name="connection_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.kind

    @property
    def is_open(self) -> bool:
        return self.state != ConnectionState.CLOSED

    @property
    def not_before(self) -> datetime.date | None:
        """Documents of an earlier date are not synchronized, unless they are linked already."""
        chosen = self.settings.get("not_before")
        return datetime.date.fromisoformat(chosen) if chosen else None

    @property
    def credentials(self) -> dict[str, Any]:
        return secrets.unseal(self.sealed_credentials)

    def set_credentials(self, credentials: dict[str, Any]) -> None:
        """Only assigns; the caller saves `sealed_credentials`."""
        self.sealed_credentials = secrets.seal(credentials)


class Link(models.Model):
    """Our record = their object, with what both sides last agreed on."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="links")
    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    record_type = models.CharField(max_length=20, choices=RECORD_TYPE_CHOICES)
    record_id = models.BigIntegerField()
    external_id = models.CharField(max_length=100)
    version = models.CharField(max_length=100, blank=True)
    # The neutral document as JSON: what we had, and what they answered. {}: not agreed yet.
    ours = models.JSONField(default=dict)
    theirs = models.JSONField(default=dict)
    is_finished = models.BooleanField(default=True)
    # Fields that both sides changed to different values, until a person decides:
    # {field: {"agreed": ..., "ours": ..., "theirs": ...}}.
    conflicts = models.JSONField(default=dict, blank=True)
    # Deleted or voided there.
    gone_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "record_type", "record_id"], name="one_link_per_record"
            ),
            models.UniqueConstraint(
                fields=["connection", "record_type", "external_id"], name="one_link_per_object"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["record_type", "record_id"], name="link_record")]

    def __str__(self) -> str:
        return f"{self.record_type} {self.record_id} = {self.external_id}"


class Cursor(models.Model):
    """How far a record type has been imported: the connector's own words."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="cursors")
    record_type = models.CharField(max_length=20, choices=RECORD_TYPE_CHOICES)
    position = models.JSONField(default=dict)
    moved_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("cursor")
        verbose_name_plural = _("cursors")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "record_type"], name="one_cursor_per_type"
            )
        ]

    def __str__(self) -> str:
        return f"{self.record_type}: {self.position}"


class Decision(models.TextChoices):
    PENDING = "pending", _("To be decided")
    LINK = "link", _("Link")
    CREATE = "create", _("Create")
    SKIP = "skip", _("Skip")


class MatchQuerySet(models.QuerySet["Match"]):
    def pairs(self) -> MatchQuerySet:
        """A record of ours beside an object of theirs."""
        return self.filter(record_id__isnull=False).exclude(external_id="")

    def alone(self) -> MatchQuerySet:
        """Only on one side."""
        return self.filter(Q(record_id=None) | Q(external_id=""))

    def undecided(self) -> MatchQuerySet:
        return self.filter(decision=Decision.PENDING)

    def decided(self) -> MatchQuerySet:
        return self.exclude(decision=Decision.PENDING)

    def unconfirmed(self) -> MatchQuerySet:
        """Nothing was done about it yet."""
        return self.filter(confirmed_at=None)


class Match(models.Model):
    """A record of ours and an object of theirs that may be the same; or one of them alone.

    An object has one row. A record that has none to go with has a row without `external_id`.
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="matches")
    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    record_type = models.CharField(max_length=20, choices=RECORD_TYPE_CHOICES)
    record_id = models.BigIntegerField(null=True, blank=True)
    record_label = models.CharField(max_length=500, blank=True)
    external_id = models.CharField(max_length=100, blank=True)
    external_label = models.CharField(max_length=500, blank=True)
    version = models.CharField(max_length=100, blank=True)
    theirs = models.JSONField(default=dict)
    # Exact matches may be accepted in bulk; the rest need a look.
    is_exact = models.BooleanField(default=False)
    why = models.CharField(max_length=200, blank=True)
    # What there has our record's name already, so that it could not be created there.
    clash = models.CharField(max_length=300, blank=True)
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.PENDING)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    # When the decision was carried out; before that it can be taken back.
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "record_type", "external_id"],
                condition=~Q(external_id=""),
                name="one_match_per_object",
            ),
            models.UniqueConstraint(
                fields=["connection", "record_type", "record_id"],
                condition=Q(external_id=""),
                name="one_match_per_record_without_object",
            ),
            models.UniqueConstraint(
                fields=["connection", "record_type", "record_id"],
                condition=Q(decision=Decision.LINK, confirmed_at=None),
                name="one_new_link_per_record",
            ),
            models.CheckConstraint(
                condition=Q(record_id__isnull=False) | ~Q(external_id=""),
                name="match_has_a_side",
            ),
            models.CheckConstraint(
                condition=~Q(decision=Decision.LINK)
                | (Q(record_id__isnull=False) & ~Q(external_id="")),
                name="match_links_two_sides",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["connection", "decision", "id"], name="match_by_decision"),
            models.Index(fields=["connection", "record_type", "record_id"], name="match_of_record"),
        ]

    def __str__(self) -> str:
        return f"{self.record_label or '–'} = {self.external_label or '–'}"
