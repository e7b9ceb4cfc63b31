"""The filters of our lists: a search field and selects, in the look of ui.css."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _


class SearchInput(forms.TextInput):
    input_type = "search"


def search(placeholder: Any, method: str = "search") -> django_filters.CharFilter:
    """`method` of the FilterSet takes (rows, name, words)."""
    attrs = {"class": "control", "placeholder": placeholder, "autocomplete": "off"}
    return django_filters.CharFilter(
        method=method, label=_("Search"), widget=SearchInput(attrs=attrs)
    )


def select(
    label: Any,
    choices: Sequence[tuple[str, Any]] | Callable[[], Sequence[tuple[str, Any]]],
    *,
    everything: Any,
    **options: Any,
) -> django_filters.ChoiceFilter:
    """One of some choices; `everything` is what it says while nothing is chosen."""
    return django_filters.ChoiceFilter(
        label=label,
        choices=choices,
        empty_label=everything,
        widget=forms.Select(attrs={"class": "control"}),
        **options,
    )
