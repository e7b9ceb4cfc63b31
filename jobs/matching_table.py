"""The tables of the matching page: proposals, and what became of each record of the load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import django_tables2
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_filters import FilterSet

from connectors.documents import RecordType
from connectors.models import Connection, Decision, Match
from jobs import likeness, standing
from jobs.likeness import Likeness
from jobs.matching import DECIDED, DOUBTFUL, EXACT, ONLY_HERE, ONLY_THERE
from jobs.plan import NAMES
from syncqueue.words import record_url, type_name
from ui import filters, marks
from ui.listings import View
from ui.tables import PickColumn, Table, registered

VIEWS = (
    View("", _("Exact"), EXACT),
    View("review", _("Needs review"), DOUBTFUL),
    View("here", _("Only here"), ONLY_HERE),
    View("there", _("Only there"), ONLY_THERE),
    View("decided", _("Decided"), DECIDED),
)


class MatchFilter(FilterSet):
    q = filters.search(_("Name here or there"))
    type = filters.select(
        _("Type"),
        lambda: [(name, type_name(name)) for name in sorted(NAMES)],
        everything=_("Any type"),
        field_name="record_type",
    )

    class Meta:
        model = Match
        fields: list[str] = []

    def search(self, rows: QuerySet[Match], name: str, words: str) -> QuerySet[Match]:
        return rows.filter(Q(record_label__icontains=words) | Q(external_label__icontains=words))


@registered
class MatchTable(Table):
    """Our record beside theirs."""

    table_name = "matches"
    page_name = "matching-here"
    fixed_columns = ("pick",)
    default_columns = ("ours", "theirs", "why", "record_type", "decide")
    default_order = "ours"
    # Set by the view; without it nobody decides here.
    connection: Connection | None = None
    may_decide = False

    pick = PickColumn(lambda match: match.record_label or match.external_label)
    ours = django_tables2.Column(
        accessor="record_label",
        verbose_name=_("Here"),
        empty_values=(),
        order_by=("record_label", "external_label", "id"),
        attrs={"td": {"class": "lead across"}},
    )
    theirs = django_tables2.Column(
        accessor="external_label",
        verbose_name=_("There"),
        empty_values=(),
        order_by=("external_label", "record_label", "id"),
        attrs={"td": {"class": "lead across"}},
    )
    why = django_tables2.Column(
        verbose_name=_("What differs"),
        orderable=False,
        empty_values=(),
        attrs={"td": {"class": "wide"}},
    )
    record_type = django_tables2.Column(
        verbose_name=_("Type"), order_by=("record_type", "record_label", "id")
    )
    external_id = django_tables2.Column(verbose_name=_("Number there"), orderable=False)
    decide = django_tables2.Column(
        accessor="pk",
        verbose_name=_("Decide"),
        orderable=False,
        exclude_from_export=True,
        attrs={"td": {"class": "across"}},
    )

    def look_up(self, rows: Sequence[Any]) -> None:
        assert self.connection is not None
        self.alike: Mapping[int, Likeness] = likeness.of_matches(self.connection, rows)

    def render_ours(self, record: Match) -> SafeString:
        if record.record_id is None:
            return marks.ABSENT
        url = record_url(record.record_type, record.record_id)
        name = format_html('<a href="{}">{}</a>', url, record.record_label)
        return _with_facts(name, self.alike[record.pk].ours)

    def value_ours(self, record: Match) -> str:
        return record.record_label

    def render_theirs(self, record: Match) -> SafeString:
        if not record.external_id:
            return marks.ABSENT
        name = format_html("<span>{}</span>", record.external_label)
        return _with_facts(name, self.alike[record.pk].theirs)

    def value_theirs(self, record: Match) -> str:
        return record.external_label

    def render_why(self, record: Match) -> str:
        context = {"match": record, "alike": self.alike[record.pk]}
        return render_to_string("jobs/matching_why.html", context)

    def value_why(self, record: Match) -> str:
        return " ".join(part for part in (record.why, record.clash) if part)

    def render_record_type(self, value: str) -> str:
        return type_name(value)

    def render_decide(self, record: Match) -> str | SafeString:
        if record.decision == Decision.PENDING and not self.may_decide:
            return marks.ABSENT
        context = {
            "match": record,
            "may_decide": self.may_decide,
            "name": record.record_label or record.external_label,
            "connection": self.connection,
        }
        return render_to_string("jobs/matching_decide.html", context)


def _with_facts(name: SafeString, facts: str) -> SafeString:
    return format_html('{}<span class="facts-line">{}</span>', name, facts) if facts else name


def _exported_types() -> list[tuple[str, str]]:
    """In the order of `loading.exported_types`: the first one is shown at first."""
    kinds = [kind for kind in RecordType if kind.rank > RecordType.ACCOUNT.rank]
    return [(kind, type_name(kind)) for kind in sorted(kinds, key=lambda one: (one.rank, one))]


class StandingFilter(FilterSet):
    """`type` chooses the model, before the filters see the rows."""

    q = filters.search(_("Name or number"))
    type = filters.select(_("Type"), _exported_types, everything=None, method="of_type")

    def search(self, rows: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        label: Any = rows.model
        return rows.filter(**{f"{label.label_field}__icontains": words})

    def of_type(self, rows: QuerySet[Any], name: str, kind: str) -> QuerySet[Any]:
        return rows


@registered
class StandingTable(Table):
    """Each record of one type, and what became of it."""

    table_name = "standing"
    page_name = "initial-load-here"
    default_columns = ("record", "result", "why", "external_id", "job")
    default_order = "record"
    connection: Connection | None = None
    record_type: RecordType = RecordType.CUSTOMER

    record = django_tables2.Column(
        accessor="pk",
        verbose_name=_("Record"),
        order_by=("id",),
        attrs={"td": {"class": "lead across"}},
    )
    result = django_tables2.Column(
        accessor="pk", verbose_name=_("What became of it"), orderable=False
    )
    why = django_tables2.Column(
        accessor="pk", verbose_name=_("Why"), orderable=False, attrs={"td": {"class": "wide"}}
    )
    external_id = django_tables2.Column(
        accessor="pk", verbose_name=_("Number there"), orderable=False
    )
    job = django_tables2.Column(accessor="pk", verbose_name=_("Sync Job"), orderable=False)

    def look_up(self, rows: Sequence[Any]) -> None:
        assert self.connection is not None
        self.known = standing.of_records(self.connection, self.record_type, rows)

    def render_record(self, record: Any) -> SafeString:
        url = record_url(self.record_type, record.pk)
        return format_html('<a href="{}">{}</a>', url, record)

    def value_record(self, record: Any) -> str:
        return str(record)

    def render_result(self, record: Any) -> SafeString:
        one = self.known[record.pk]
        return marks.state(one.tone, one.word, one.shape)

    def value_result(self, record: Any) -> str:
        return self.known[record.pk].word

    def render_why(self, record: Any) -> str | SafeString:
        return self.known[record.pk].why or marks.ABSENT

    def value_why(self, record: Any) -> str:
        return strip_tags(self.known[record.pk].why)

    def render_external_id(self, record: Any) -> str | SafeString:
        return self.known[record.pk].external_id or marks.ABSENT

    def value_external_id(self, record: Any) -> str:
        return self.known[record.pk].external_id

    def render_job(self, record: Any) -> SafeString:
        job_id = self.known[record.pk].job_id
        if job_id is None:
            return marks.ABSENT
        return format_html('<a href="{}">{}</a>', reverse("sync-job", args=[job_id]), job_id)

    def value_job(self, record: Any) -> int | str:
        return self.known[record.pk].job_id or ""
