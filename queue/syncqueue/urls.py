"""The Sync Queue's addresses."""

from __future__ import annotations

from django.urls import path

from syncqueue import views

urlpatterns = [
    path("queue/", views.sync_queue, name="sync-queue"),
    path("queue/<int:pk>/", views.sync_queue_item, name="sync-queue-item"),
    path("queue/hold/", views.hold, name="sync-queue-hold"),
    path("queue/release/", views.release, name="sync-queue-release"),
    path("queue/skip/", views.skip, name="sync-queue-skip"),
    path("queue/top/", views.move_to_top, name="sync-queue-top"),
]
