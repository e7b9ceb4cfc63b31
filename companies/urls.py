"""Addresses of the companies app."""

from __future__ import annotations

from django.urls import path

from companies import audit_views, people_views, views

urlpatterns = [
    path("companies/switch/", views.switch_company, name="switch-company"),
    path("people/", people_views.index, name="people"),
    path("people/<int:pk>/change/", people_views.change, name="people-change"),
    path("people/<int:pk>/remove/", people_views.remove, name="people-remove"),
    path("people/<int:pk>/link/", people_views.link, name="people-link"),
    path(
        "set-password/<str:uidb64>/<str:token>/",
        people_views.SetPassword.as_view(),
        name="set-password",
    ),
    path("audit/", audit_views.index, name="audit"),
]
