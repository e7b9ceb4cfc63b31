"""Counts and pages that stay quick when a table is long."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.paginator import Paginator
from django.db.models import BigIntegerField, Func, IntegerField, QuerySet
from django.db.models.functions import Cast, Coalesce

# Beyond this many rows nobody counts to the end.
LIMIT = 100_000
# Of a tab that is not shown, less is told.
TAB_LIMIT = 10_000
KEYS: ArrayField[Any, Any] = ArrayField(BigIntegerField())


def bounded_counts(
    user: User, rows: Mapping[str, QuerySet[Any]], limit: int = LIMIT
) -> dict[str, int]:
    """How many rows each query has, at most `limit` + 1, all asked in one query.

    PostgreSQL counts the elements of an array of that length; the person who asks is the one row
    that the question hangs on.
    """
    counts = {name: _count(query, limit) for name, query in rows.items()}
    row: Any = User.objects.filter(pk=user.pk).values(**counts).get()
    return dict(row)


def _count(query: QuerySet[Any], limit: int) -> Coalesce:
    keys = ArraySubquery(query.order_by().values("pk")[: limit + 1])
    # A query that cannot have rows, such as none(), is a NULL here: of unknown type but for the
    # cast.
    counted = Func(Cast(keys, KEYS), function="CARDINALITY", output_field=IntegerField())
    return Coalesce(counted, 0)


if TYPE_CHECKING:
    _Paginator = Paginator[Any]
else:
    _Paginator = Paginator


class BoundedPaginator(_Paginator):
    """Pages through at most `LIMIT` rows. A sharper filter finds the others."""

    @cached_property
    def _found(self) -> int:
        """One row more than the limit tells that there are more."""
        rows: Any = self.object_list
        while not isinstance(rows, QuerySet) and hasattr(rows, "data"):
            rows = rows.data  # A table wraps its query twice.
        if isinstance(rows, QuerySet):
            return rows.order_by()[: LIMIT + 1].count()
        return len(rows)

    @cached_property
    def count(self) -> int:
        return min(self._found, LIMIT)

    @property
    def has_more(self) -> bool:
        return self._found > LIMIT
