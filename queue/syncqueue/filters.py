"""What a person may look for in the Sync Queue."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import FilterSet

from syncqueue.models import State, SyncQueueItem
from syncqueue.tables import type_choices
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


class SyncQueueFilter(FilterSet):
    q = filters.search(_("Record or number"))
    type = filters.select(
        _("Type"), type_choices, everything=_("Any type"), field_name="record_type"
    )

    class Meta:
        model = SyncQueueItem
        fields: list[str] = []

    def search(
        self, rows: QuerySet[SyncQueueItem], name: str, words: str
    ) -> QuerySet[SyncQueueItem]:
        found = Q(label__icontains=words) | Q(refusal__icontains=words)
        if words.isdecimal():
            found |= Q(pk=int(words)) | Q(record_id=int(words))
        return rows.filter(found)
