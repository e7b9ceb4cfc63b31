"""The table of what waits to be exported, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, ClassVar

import django_tables2
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.models import RECORD_MODELS
from syncqueue import hooks, words
from syncqueue.models import State, SyncQueueItem
from syncqueue.words import type_name
from ui import marks
from ui.tables import MomentColumn, NumberColumn, PickColumn, Table, registered
from ui.templatetags.ui import money

STATE_MARKS = {
    State.WAITING: ("idle", "schedule"),
    State.SENDING: ("live", ""),
    State.UNKNOWN: ("warn", "help"),
    State.BLOCKED: ("idle", "hourglass_empty"),
    State.FAILED: ("bad", "error"),
    State.CONFLICT: ("warn", "call_split"),
    State.SYNCED: ("ok", ""),
    State.UNCHANGED: ("ok", ""),
    State.SKIPPED: ("idle", "block"),
    State.SUPERSEDED: ("idle", "block"),
}
# A cell names this many differences; the page of the item names all.
DIFFERENCES = 3


def state_mark(item: SyncQueueItem) -> SafeString:
    if item.is_held:
        return marks.state("idle", _("Held"), "pause_circle")
    tone, shape = STATE_MARKS[State(item.state)]
    return marks.state(tone, item.get_state_display(), shape)


def blocker_label() -> Subquery:
    """The name of the record that must go first, from its own open item."""
    blocker = SyncQueueItem.objects.open().filter(
        connection=OuterRef("connection"),
        record_type=OuterRef("blocked_by_type"),
        record_id=OuterRef("blocked_by_id"),
    )
    return Subquery(blocker.values("label")[:1])


def currencies(items: Sequence[SyncQueueItem]) -> dict[tuple[str, int], str]:
    """Of the records that have one: one query for each type."""
    ids: dict[str, list[int]] = defaultdict(list)
    for item in items:
        if item.amount is not None:
            ids[item.record_type].append(item.record_id)
    models: dict[str, Any] = dict(RECORD_MODELS)
    return {
        (kind, pk): currency
        for kind, wanted in ids.items()
        for pk, currency in models[kind]
        ._default_manager.filter(pk__in=wanted)
        .values_list("pk", "currency")
    }


@registered
class SyncQueueTable(Table):
    """What waits, what failed and what is held; newest change first."""

    table_name = "sync-queue"
    page_name = "sync-queue"
    fixed_columns = ("pick",)
    default_columns = (
        "record",
        "record_type",
        "operation",
        "why",
        "changed",
        "amount",
        "state",
        "next",
    )
    default_order = "-id"
    related: ClassVar = {
        "changed": ("changed_by",),
        "changed_by": ("changed_by",),
        "next": ("held_by",),
        "connection": ("connection",),
    }

    pick = PickColumn(lambda item: item.label)
    record = django_tables2.Column(
        accessor="label",
        verbose_name=gettext_lazy("Record"),
        orderable=False,
        attrs={"td": {"class": "lead"}},
    )
    record_type = django_tables2.Column(verbose_name=gettext_lazy("Type"), orderable=False)
    operation = django_tables2.Column(verbose_name=gettext_lazy("Change"), orderable=False)
    why = django_tables2.Column(
        accessor="pk",
        verbose_name=gettext_lazy("Why it is here"),
        orderable=False,
        attrs={"td": {"class": "wide"}},
    )
    changed = django_tables2.Column(
        accessor="changed_at",
        verbose_name=gettext_lazy("Changed"),
        orderable=False,
        attrs={"td": {"class": "stacked"}},
    )
    amount = NumberColumn(verbose_name=gettext_lazy("Amount"), orderable=False)
    state = django_tables2.Column(verbose_name=gettext_lazy("State"), orderable=False)
    next = django_tables2.Column(
        accessor="pk",
        verbose_name=gettext_lazy("What happens next"),
        orderable=False,
        attrs={"td": {"class": "wide"}},
    )
    attempts = NumberColumn(verbose_name=gettext_lazy("Attempts"), orderable=False)
    next_attempt_at = MomentColumn(verbose_name=gettext_lazy("Next attempt"), orderable=False)
    changed_by = django_tables2.Column(
        verbose_name=gettext_lazy("By"),
        orderable=False,
        default="",
        attrs={"td": {"class": "one-line"}},
    )
    origin = django_tables2.Column(verbose_name=gettext_lazy("How it came"), orderable=False)
    changed_at = MomentColumn(verbose_name=gettext_lazy("Changed at"), orderable=False)
    # Items are numbered when they come, and no other index is kept up to date for an order.
    first_changed_at = MomentColumn(verbose_name=gettext_lazy("Waiting since"), order_by=("id",))
    id = django_tables2.Column(verbose_name=gettext_lazy("Number"), order_by=("id",))
    generation = NumberColumn(verbose_name=gettext_lazy("Edits"), orderable=False)
    connection = django_tables2.Column(verbose_name=gettext_lazy("Connection"), orderable=False)

    # What `look_up` found for the rows that are drawn now.
    changes: dict[int, Sequence[hooks.Change]]
    currency: dict[tuple[str, int], str]

    @classmethod
    def prepared(
        cls, rows: QuerySet[SyncQueueItem], columns: Sequence[str]
    ) -> QuerySet[SyncQueueItem]:
        rows = super().prepared(rows, columns)
        return rows.annotate(blocker_label=blocker_label()) if "next" in columns else rows

    def look_up(self, rows: Sequence[SyncQueueItem]) -> None:
        shown = set(self.columns.names())
        self.changes = hooks.changes_of(rows) if "why" in shown else {}
        self.currency = currencies(rows) if "amount" in shown else {}

    def render_record(self, record: SyncQueueItem) -> SafeString:
        url = reverse("sync-queue-item", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, record.label or record.record_id)

    def value_record(self, record: SyncQueueItem) -> str:
        return record.label

    def render_record_type(self, value: str) -> str:
        return type_name(value)

    def render_operation(self, record: SyncQueueItem) -> str:
        return str(record.get_operation_display())

    def render_why(self, record: SyncQueueItem) -> str | SafeString:
        changes = self.changes.get(record.pk)
        if not changes:
            return words.reason(record)
        said = format_html_join("", "{}", ((difference(one),) for one in changes[:DIFFERENCES]))
        more = len(changes) - DIFFERENCES
        rest = _("and %d more") % more if more > 0 else ""
        return format_html('<span class="differences">{}{}</span>', said, rest)

    def value_why(self, record: SyncQueueItem) -> str:
        changes = self.changes.get(record.pk)
        if not changes:
            return words.reason(record)
        return "; ".join(f"{one.field}: {one.old or '–'} → {one.new or '–'}" for one in changes)

    def render_changed(self, record: SyncQueueItem) -> SafeString:
        by = words.person_name(record.changed_by)
        way = words.origin_name(record.origin)
        said = _("%(person)s, %(way)s") % {"person": by, "way": way} if by else way
        return format_html("{} <em>{}</em>", marks.moment(record.changed_at), said)

    def value_changed(self, record: SyncQueueItem) -> str:
        return str(MomentColumn().value(record.changed_at))

    def render_amount(self, record: SyncQueueItem) -> str:
        key = (record.record_type, record.record_id)
        return money(record.amount, self.currency.get(key, ""))

    def value_amount(self, record: SyncQueueItem) -> Any:
        return record.amount

    def render_state(self, record: SyncQueueItem) -> SafeString:
        return state_mark(record)

    def value_state(self, record: SyncQueueItem) -> str:
        return _("Held") if record.is_held else str(record.get_state_display())

    def render_next(self, record: SyncQueueItem) -> str | SafeString:
        return words.next_step(record)

    def render_changed_by(self, value: Any) -> str:
        return words.person_name(value)

    def render_origin(self, value: str) -> str:
        return words.origin_name(value)


def difference(change: hooks.Change) -> SafeString:
    """ "due date 3 Mar 2026 → 10 Mar 2026"."""
    return format_html(
        '<span class="difference"><b>{}</b> <del>{}</del><span aria-hidden="true"> → </span>'
        '<span class="hidden-words">{}</span><ins>{}</ins></span>',
        change.field,
        change.old or _("nothing"),
        _("is now"),
        change.new or _("nothing"),
    )
