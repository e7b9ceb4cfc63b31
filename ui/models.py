"""What each person chose for each table, and the views they keep under a name."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.contrib.auth.models import User
from django.db import models
from django.utils.translation import gettext_lazy as _


class TablePreference(models.Model):
    """The columns a person shows in a table, in order, and how it is sorted."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    table = models.CharField(max_length=60)
    columns = models.JSONField(default=list)
    order_by = models.CharField(max_length=60, blank=True)
    rows = models.PositiveSmallIntegerField(default=20)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "table"], name="one_preference_per_table")
        ]

    def __str__(self) -> str:
        return f"{self.table}: {', '.join(self.columns)}"


def view_key() -> str:
    """128 random bits: who has the link was given it."""
    return secrets.token_urlsafe(16)


class SavedView(models.Model):
    """Filters, columns and order of a table under a name. The link with its key shows anybody who
    is logged in the same of *their* company: a view holds wishes and no rows."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    table = models.CharField(max_length=60)
    name = models.CharField(_("name"), max_length=60)
    key = models.CharField(max_length=22, unique=True, default=view_key, editable=False)
    # The filters as they stand in the address, without page and order.
    query = models.CharField(max_length=1000, blank=True)
    columns = models.JSONField(default=list)
    order_by = models.CharField(max_length=60, blank=True)
    rows = models.PositiveSmallIntegerField(default=20)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "table", "name"], name="one_saved_view_per_name"
            )
        ]

    def __str__(self) -> str:
        return self.name
