"""Search from anywhere: records by number or name, Sync Jobs by number, open errors, pages.

The command palette (Ctrl K) asks here, and so does the page that works without script. Not
unfold's own search: that keeps its answers for five minutes, also when one changes the company.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from unfold.dataclasses import SearchResult

from companies.models import Company, Role
from companies.roles import may
from companies.walls import CompanyRequest, for_company
from connectors.models import Link
from jobs.models import SyncError, SyncJob
from records.models import RECORD_MODELS, Document, Payment, Record
from syncapp.navigation import FROM_ACCOUNTING, RECORDS, sidebar
from syncqueue.models import SyncQueueItem
from syncqueue.words import record_url, type_name
from ui.pages import page

RESULTS = 10
ERRORS = 3
# The middle of a number has no index: it is looked for among the latest documents, and errors.
LATEST = 20_000
Key = tuple[str, int]
ICONS = {model.record_type: icon for model, icon in (*RECORDS, *FROM_ACCOUNTING)}


@dataclass(frozen=True, slots=True)
class Found:
    """A record by its label; `is_start`: the label begins with the words."""

    kind: str
    pk: int
    label: str
    is_start: bool


@require_safe
def palette(request: CompanyRequest) -> HttpResponse:
    """What unfold's palette draws while one types."""
    words = request.GET.get("s", "").strip()
    if not words:
        return HttpResponse()
    began = time.perf_counter()
    results = Paginator(find(request, words), 100)
    context = {
        "page_obj": results,
        "results": results.page(1),
        "page_counter": 0,
        "execution_time": time.perf_counter() - began,
        "command_show_history": True,
    }
    answer = render(request, "unfold/helpers/command_results.html", context)
    answer.headers["HX-Trigger"] = "search"
    return answer


@require_safe
def search_page(request: CompanyRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()
    results = find(request, words) if words else []
    return page(request, "ui/search.html", title=_("Search"), words=words, results=results)


def find(request: CompanyRequest, words: str) -> list[SearchResult]:
    """The best first: what has this number, what begins with the words, what contains them."""
    if request.company is None or not may(request.user, request.company, Role.VIEWER):
        return []
    return [
        *_job(request.company, words),
        *_records(request.company, words),
        *_errors(request.company, words),
        *_pages(request, words),
    ]


def _job(company: Company, words: str) -> list[SearchResult]:
    number = words.lower().removeprefix("sync job").strip(" #")
    if not number.isdecimal() or len(number) > 18:
        return []
    job = for_company(SyncJob.objects.all(), company).filter(pk=int(number)).first()
    if job is None:
        return []
    said = job.get_outcome_display() or job.get_state_display()
    return [SearchResult(str(job), str(said), reverse("sync-job", args=[job.pk]), "sync")]


def _records(company: Company, words: str) -> list[SearchResult]:
    """One query over all types; two more say how the found ones stand in accounting."""
    parts = [part for model in RECORD_MODELS.values() for part in _parts(company, model, words)]
    rows = parts[0].union(*parts[1:], all=True)
    found: dict[Key, Found] = {}
    for kind, pk, label in rows:
        is_start = label.lower().startswith(words.lower())
        found.setdefault((kind, pk), Found(kind, pk, label, is_start))
    best = sorted(found.values(), key=lambda one: (not one.is_start, len(one.label), one.label))
    shown = best[:RESULTS]
    standings = _standings(company, shown)
    return [
        SearchResult(one.label, standings[one.kind, one.pk], url, ICONS[one.kind])
        for one in shown
        if (url := record_url(one.kind, one.pk))
    ]


def _parts(company: Company, model: type[Record], words: str) -> Iterable[QuerySet[Any, Any]]:
    """Those that begin with the words, by index; those that contain them, within bounds."""
    rows = for_company(model._default_manager.filter(deleted_at=None), company)
    yield _labels(model, rows.filter(**{f"{model.label_field}__istartswith": words}))
    within = rows.filter(**{f"{model.label_field}__icontains": words})
    if issubclass(model, (Document, Payment)):
        within = within.filter(pk__in=rows.order_by("-pk").values("pk")[:LATEST])
    yield _labels(model, within)


def _labels(model: type[Record], rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    return rows.order_by().values_list(
        Value(model.record_type, CharField()), F("pk"), Cast(model.label_field, CharField())
    )[:RESULTS]


def _standings(company: Company, found: list[Found]) -> dict[Key, str]:
    """ "Invoice, failed", "Customer, in the books", "Invoice, not in the books"."""
    about = Q(pk__in=[])
    for one in found:
        about |= Q(record_type=one.kind, record_id=one.pk)
    items = for_company(SyncQueueItem.objects.open(), company).filter(about)
    links = for_company(Link.objects.filter(gone_at=None), company).filter(
        about, connection__closed_at=None
    )
    queued = {(item.record_type, item.record_id): item for item in items}
    linked = {(link.record_type, link.record_id) for link in links}
    said = {}
    for key in ((one.kind, one.pk) for one in found):
        item = queued.get(key)
        if item is not None:
            state = _("held") if item.is_held else str(item.get_state_display()).lower()
        else:
            state = _("in the books") if key in linked else _("not in the books")
        said[key] = f"{type_name(key[0])}, {state}"
    return said


def _errors(company: Company, words: str) -> list[SearchResult]:
    """Open errors that say the words, one for each cause."""
    errors = for_company(SyncError.objects.unresolved(), company)
    latest = errors.order_by("-pk").values("pk")[:LATEST]
    rows = errors.filter(pk__in=latest).filter(
        Q(message__icontains=words) | Q(label__icontains=words) | Q(code__iexact=words)
    )
    causes = rows.order_by("fingerprint", "-pk").distinct("fingerprint")[:ERRORS]
    address = reverse("sync-errors")
    return [
        SearchResult(one.message, _("Error"), f"{address}?cause={one.fingerprint}", "error")
        for one in causes
    ]


def _pages(request: CompanyRequest, words: str) -> list[SearchResult]:
    return [
        SearchResult(str(item["title"]), _("Page"), item["link"], item["icon"])
        for section in sidebar(request)
        for item in section["items"]
        if words.lower() in str(item["title"]).lower()
    ]
