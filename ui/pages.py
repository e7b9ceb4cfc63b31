"""Answers a page of ours inside the admin's shell."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def page(
    request: HttpRequest, template: str, *, status: int = 200, **context: object
) -> HttpResponse:
    """`title` is the heading. Never pass `object`, `original`, `opts`, `cl` or `model_admin`:
    unfold would turn the heading into a breadcrumb of the admin."""
    shell = admin.site.each_context(request)
    # unfold compares with the string.
    return render(request, template, {**shell, "is_fullwidth": "1", **context}, status=status)
