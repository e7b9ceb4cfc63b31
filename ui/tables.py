"""The table that every list is: columns that each person chooses, sorts and keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

import django_tables2
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ui import marks
from ui.models import TablePreference

ROWS = (10, 20, 50, 100)

REGISTRY: dict[str, type[Table]] = {}


class Table(django_tables2.Table):
    """`table_name` keys what a person chose; `page_name` is the URL name of the page it is on."""

    table_name: ClassVar[str]
    page_name: ClassVar[str]
    default_columns: ClassVar[Sequence[str]]
    default_order: ClassVar[str]
    default_rows: ClassVar[int] = 20
    # Always there, in front, and not in the dialog: the box to choose a row.
    fixed_columns: ClassVar[Sequence[str]] = ()
    # What a column reads from other tables; fetched only while the column is shown.
    related: ClassVar[Mapping[str, Sequence[str]]] = {}

    @classmethod
    def prepared(cls, rows: QuerySet[Any], columns: Sequence[str]) -> QuerySet[Any]:
        """Fetch with each row what these columns show, and nothing else."""
        names = {name for column in columns for name in cls.related.get(column, ())}
        return rows.select_related(*sorted(names)) if names else rows

    @classmethod
    def ordered(cls, rows: QuerySet[Any], order_by: str) -> QuerySet[Any]:
        """Also by a column that is not shown, which django-tables2 would not do. Each column that
        can be sorted by names the primary key last."""
        column: Any = cls.base_columns[order_by.removeprefix("-")]
        is_descending = order_by.startswith("-")
        in_its_way, has_its_way = column.order(rows, is_descending)
        names = column.order_by.opposite if is_descending else column.order_by
        found: QuerySet[Any] = in_its_way if has_its_way else rows.order_by(*names)
        return found

    def look_up(self, rows: Sequence[Any]) -> None:
        """Fetch at once what the cells of these rows say beyond their own columns: called with
        the rows of a page, or with a part of a file, before they are drawn."""

    @classmethod
    def choosable(cls) -> dict[str, str]:
        """Name and heading of every column that may be added or removed."""
        return {
            name: str(column.verbose_name)
            for name, column in cls.base_columns.items()
            if name not in cls.fixed_columns
        }

    @classmethod
    def sortable(cls) -> dict[str, str]:
        return {
            name: str(column.verbose_name)
            for name, column in cls.base_columns.items()
            if name not in cls.fixed_columns and column.orderable is not False
        }

    @classmethod
    def showing(
        cls,
        rows: QuerySet[Any],
        choice: Choice,
        *,
        without: Sequence[str] = (),
        orderable: bool | None = None,
    ) -> Table:
        """The table over these rows, in the chosen columns and order."""
        fixed = (name for name in cls.fixed_columns if name not in without)
        shown = [*fixed, *choice.columns]
        table: Table = cls(
            cls.ordered(cls.prepared(rows, choice.columns), choice.order_by),
            sequence=shown,
            exclude=[name for name in cls.base_columns if name not in shown],
            order_by=choice.order_by,
            orderable=orderable,
            attrs={"class": "listing"},
            default=marks.ABSENT,
            order_by_field="sort",
        )
        return table


T = TypeVar("T", bound=type[Table])


def registered(table: T) -> T:
    """Makes a table known to the page where its columns are chosen."""
    REGISTRY[table.table_name] = table
    return table


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person wants to see of a table: never a column that it does not have."""

    columns: tuple[str, ...]
    order_by: str
    rows: int = 20

    @classmethod
    def default(cls, table: type[Table]) -> Choice:
        return cls(tuple(table.default_columns), table.default_order, table.default_rows)

    @classmethod
    def of(cls, table: type[Table], *, columns: Sequence[str], order_by: str, rows: int) -> Choice:
        """What of these wishes the table can do; the default for the rest."""
        known, default = table.choosable(), cls.default(table)
        kept = tuple(dict.fromkeys(name for name in columns if name in known))
        is_known = order_by.removeprefix("-") in table.sortable()
        return cls(
            kept or default.columns,
            order_by if is_known else default.order_by,
            rows if rows in ROWS else default.rows,
        )

    @classmethod
    def saved(cls, user: User, table: type[Table]) -> Choice:
        kept = TablePreference.objects.filter(user=user, table=table.table_name).first()
        if kept is None:
            return cls.default(table)
        return cls.of(table, columns=kept.columns, order_by=kept.order_by, rows=kept.rows)

    def save(self, user: User, table: type[Table]) -> None:
        TablePreference.objects.update_or_create(
            user=user,
            table=table.table_name,
            defaults={
                "columns": list(self.columns),
                "order_by": self.order_by,
                "rows": self.rows,
            },
        )

    def step(self, do: str, column: str) -> Choice:
        """One column added, removed or moved. The last one stays."""
        columns = list(self.columns)
        if do == "add" and column not in columns:
            columns.append(column)
        elif column in columns:
            at = columns.index(column)
            if do == "remove" and len(columns) > 1:
                columns.remove(column)
            elif do in {"up", "down"}:
                to = at - 1 if do == "up" else at + 1
                columns.insert(max(to, 0), columns.pop(at))
        return replace(self, columns=tuple(columns))


def forget(user: User, table: type[Table]) -> None:
    """Back to how the table is for everybody."""
    TablePreference.objects.filter(user=user, table=table.table_name).delete()


def settings_context(table: type[Table], choice: Choice, back: str) -> dict[str, Any]:
    """What the form needs, wherever it is drawn."""
    headings = table.choosable()
    return {
        "settings_table": table.table_name,
        "shown": [(name, headings[name]) for name in choice.columns],
        "available": [
            (name, label) for name, label in headings.items() if name not in choice.columns
        ],
        "sortable": table.sortable().items(),
        "order_by": choice.order_by.removeprefix("-"),
        "is_descending": choice.order_by.startswith("-"),
        "rows": choice.rows,
        "rows_choices": ROWS,
        "back": back,
    }


class MomentColumn(django_tables2.Column):
    """A point in time: relative, exact on hover, ISO 8601 in a file."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"attrs": {"td": {"class": "moment"}}, **options})

    def render(self, value: Any) -> SafeString:
        return marks.moment(value)

    def value(self, value: Any) -> str:
        return timezone.localtime(value).isoformat(sep=" ", timespec="seconds")


class NumberColumn(django_tables2.Column):
    """A count or an amount: digits under digits."""

    def __init__(self, **options: Any) -> None:
        cells = {"th": {"class": "num"}, "td": {"class": "num"}}
        super().__init__(**{"attrs": cells, **options})


class PickColumn(django_tables2.Column):
    """The box that chooses a row for what the bar over the table does. `pick_name(record)` names
    the row to those who cannot see it."""

    def __init__(self, pick_name: Callable[[Any], object], **options: Any) -> None:
        self.pick_name = pick_name
        cells = {"th": {"class": "check"}, "td": {"class": "check", "data-label": ""}}
        super().__init__(
            accessor="pk",
            orderable=False,
            verbose_name=_("Choose"),
            exclude_from_export=True,
            attrs=cells,
            **options,
        )
        self.is_pick = True

    def render(self, record: Any) -> SafeString:
        return format_html(
            '<label class="pick">'
            '<input type="checkbox" name="pick" value="{}" aria-label="{}"></label>',
            record.pk,
            _("Choose %s") % self.pick_name(record),
        )
