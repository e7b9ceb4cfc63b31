"""Where tables are set up."""

from __future__ import annotations

from django.urls import path

from ui import views

urlpatterns = [
    path("tables/<slug:name>/settings/", views.table_settings, name="table-settings"),
]
