"""What a person keeps of a table under a name: saved, found again, renamed, shared by its link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from ui.models import SavedView
from ui.tables import Choice, Table

# What an address says beside the filters of a list; the admin's lists call the page p, and a
# refused filter e.
PLACE = ("sort", "page", "p", "e")
NOT_FILTERS = (*PLACE, "saved", "export")
MOST = 50
LONGEST = 1000


def filters_of(query: str) -> str:
    """The part of an address that a view keeps."""
    kept = QueryDict(query, mutable=True)
    for name in NOT_FILTERS:
        kept.pop(name, None)
    return kept.urlencode()


def own_views(user: User, table: type[Table]) -> list[SavedView]:
    return list(
        SavedView.objects.filter(user=user, table=table.table_name).order_by("name", "pk")[:MOST]
    )


def shared_view(key: str, table: type[Table]) -> SavedView | None:
    """Whoever has the key may look through the view."""
    found = SavedView.objects.filter(key=key, table=table.table_name).select_related("user")
    return found.first() if key else None


def choice_of(view: SavedView, table: type[Table]) -> Choice:
    return Choice.of(table, columns=view.columns, order_by=view.order_by, rows=view.rows)


def address_of(view: SavedView, table: type[Table]) -> str:
    filters = f"{view.query}&" if view.query else ""
    return f"{reverse(table.page_name)}?{filters}saved={view.key}"


def refusal(*, user: User, table: type[Table], name: str, query: str) -> str:
    """Why a view cannot be saved, in a sentence; "": it can."""
    if not name:
        return _("Give the view a name, so that you find it again.")
    if len(filters_of(query)) > LONGEST:
        return _("These filters are too long to be kept. Shorten what you search for.")
    others = SavedView.objects.filter(user=user, table=table.table_name).exclude(name=name)
    if others.count() >= MOST:
        return _("You have %d views of this table. Delete one first.") % MOST
    return ""


def save(*, user: User, table: type[Table], name: str, query: str, choice: Choice) -> SavedView:
    """The view of this name is replaced."""
    view, _is_new = SavedView.objects.update_or_create(
        user=user,
        table=table.table_name,
        name=name,
        defaults={"query": filters_of(query), **columns_of(choice)},
    )
    return view


def keep(*, view: SavedView, query: str, choice: Choice) -> None:
    """Other filters too, under the same name and link."""
    view.query = filters_of(query)
    view.save(update_fields=["query"])
    keep_choice(view=view, choice=choice)


def keep_choice(*, view: SavedView, choice: Choice) -> None:
    """Other columns or another order, under the same name and with the same filters."""
    values = columns_of(choice)
    for name, value in values.items():
        setattr(view, name, value)
    view.save(update_fields=list(values))


def rename(*, view: SavedView, name: str) -> str:
    """A sentence when it cannot be."""
    taken = SavedView.objects.filter(user=view.user, table=view.table, name=name)
    if taken.exclude(pk=view.pk).exists():
        return _("You have a view of this name already. Choose another name.")
    view.name = name
    view.save(update_fields=["name"])
    return ""


def columns_of(choice: Choice) -> Mapping[str, Any]:
    return {
        "columns": list(choice.columns),
        "order_by": choice.order_by,
        "rows": choice.rows,
    }
