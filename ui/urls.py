"""Where tables are set up, and views of them are kept."""

from __future__ import annotations

from django.urls import path

from ui import views

urlpatterns = [
    path("tables/<slug:name>/settings/", views.table_settings, name="table-settings"),
    path("tables/<slug:name>/views/", views.saved_view_new, name="saved-view-new"),
    path("tables/views/<int:pk>/", views.saved_view_change, name="saved-view-change"),
    path("views/<slug:key>/", views.saved_view, name="saved-view"),
]
