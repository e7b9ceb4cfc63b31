"""The table of what people did."""

from __future__ import annotations

from typing import Any, ClassVar

import django_tables2
from django.utils.translation import gettext_lazy as _

from companies.models import AuditEntry
from companies.people import name
from companies.sentences import sentence
from ui.tables import MomentColumn, Table, registered


@registered
class AuditTable(Table):
    """Sorted by number, which is the order in which things were done."""

    table_name = "audit"
    page_name = "audit"
    default_columns = ("at", "user", "what")
    default_order = "-at"
    related: ClassVar = {"user": ("user",)}

    at = MomentColumn(verbose_name=_("When"), order_by=("id",))
    user = django_tables2.Column(verbose_name=_("Who"), orderable=False, empty_values=())
    what = django_tables2.Column(
        accessor="action",
        verbose_name=_("What"),
        orderable=False,
        attrs={"td": {"class": "wide across"}},
    )
    target = django_tables2.Column(verbose_name=_("To what"), orderable=False)
    action = django_tables2.Column(
        verbose_name=_("Code"), orderable=False, attrs={"td": {"class": "code"}}
    )
    detail = django_tables2.Column(
        verbose_name=_("Detail"), orderable=False, attrs={"td": {"class": "wide across"}}
    )

    def render_user(self, record: AuditEntry) -> str:
        """What the scheduler did has no person."""
        return name(record.user) if record.user else "Syncapp"

    def render_what(self, record: AuditEntry) -> str:
        return sentence(record)

    def render_detail(self, value: dict[str, Any]) -> str:
        return ", ".join(f"{key}: {one}" for key, one in value.items() if one not in ("", None))
