"""One request for a table: its rows filtered, sorted and paged, in the columns the person chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core.paginator import EmptyPage
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django_filters import FilterSet

from ui import saved_views
from ui.addresses import without
from ui.downloads import csv_response
from ui.pages import page
from ui.paging import TAB_LIMIT, BoundedPaginator, bounded_counts
from ui.tables import Choice, Table, settings_context


@dataclass(frozen=True, slots=True)
class View:
    """A tab over a table: some of its rows, under a name. The first one has the key ""."""

    key: str
    label: Any
    condition: Q


@dataclass(frozen=True, slots=True)
class Tab:
    """A view as it is drawn."""

    key: str
    label: Any
    count: str
    is_current: bool


def chosen_view(request: HttpRequest, views: Sequence[View], shown: str | None = None) -> View:
    """The view that ?view= names, or `shown` where the address is another page's."""
    wanted = request.GET.get("view", "") if shown is None else shown
    return next((view for view in views if view.key == wanted), views[0])


def tabs(
    request: HttpRequest,
    views: Sequence[View],
    rows: Mapping[str, QuerySet[Any]],
    shown: str | None = None,
) -> list[Tab]:
    """The views with their counts, all counted in one query."""
    counted = {f"n_{view.key}": rows[view.key] for view in views}
    counts = bounded_counts(signed_in(request), counted, limit=TAB_LIMIT)
    current = chosen_view(request, views, shown)
    return [
        Tab(view.key, view.label, _short(counts[f"n_{view.key}"]), view is current)
        for view in views
    ]


def signed_in(request: HttpRequest) -> User:
    """The person who asks; LoginRequiredMiddleware has turned all others away."""
    if not isinstance(request.user, User):
        raise TypeError("This page needs a log-in.")
    return request.user


class Chosen:
    """What a person sees of a table: what they chose, or the saved view that the address names."""

    def __init__(self, request: HttpRequest, table: type[Table]) -> None:
        self.request = request
        self.table = table
        self.saved = saved_views.shared_view(request.GET.get("saved", ""), table)
        self.choice = (
            saved_views.choice_of(self.saved, table)
            if self.saved
            else Choice.saved(signed_in(request), table)
        )

    def ordered(self) -> Choice:
        """In the order of the heading that was clicked; else of what was saved."""
        return Choice.of(
            self.table,
            columns=self.choice.columns,
            order_by=self.request.GET.get("sort", "") or self.choice.order_by,
            rows=self.choice.rows,
        )

    def tools(self) -> dict[str, Any]:
        """What ui/tools.html and ui/tools_dialog.html draw. The way back is this list, without
        what the saved choice is about to say anew."""
        back = without(self.request.get_full_path(), *saved_views.PLACE)
        return {
            "settings": settings_context(self.table, self.choice, back),
            "views": self._views(),
        }

    def _views(self) -> dict[str, Any]:
        """The person's saved views of this table, and the one that is shown."""
        user, shown = signed_in(self.request), self.saved
        own = saved_views.own_views(user, self.table)
        link = reverse("saved-view", args=[shown.key]) if shown else ""
        return {
            "own": [(view, saved_views.address_of(view, self.table)) for view in own],
            "shown": shown,
            "is_own": shown is not None and shown.user_id == user.pk,
            "link": self.request.build_absolute_uri(link) if link else "",
            "back": self.request.get_full_path(),
        }


class Listing:
    """The table of a page for one request."""

    def __init__(
        self,
        request: HttpRequest,
        table: type[Table],
        rows: QuerySet[Any],
        *,
        filters: type[FilterSet] | None = None,
        without: Sequence[str] = (),
    ) -> None:
        self.request = request
        self.chosen = Chosen(request, table)
        self.choice = self.chosen.choice
        self.filters = filters(request.GET, queryset=rows, request=request) if filters else None
        self.rows = self.filters.qs if self.filters else rows
        self.table = table.showing(self.rows, self.chosen.ordered(), without=without)
        self.table.request = request

    def _turn_to_page(self) -> None:
        wanted = self.request.GET.get("page", "1")
        number = int(wanted) if wanted.isdecimal() else 1
        options = {"paginator_class": BoundedPaginator, "per_page": self.choice.rows}
        try:
            self.table.paginate(page=max(number, 1), **options)
        except EmptyPage:
            self.table.page = self.table.paginator.page(self.table.paginator.num_pages)
        # The slice of the query keeps what is read here, and draws the same rows.
        self.table.look_up(list(self.table.page.object_list.data))

    def answer(
        self, template: str, *, part: str = "ui/results.html", **context: Any
    ) -> HttpResponseBase:
        """The page; only its `part` for htmx, except when a page of the history is restored; the
        file for ?export=csv."""
        if self.request.GET.get("export") == "csv":
            return csv_response(self.table)
        self._turn_to_page()
        context |= {
            "table": self.table,
            "filters": self.filters,
            "is_filtered": self.is_filtered,
            "part": part,
            **self.chosen.tools(),
        }
        return answer_part_or_page(self.request, template, part, context)

    @property
    def is_filtered(self) -> bool:
        names = self.filters.form.fields if self.filters else ()
        return any(self.request.GET.get(name) for name in names)


def answer_part_or_page(
    request: HttpRequest, template: str, part: str, context: dict[str, Any]
) -> HttpResponseBase:
    htmx: Any = getattr(request, "htmx", None)
    response: HttpResponseBase
    if htmx and not htmx.history_restore_request:
        response = render(request, part, context)
    else:
        response = page(request, template, **context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _short(count: int) -> str:
    return f"{TAB_LIMIT:,}+" if count > TAB_LIMIT else f"{count:,}"
