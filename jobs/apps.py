"""The app's name for Django."""

from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "Sync Jobs"

    def ready(self) -> None:
        # Models are ready only now.
        from jobs import differences
        from jobs.record_panel import accounting, sent_before
        from records.panels import add_panel
        from syncqueue import hooks

        add_panel(accounting)
        hooks.add_explainer(differences.of_items)
        hooks.add_panel(sent_before)
