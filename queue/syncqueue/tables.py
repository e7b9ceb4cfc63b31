"""The table of what waits to be exported, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import django_tables2
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.models import RECORD_MODELS
from syncqueue.models import State, SyncQueueItem
from ui import marks, moments
from ui.tables import MomentColumn, NumberColumn, PickColumn, Table, registered

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


def record_url(record_type: str, record_id: int | None) -> str:
    """The form of a record; "" for what has none."""
    model = RECORD_MODELS.get(record_type)
    if model is None or record_id is None:
        return ""
    try:
        return reverse(f"admin:records_{model._meta.model_name}_change", args=[record_id])
    except NoReverseMatch:
        return ""


def type_name(record_type: str) -> str:
    model = RECORD_MODELS.get(record_type)
    return capfirst(str(model._meta.verbose_name)) if model else record_type


def type_choices() -> list[tuple[str, str]]:
    return [(name, type_name(name)) for name in RECORD_MODELS]


def fields_in_words(record_type: str, names: Sequence[str]) -> str:
    """ "lines, due date and 2 more": what changed, as the record's form calls it."""
    model = RECORD_MODELS.get(record_type)
    known = {field.attname: field.verbose_name for field in model._meta.fields} if model else {}
    said = [str(known.get(name, name.removesuffix("_id").replace("_", " "))) for name in names]
    if len(said) > 3:
        more = _("and %d more") % (len(said) - 2)
        return f"{', '.join(said[:2])} {more}"
    return ", ".join(said)


def why(item: SyncQueueItem) -> str | SafeString:
    """Why an item is where it is, and what happens next."""
    if item.is_held:
        by = item.held_by.get_full_name() or item.held_by.username if item.held_by else ""
        said = _("Held by %s") % by if by else _("Held")
        return f"{said}: {item.hold_reason}" if item.hold_reason else said
    if item.state == State.BLOCKED:
        return _blocked(item)
    if item.state == State.WAITING and item.next_attempt_at > timezone.now():
        again = moments.words(item.next_attempt_at, now=timezone.now())
        said = _("Tries again: %s") % again
        return f"{item.refusal} {said}" if item.refusal else said
    said = {
        State.WAITING: _("Goes with the next Sync Job"),
        State.SENDING: _("On its way to accounting"),
        State.UNKNOWN: _("Sent, but no answer came. The next Sync Job looks what became of it."),
        State.CONFLICT: _("Changed on both sides"),
        State.SYNCED: _("Accounting has it"),
        State.UNCHANGED: _("Accounting had it already"),
        State.SUPERSEDED: _("There is nothing to send any more"),
    }.get(State(item.state), "")
    if item.state in {State.FAILED, State.CONFLICT, State.SKIPPED}:
        return item.refusal or said
    return said


def _blocked(item: SyncQueueItem) -> str | SafeString:
    if not item.blocked_by_type:
        need = item.blocked_by_need.rpartition(":")[2].replace("_", " ")
        return (
            _("Waits for the mapping of its %s") % need if need else _("Waits for another record")
        )
    label = getattr(item, "blocker_label", "") or str(item.blocked_by_id)
    words = _("Waits for %(type)s “%(name)s”") % {
        "type": type_name(item.blocked_by_type).lower(),
        "name": label,
    }
    url = record_url(item.blocked_by_type, item.blocked_by_id)
    return format_html('<a class="plain-link" href="{}">{}</a>', url, words) if url else words


def blocker_label() -> Subquery:
    """The name of the record that must go first, from its own open item."""
    blocker = SyncQueueItem.objects.open().filter(
        connection=OuterRef("connection"),
        record_type=OuterRef("blocked_by_type"),
        record_id=OuterRef("blocked_by_id"),
    )
    return Subquery(blocker.values("label")[:1])


@registered
class SyncQueueTable(Table):
    """What waits, what failed and what is held; newest change first."""

    table_name = "sync-queue"
    page_name = "sync-queue"
    fixed_columns = ("pick",)
    default_columns = (
        "record",
        "record_type",
        "change",
        "state",
        "why",
        "changed_at",
        "changed_by",
    )
    default_order = "-id"
    related: ClassVar = {
        "changed_by": ("changed_by",),
        "why": ("held_by",),
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
    change = django_tables2.Column(
        accessor="operation",
        verbose_name=gettext_lazy("Change"),
        orderable=False,
        attrs={"td": {"class": "wide"}},
    )
    state = django_tables2.Column(verbose_name=gettext_lazy("State"), orderable=False)
    why = django_tables2.Column(
        accessor="pk",
        verbose_name=gettext_lazy("Why it is here"),
        orderable=False,
        attrs={"td": {"class": "wide"}},
    )
    changed_at = MomentColumn(verbose_name=gettext_lazy("Changed"), order_by=("changed_at", "id"))
    changed_by = django_tables2.Column(
        verbose_name=gettext_lazy("By"),
        orderable=False,
        default="",
        attrs={"td": {"class": "one-line"}},
    )
    id = django_tables2.Column(verbose_name=gettext_lazy("Number"), order_by=("id",))
    amount = NumberColumn(verbose_name=gettext_lazy("Amount"), orderable=False)
    first_changed_at = MomentColumn(
        verbose_name=gettext_lazy("Waiting since"), order_by=("first_changed_at", "id")
    )
    attempts = NumberColumn(
        accessor="attempts", verbose_name=gettext_lazy("Attempts"), orderable=False
    )
    next_attempt_at = MomentColumn(verbose_name=gettext_lazy("Next attempt"), orderable=False)
    generation = NumberColumn(verbose_name=gettext_lazy("Edits"), orderable=False)
    origin = django_tables2.Column(verbose_name=gettext_lazy("How it came"), orderable=False)
    connection = django_tables2.Column(verbose_name=gettext_lazy("Connection"), orderable=False)

    @classmethod
    def prepared(
        cls, rows: QuerySet[SyncQueueItem], columns: Sequence[str]
    ) -> QuerySet[SyncQueueItem]:
        rows = super().prepared(rows, columns)
        return rows.annotate(blocker_label=blocker_label()) if "why" in columns else rows

    def render_record(self, record: SyncQueueItem) -> str | SafeString:
        url = record_url(record.record_type, record.record_id)
        return format_html('<a href="{}">{}</a>', url, record.label) if url else record.label

    def render_record_type(self, value: str) -> str:
        return type_name(value)

    def render_change(self, record: SyncQueueItem) -> SafeString:
        fields = fields_in_words(record.record_type, record.changed_fields)
        return format_html("{} <em>{}</em>", record.get_operation_display(), fields)

    def render_state(self, record: SyncQueueItem) -> SafeString:
        if record.is_held:
            return marks.state("idle", _("Held"), "pause_circle")
        tone, shape = STATE_MARKS[State(record.state)]
        return marks.state(tone, record.get_state_display(), shape)

    def value_state(self, record: SyncQueueItem) -> str:
        return _("Held") if record.is_held else str(record.get_state_display())

    def render_why(self, record: SyncQueueItem) -> str | SafeString:
        return why(record)

    def render_changed_by(self, value: Any) -> str:
        return str(value.get_full_name() or value.username)
