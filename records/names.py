"""Finds records by name as people mean it: capitals and spaces do not count.

How a database folds letters depends on its locale, so the folded name is a column that we fill: the
triggers empty it when a name changes, and who looks for names fills what is empty. Nobody else has
to think of it, and a search costs the same among a thousand records and among a million.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db import connection as database
from django.db.models import Q

from records.models import Named

# Longer names are folded in part, and compared as a whole when they are found.
LENGTH = 200
AT_ONCE = 20_000


def folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def folded_start(name: str) -> str:
    """What the column `folded_name` holds of a name."""
    return folded(name)[:LENGTH]


def ids_by_name(
    *, model: type[Named], company_id: int, names: Collection[str]
) -> dict[str, list[int]]:
    """Ids of the company's records that are not deleted, by folded name. In a transaction."""
    _fold(model, company_id)
    wanted = {folded(name) for name in names}
    keys = {folded_start(name) for name in names}
    # What is locked by somebody, or was too much at once, is not folded yet.
    known = Q(folded_name__in=keys) | Q(folded_name=None)
    rows = model._default_manager.filter(known, company_id=company_id, deleted_at=None)
    found: dict[str, list[int]] = defaultdict(list)
    for pk, name in rows.order_by("pk").values_list("pk", model.label_field):
        if (key := folded(name)) in wanted:
            found[key].append(pk)
    return found


def _fold(model: type[Named], company_id: int) -> None:
    """Passes over what somebody is editing: nobody waits for the other."""
    empty = model._default_manager.filter(company_id=company_id, folded_name=None)
    rows: list[Any] = list(
        empty.order_by("pk")
        .select_for_update(skip_locked=True, no_key=True)
        .values_list("pk", model.label_field)[:AT_ONCE]
    )
    if not rows:
        return
    with database.cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} AS r SET folded_name = d.name"
            " FROM unnest(%s::bigint[], %s::text[]) AS d(id, name) WHERE r.id = d.id",
            [[pk for pk, _name in rows], [folded_start(name) for _pk, name in rows]],
        )
