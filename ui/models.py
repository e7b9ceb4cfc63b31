"""What each person chose for each table."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import User
from django.db import models


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
