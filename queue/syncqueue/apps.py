"""The app's name for Django: the package is `syncqueue`, the label and the tables are `queue`."""

from __future__ import annotations

from django.apps import AppConfig


class SyncqueueConfig(AppConfig):
    name = "syncqueue"
    label = "queue"
    verbose_name = "Sync Queue"
