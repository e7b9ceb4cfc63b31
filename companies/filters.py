"""What an administrator looks for among the things that people did."""

from __future__ import annotations

import datetime

import django_filters
from django import forms
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import FilterSet

from companies.models import AuditEntry, Membership
from companies.people import name
from companies.sentences import SENTENCES, title
from ui import filters

NOBODY = "nobody"


def action_choices() -> list[tuple[str, str]]:
    return sorted(((action, title(action)) for action in SENTENCES), key=lambda one: one[1])


class DayInput(forms.DateInput):
    input_type = "date"


class AuditFilter(FilterSet):
    q = filters.search(_("To whom or what"))
    who = filters.select(_("Person"), [], everything=_("Anyone"), method="by_person")
    action = filters.select(_("Action"), action_choices, everything=_("Anything"))
    since = django_filters.DateFilter(
        label=_("From"),
        method="from_day",
        widget=DayInput(attrs={"class": "control"}),
    )
    until = django_filters.DateFilter(
        label=_("Until"),
        method="until_day",
        widget=DayInput(attrs={"class": "control"}),
    )

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.filters["who"].extra["choices"] = self._people()

    def search(self, rows: QuerySet[AuditEntry], name: str, words: str) -> QuerySet[AuditEntry]:
        return rows.filter(target__icontains=words)

    def by_person(self, rows: QuerySet[AuditEntry], name: str, who: str) -> QuerySet[AuditEntry]:
        return rows.filter(user=None) if who == NOBODY else rows.filter(user=int(who))

    def from_day(
        self, rows: QuerySet[AuditEntry], name: str, day: datetime.date
    ) -> QuerySet[AuditEntry]:
        return rows.filter(at__gte=_midnight(day))

    def until_day(
        self, rows: QuerySet[AuditEntry], name: str, day: datetime.date
    ) -> QuerySet[AuditEntry]:
        """That day included."""
        return rows.filter(at__lt=_midnight(day + datetime.timedelta(days=1)))

    def _people(self) -> list[tuple[str, str]]:
        """Who belongs to the company or once did something in it."""
        company = self.request.company
        members = Membership.objects.filter(company=company).values("user")
        acting = AuditEntry.objects.filter(company=company).values("user")
        users = User.objects.filter(Q(pk__in=members) | Q(pk__in=acting))
        known = sorted(((str(user.pk), name(user)) for user in users), key=lambda one: one[1])
        return [*known, (NOBODY, "Syncapp")]


def _midnight(day: datetime.date) -> datetime.datetime:
    """By the clocks of the company."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
