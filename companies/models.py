"""Organizations, the people who may see them, and what those people did."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.contrib.auth.models import User
from django.db import models
from django.utils.translation import gettext_lazy as _


def company_key() -> str:
    """Eight random lower-case base-32 characters: names the company in the books of others."""
    return "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(8))


class Company(models.Model):
    """An organization whose records we hold; a wall between users."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    key = models.CharField(max_length=8, unique=True, default=company_key, editable=False)
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    currency = models.CharField(_("home currency"), max_length=3, default="USD")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do; each role may do what those before it may."""

    VIEWER = "viewer", _("Viewer")
    OPERATOR = "operator", _("Operator: run, retry, hold, skip")
    ACCOUNTANT = "accountant", _("Accountant: mapping, conflicts, undo, mark as done")
    ADMINISTRATOR = "administrator", _("Administrator: connections, users")

    def covers(self, other: Role) -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)


class Membership(models.Model):
    """A person in a company, in one role."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    company = models.ForeignKey(Company, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.VIEWER)
    may_see_bodies = models.BooleanField(_("may see what was sent and received"), default=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "company"], name="one_membership_per_company"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.company}"


class AuditEntry(models.Model):
    """One thing a person did."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes: ClassVar = [
            models.Index(fields=["company", "-id"], name="audit_latest"),
            models.Index(fields=["company", "user", "-id"], name="audit_of_person"),
            models.Index(fields=["company", "action", "-id"], name="audit_of_action"),
            models.Index(fields=["company", "at"], name="audit_of_day"),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.target}"
