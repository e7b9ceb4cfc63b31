"""The tables of what one Sync Job sent, and of what it did not need to send."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import django_tables2
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from jobs import marks
from jobs.models import Attempt
from records.models import RECORD_MODELS
from syncqueue.models import SyncQueueItem
from syncqueue.words import record_url, type_name
from ui.tables import MomentColumn, Table, registered

LEAD = {"td": {"class": "lead"}}
WIDE = {"td": {"class": "wide"}}


def named(record_type: str, record_id: int, label: str) -> str | SafeString:
    url = record_url(record_type, record_id)
    return format_html('<a href="{}">{}</a>', url, label) if url else label


@registered
class JobAttemptTable(Table):
    """One row for each record in each request; sorted as they were sent."""

    table_name = "sync-job-attempts"
    page_name = "sync-jobs"
    default_columns = ("record", "record_type", "operation", "outcome", "external_id", "at")
    default_order = "-at"

    record = django_tables2.Column(
        accessor="record_id", verbose_name=_("Record"), orderable=False, attrs=LEAD
    )
    record_type = django_tables2.Column(verbose_name=_("Type"), orderable=False)
    operation = django_tables2.Column(verbose_name=_("Change"), orderable=False)
    outcome = django_tables2.Column(verbose_name=_("Answer"), orderable=False, empty_values=())
    external_id = django_tables2.Column(
        verbose_name=_("Number there"), orderable=False, attrs={"td": {"class": "code"}}
    )
    message = django_tables2.Column(verbose_name=_("What it said"), orderable=False, attrs=WIDE)
    at = MomentColumn(accessor="exchange__created_at", verbose_name=_("Sent"), order_by=("id",))
    exchange = django_tables2.Column(
        accessor="exchange_id", verbose_name=_("Exchange"), orderable=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._labels: dict[int, str] = {}

    def look_up(self, rows: Sequence[Attempt]) -> None:
        """Done items are deleted long before the journal: the record itself has a name then."""
        items = SyncQueueItem.objects.filter(pk__in=[row.item_id for row in rows])
        labels = dict(items.values_list("pk", "label"))
        self._labels = {row.pk: labels[row.item_id] for row in rows if row.item_id in labels}
        nameless: dict[str, list[Attempt]] = defaultdict(list)
        for row in rows:
            if row.pk not in self._labels:
                nameless[row.record_type].append(row)
        for record_type, unnamed in nameless.items():
            model = RECORD_MODELS[record_type]._default_manager
            found = model.in_bulk([row.record_id for row in unnamed])
            self._labels |= {row.pk: str(found.get(row.record_id, "")) for row in unnamed}

    def render_record(self, record: Attempt) -> str | SafeString:
        return named(record.record_type, record.record_id, self.value_record(record))

    def value_record(self, record: Attempt) -> str:
        return self._labels.get(record.pk) or str(record.record_id)

    def render_record_type(self, value: str) -> str:
        return type_name(value)

    def render_operation(self, value: str) -> str:
        return value.capitalize()

    def render_outcome(self, record: Attempt) -> SafeString:
        return marks.attempt(record)

    def value_outcome(self, record: Attempt) -> str:
        return record.get_outcome_display()

    def render_exchange(self, record: Attempt) -> SafeString:
        url = reverse("exchange", args=[record.exchange.job_id, record.exchange_id])
        return format_html('<a class="plain-link" href="{}">{}</a>', url, record.exchange_id)

    def value_exchange(self, value: int) -> int:
        return value


@registered
class JobItemTable(Table):
    """Queue items that ended without being sent."""

    table_name = "sync-job-items"
    page_name = "sync-jobs"
    default_columns = ("record", "record_type", "state", "why", "finished_at")
    default_order = "-finished_at"

    record = django_tables2.Column(
        accessor="label", verbose_name=_("Record"), orderable=False, attrs=LEAD
    )
    record_type = django_tables2.Column(verbose_name=_("Type"), orderable=False)
    state = django_tables2.Column(verbose_name=_("State"), orderable=False)
    why = django_tables2.Column(
        accessor="refusal", verbose_name=_("Why"), orderable=False, attrs=WIDE
    )
    finished_at = MomentColumn(verbose_name=_("Ended"), order_by=("finished_at", "id"))

    def render_record(self, record: SyncQueueItem) -> str | SafeString:
        return named(record.record_type, record.record_id, record.label)

    def value_record(self, record: SyncQueueItem) -> str:
        return record.label

    def render_record_type(self, value: str) -> str:
        return type_name(value)
