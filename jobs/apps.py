"""The app's name for Django."""

from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "Sync Jobs"

    def ready(self) -> None:
        from jobs.record_panel import accounting  # models are ready only now
        from records.panels import add_panel

        add_panel(accounting)
