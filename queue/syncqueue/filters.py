"""What a person may look for in the Sync Queue."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_filters import FilterSet

from companies.walls import CompanyRequest
from syncqueue.models import State, SyncQueueItem
from syncqueue.words import ORIGINS, person_name, type_choices
from ui import filters
from ui.listings import View

OPEN = Q(finished_at=None)

VIEWS = (
    View("", _("All open"), OPEN),
    View("waiting", _("Waiting"), OPEN & Q(state=State.WAITING)),
    View("blocked", _("Blocked"), OPEN & Q(state=State.BLOCKED)),
    View("failed", _("Failed"), OPEN & Q(state=State.FAILED)),
    View("conflict", _("Conflict"), OPEN & Q(state=State.CONFLICT)),
    View("held", _("Held"), OPEN & Q(held_at__isnull=False)),
    View("done", _("Done"), Q(finished_at__isnull=False)),
)


def people(request: HttpRequest | None) -> list[tuple[str, object]]:
    """The members of the company, the one who asks first."""
    company = cast(CompanyRequest, request).company if request else None
    if request is None or company is None:
        return []
    members = User.objects.filter(memberships__company=company).order_by("username", "pk")
    others = [(str(one.pk), person_name(one)) for one in members if one != request.user]
    return [("me", _("Changed by me")), *others]


class SyncQueueFilter(FilterSet):
    q = filters.search(_("Record or number"))
    type = filters.select(
        _("Type"), type_choices, everything=_("Any type"), field_name="record_type"
    )
    origin = filters.select(_("How it came"), list(ORIGINS.items()), everything=_("Any way"))
    by = filters.select(_("Changed by"), (), everything=_("Changed by anyone"), method="changed_by")

    class Meta:
        model = SyncQueueItem
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form.fields["by"].choices = people(self.request)

    def search(
        self, rows: QuerySet[SyncQueueItem], name: str, words: str
    ) -> QuerySet[SyncQueueItem]:
        found = Q(label__icontains=words) | Q(refusal__icontains=words)
        if words.isdecimal():
            found |= Q(pk=int(words)) | Q(record_id=int(words))
        return rows.filter(found)

    def changed_by(
        self, rows: QuerySet[SyncQueueItem], name: str, who: str
    ) -> QuerySet[SyncQueueItem]:
        return rows.filter(changed_by=self.request.user if who == "me" else int(who))
