"""Addresses of the companies app."""

from __future__ import annotations

from django.urls import path

from companies import views

urlpatterns = [path("companies/switch/", views.switch_company, name="switch-company")]
