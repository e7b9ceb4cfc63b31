"""Every address of the application."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from jobs import webhooks
from syncapp import search

handler403 = "companies.views.refused"
handler404 = "ui.views.not_found"

urlpatterns = [
    # The admin's own index lists tables; ours says how things are.
    path("admin/", RedirectView.as_view(pattern_name="overview"), name="admin-index"),
    path("admin/search/", search.palette),  # Before the admin's own.
    path("admin/", admin.site.urls),
    path("search/", search.search_page, name="search"),
    path("", include("companies.urls")),
    path("", include("ui.urls")),
    path("", include("syncqueue.urls")),
    path("", include("jobs.setup_urls")),
    path("", include("jobs.urls")),
    path("connections/", include("jobs.connect_urls")),
    path("webhooks/<slug:kind>/", webhooks.hear, name="webhook"),
]
