"""Addresses of connecting."""

from __future__ import annotations

from django.urls import path

from jobs import connect_views

urlpatterns = [
    path("connect/<slug:kind>/", connect_views.begin, name="connect"),
    path("callback/<slug:kind>/", connect_views.callback, name="connect-callback"),
]
