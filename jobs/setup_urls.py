"""The addresses of connections, their schedules, and alerts."""

from __future__ import annotations

from django.urls import path

from jobs.views import alerts, connections, schedules

urlpatterns = [
    path("connections/", connections.index, name="connections"),
    path("connections/log-in/<slug:kind>/", connections.log_in, name="connection-log-in"),
    path("connections/<int:pk>/check/", connections.check, name="connection-check"),
    path("connections/<int:pk>/pause/", connections.pause, name="connection-pause"),
    path("connections/<int:pk>/resume/", connections.resume, name="connection-resume"),
    path("connections/<int:pk>/disconnect/", connections.disconnect, name="connection-disconnect"),
    path("connections/<int:pk>/schedule/", schedules.schedule, name="connection-schedule"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/test/", alerts.test, name="alerts-test"),
    path("alerts/secret/", alerts.renew_secret, name="alerts-secret"),
]
