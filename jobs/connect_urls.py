"""Addresses of connecting, matching and mapping; all below /connections/."""

from __future__ import annotations

from django.urls import path

from jobs import connect_views
from jobs.views import mapping, matching

urlpatterns = [
    path("connect/<slug:kind>/", connect_views.begin, name="connect"),
    path("callback/<slug:kind>/", connect_views.callback, name="connect-callback"),
    path("matching/", matching.matching_here, name="matching-here"),
    path("load/", matching.initial_load_here, name="initial-load-here"),
    path("mapping/", mapping.mapping_here, name="mapping-here"),
    path("<int:pk>/matching/", matching.matching_page, name="matching"),
    path("<int:pk>/matching/decide/", matching.decide, name="matching-decide"),
    path("<int:pk>/matching/start/", matching.start, name="matching-start"),
    path("<int:pk>/matching/again/", matching.compare_again, name="matching-again"),
    path("<int:pk>/matching/<int:match_pk>/", matching.choose, name="matching-choose"),
    path("<int:pk>/matching/<int:match_pk>/link/", matching.link_to, name="matching-link-to"),
    path("<int:pk>/load/", matching.initial_load, name="initial-load"),
    path("<int:pk>/mapping/", mapping.mapping_page, name="mapping"),
    path("<int:pk>/mapping/save/", mapping.save, name="mapping-save"),
    path("<int:pk>/mapping/items/", mapping.save_items, name="mapping-items"),
    path("<int:pk>/mapping/lists/", mapping.refresh, name="mapping-lists"),
]
