"""The tables of Sync Jobs and of their errors. The first eight columns are the original's."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any, ClassVar

import django_tables2
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from jobs import marks
from jobs.errors import explain
from jobs.models import Attempt, SyncError, SyncJob
from syncqueue.words import record_url, type_name
from ui import moments
from ui.tables import Choice, MomentColumn, NumberColumn, PickColumn, Table, registered
from ui.templatetags.ui import money

LATEST_COLUMNS = ("id", "connection", "is_finished", "errors", "created_at")


def _only_while_open(value: str) -> Any:
    """A row attribute that a finished job does not have: so polling ends by itself."""
    return lambda record: None if record.is_finished else value


@registered
class SyncJobTable(Table):
    """Six columns can be sorted by; each has its index, led by company."""

    table_name = "sync-jobs"
    page_name = "sync-jobs"
    default_columns = (
        "id",
        "date",
        "is_finished",
        "errors",
        "created_at",
        "sent_request_at",
        "received_response_at",
        "completed_at",
    )
    default_order = "-id"
    related: ClassVar = {"connection": ("connection",), "started_by": ("created_by",)}
    # Tells the row view in which columns a row is drawn again.
    row_query = ""

    id = django_tables2.Column(
        verbose_name=_("ID"), order_by=("id",), attrs={"td": {"class": "lead"}}
    )
    date = django_tables2.Column(
        accessor="created_at",
        verbose_name=_("Date"),
        order_by=("created_at", "id"),
        attrs={"td": {"class": "moment"}},
    )
    is_finished = django_tables2.Column(
        accessor="pk",
        verbose_name=_("Is finished"),
        order_by=("completed_at", "id"),
        attrs={"td": {"class": "across"}},
    )
    errors = django_tables2.Column(
        accessor="error_count", verbose_name=_("Errors"), order_by=("error_count", "id")
    )
    created_at = MomentColumn(
        verbose_name=_("Record info created date/time"), order_by=("created_at", "id")
    )
    sent_request_at = MomentColumn(
        verbose_name=_("Sent request"), order_by=("sent_request_at", "id")
    )
    received_response_at = MomentColumn(
        verbose_name=_("Received response"), order_by=("received_response_at", "id")
    )
    completed_at = MomentColumn(
        verbose_name=_("Completed date/time"), order_by=("completed_at", "id")
    )
    connection = django_tables2.Column(verbose_name=_("Connection"), orderable=False)
    started_by = django_tables2.Column(
        accessor="created_by", verbose_name=_("Started by"), orderable=False
    )
    trigger = django_tables2.Column(verbose_name=_("Trigger"), orderable=False)
    outcome = django_tables2.Column(verbose_name=_("Outcome"), orderable=False)
    duration = django_tables2.Column(
        accessor="duration",
        verbose_name=_("Duration"),
        orderable=False,
        attrs={"td": {"class": "moment"}},
    )
    exported = NumberColumn(verbose_name=_("Exported"), orderable=False)
    imported = NumberColumn(verbose_name=_("Imported"), orderable=False)
    unchanged = NumberColumn(verbose_name=_("Unchanged"), orderable=False)
    blocked = NumberColumn(verbose_name=_("Waiting for another"), orderable=False)
    requests = NumberColumn(verbose_name=_("Requests"), orderable=False)

    class Meta:
        row_attrs: ClassVar = {
            "id": lambda record: f"sync-job-{record.pk}",
            "class": lambda record: "" if record.is_finished else "running",
            "data-live": _only_while_open("true"),
            "hx-get": lambda record, table: (
                None
                if record.is_finished
                else reverse("sync-job-row", args=[record.pk]) + table.row_query
            ),
            "hx-trigger": _only_while_open("every 2s"),
            "hx-swap": _only_while_open("outerHTML"),
            "hx-sync": _only_while_open("this:drop"),
        }

    def render_id(self, record: SyncJob) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("sync-job", args=[record.pk]), record.pk)

    def value_id(self, record: SyncJob) -> int:
        return record.pk

    def render_date(self, value: datetime.datetime) -> str:
        return date_format(timezone.localtime(value), "j M Y")

    def value_date(self, value: datetime.datetime) -> str:
        return timezone.localtime(value).date().isoformat()

    def render_is_finished(self, record: SyncJob) -> SafeString:
        return marks.is_finished(record)

    def value_is_finished(self, record: SyncJob) -> str:
        return marks.is_finished_words(record)

    def render_errors(self, record: SyncJob) -> SafeString:
        return marks.error_count(record)

    def value_errors(self, record: SyncJob) -> int:
        return record.error_count

    def render_started_by(self, value: Any) -> str:
        return str(value.get_full_name() or value.username)

    def render_duration(self, value: datetime.timedelta) -> str:
        return moments.lasted(value)

    def value_duration(self, value: datetime.timedelta) -> float:
        return round(value.total_seconds(), 1)


def latest_table(rows: QuerySet[SyncJob]) -> SyncJobTable:
    """The same table as on Sync Jobs, in five columns that nobody chooses."""
    choice = Choice(LATEST_COLUMNS, "-id")
    table = SyncJobTable.showing(rows, choice, orderable=False)
    assert isinstance(table, SyncJobTable)
    table.row_query = "?of=overview"
    table.columns["created_at"].column.verbose_name = _("Started")
    return table


@registered
class SyncErrorTable(Table):
    """One row per error; the cards beside it show one per cause."""

    table_name = "sync-errors"
    page_name = "sync-errors"
    fixed_columns = ("pick",)
    default_columns = ("record", "record_type", "message", "advice", "job", "occurred_at")
    default_order = "-id"
    related: ClassVar = {
        "connection": ("connection",),
        "amount": ("company",),
        "sent": ("attempt__exchange",),
    }

    pick = PickColumn(lambda error: error.label or error.pk)
    record = django_tables2.Column(
        accessor="label",
        verbose_name=_("Record"),
        order_by=("label", "id"),
        attrs={"td": {"class": "lead"}},
    )
    record_type = django_tables2.Column(verbose_name=_("Type"), order_by=("record_type", "id"))
    message = django_tables2.Column(
        verbose_name=_("Message"), orderable=False, attrs={"td": {"class": "wide"}}
    )
    advice = django_tables2.Column(
        verbose_name=_("What to do"),
        orderable=False,
        empty_values=(),
        attrs={"td": {"class": "wide"}},
    )
    job = django_tables2.Column(
        accessor="job_id", verbose_name=_("Sync Job"), order_by=("job_id", "id")
    )
    # They are numbered as they occur.
    occurred_at = MomentColumn(verbose_name=_("Occurred"), order_by=("id",))
    id = django_tables2.Column(verbose_name=_("Number"), order_by=("id",))
    reason = django_tables2.Column(verbose_name=_("Reason"), order_by=("reason", "id"))
    code = django_tables2.Column(
        verbose_name=_("Code"), orderable=False, attrs={"td": {"class": "code"}}
    )
    detail = django_tables2.Column(
        verbose_name=_("Why"), orderable=False, attrs={"td": {"class": "wide"}}
    )
    phase = django_tables2.Column(verbose_name=_("Phase"), orderable=False)
    amount = NumberColumn(verbose_name=_("Amount"), orderable=False)
    connection = django_tables2.Column(verbose_name=_("Connection"), orderable=False)
    resolved_at = MomentColumn(verbose_name=_("Resolved"), orderable=False)
    resolution = django_tables2.Column(
        verbose_name=_("How it ended"), orderable=False, attrs={"td": {"class": "wide"}}
    )
    sent = django_tables2.Column(
        accessor="attempt", verbose_name=_("Sent and received"), orderable=False
    )

    def render_amount(self, record: SyncError) -> str:
        return money(record.amount, record.currency or record.company.currency)

    def value_amount(self, value: Decimal) -> Decimal:
        return value

    def render_sent(self, record: SyncError, value: Attempt) -> SafeString:
        label = _("What was sent and received of %s") % record.label
        return format_html(
            '<a class="plain-link" href="{}" aria-label="{}">{}</a>',
            marks.exchange_url(value),
            label,
            _("Show"),
        )

    def value_sent(self, value: Attempt) -> int:
        return value.exchange_id

    def render_record(self, record: SyncError) -> str | SafeString:
        url = record_url(record.record_type, record.record_id)
        return format_html('<a href="{}">{}</a>', url, record.label) if url else record.label

    def render_record_type(self, value: str) -> str:
        return type_name(value)

    def render_advice(self, record: SyncError) -> str:
        return record.advice or str(explain(record.reason).advice)

    def render_reason(self, value: str) -> str:
        return str(explain(value).title)

    def render_job(self, value: int) -> SafeString:
        url = reverse("sync-job", args=[value])
        return format_html('<a class="plain-link" href="{}">{}</a>', url, value)

    def value_job(self, value: int) -> int:
        return value
