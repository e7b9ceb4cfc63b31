"""The ModelAdmins the record pages are made of: soft deletion, safe saving, issuing and voiding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR
from django.db.models import Max, QuerySet, TextField
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminExpandableTextareaWidget

from companies.walled_admin import WalledModelAdmin
from companies.walls import CompanyRequest
from records import transitions
from records.forms import RecordForm, changed_columns
from records.lists import RecordChangeList, table_of
from records.models import Document, Record, Status
from records.panels import panels_of
from records.totals import retotal
from ui.downloads import csv_response
from ui.pages import page
from ui.paging import BoundedPaginator

# Text fields are as high as their text.
SHORT_TEXT = {TextField: {"widget": UnfoldAdminExpandableTextareaWidget}}


class RecordAdmin(WalledModelAdmin):
    """Deleted records are hidden, deleting keeps the row, and saving writes what was changed."""

    formfield_overrides: ClassVar = SHORT_TEXT
    form = RecordForm
    ordering: tuple[str, ...] = ("name", "pk")
    # The list (records/lists.py): what may be added to list_display, its order at first, and by
    # what it can be sorted.
    more_columns: tuple[str, ...] = ("created_at", "updated_at")
    first_order = "name"
    sorted_by: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "name": ("name",),
        "external_ref": ("external_ref",),
        "created_at": (),
    }
    change_list_template = "records/change_list.html"
    show_full_result_count = False
    paginator = BoundedPaginator
    warn_unsaved_form = True
    change_form_outer_before_template = "records/notices.html"
    change_form_outer_after_template = "records/panels.html"

    def __init__(self, model: type[Record], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        self.table = table_of(self)

    def get_queryset(self, request: CompanyRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(deleted_at=None)

    def get_changelist_instance(self, request: CompanyRequest) -> RecordChangeList:
        return RecordChangeList(request, self)

    def changelist_view(
        self, request: CompanyRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """The list, or the file of what it shows."""
        answer: HttpResponseBase = super().changelist_view(request, extra_context)
        shown = getattr(answer, "context_data", None) or {}
        if request.method == "GET" and request.GET.get("export") == "csv" and "cl" in shown:
            return csv_response(shown["cl"].file())
        return answer

    def get_object(
        self, request: CompanyRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Locked while a form is saved, so that what it is compared with stays so."""
        found = super().get_object(request, object_id, from_field)
        if found is None or request.method != "POST":
            return found
        rows = self.get_queryset(request).filter(pk=found.pk)
        return rows.select_for_update(no_key=True, of=("self",)).first()

    def get_fieldsets(self, request: CompanyRequest, obj: Any = None) -> Any:
        """The hidden field has to be in a field set; who may not save needs none."""
        first, *others = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return (first, *others)
        title, options = first
        return ((title, {**options, "fields": (*options["fields"], "version")}), *others)

    def get_changeform_initial_data(self, request: CompanyRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        if request.company:
            initial.setdefault("currency", request.company.currency)
        return initial

    def save_model(self, request: CompanyRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=changed_columns(form))
        else:
            obj.save()

    def change_view(
        self,
        request: CompanyRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        is_whole = request.method == "GET" and IS_POPUP_VAR not in request.GET
        record = super().get_object(request, object_id) if is_whole else None
        panels = panels_of(request, record) if record is not None else []
        context = {**(extra_context or {}), "record_panels": panels}
        answer: HttpResponse = super().change_view(request, object_id, form_url, context)
        return answer

    # -- deleting --------------------------------------------------------------------------------

    def delete_model(self, request: CompanyRequest, obj: Any) -> None:
        self.delete_queryset(request, self.get_queryset(request).filter(pk=obj.pk))

    def delete_queryset(self, request: CompanyRequest, queryset: QuerySet[Any]) -> None:
        transitions.delete(self.model.objects.filter(pk__in=queryset.values("pk")))

    def get_deleted_objects(
        self, objs: Any, request: CompanyRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Nothing else goes with a record; what is still used stays."""
        found = self.get_queryset(request).filter(pk__in=[obj.pk for obj in objs])
        users = [f"{user._meta.verbose_name} {user}" for user in transitions.users_of(found)]
        names = [str(obj) for obj in found]
        return names, {str(self.opts.verbose_name_plural): len(names)}, set(), users


class ImportedAdmin(RecordAdmin):
    """Comes from accounting only: there it is changed, here it can be looked at."""

    sorted_by: ClassVar = {"name": ("name",), "created_at": ()}

    def has_add_permission(self, request: CompanyRequest) -> bool:
        return False

    def has_change_permission(self, request: CompanyRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: CompanyRequest, obj: Any = None) -> bool:
        return False


class DocumentAdmin(RecordAdmin):
    """Documents and payments: lines, totals, and a status that goes forward only."""

    ordering = ("-pk",)
    first_order = "-created_at"
    sorted_by: ClassVar = {
        "number": ("number",),
        "reference": ("reference",),
        "date": ("date",),
        "external_ref": ("external_ref",),
        "created_at": (),
    }
    list_filter: tuple[Any, ...] = ("status", ("date", RangeDateFilter), "currency")
    list_filter_submit = True
    actions: ClassVar = ["issue_selected", "void_selected"]
    actions_submit_line: ClassVar = ["issue_now"]
    actions_detail: ClassVar = ["void_one"]

    def get_changeform_initial_data(self, request: CompanyRequest) -> dict[str, Any]:
        """The number after the latest one, where numbers are numbers."""
        initial = super().get_changeform_initial_data(request)
        label = self.model.label_field
        latest = super().get_queryset(request).order_by("-pk").values_list(label, flat=True).first()
        if latest and latest.isdecimal():
            initial.setdefault(label, str(int(latest) + 1))
        return initial

    def has_change_permission(self, request: CompanyRequest, obj: Any = None) -> bool:
        is_void = obj is not None and obj.status == Status.VOIDED
        return not is_void and super().has_change_permission(request, obj)

    def has_issue_permission(self, request: CompanyRequest, object_id: Any = None) -> bool:
        return self._has(request, object_id, Status.DRAFT)

    def has_void_permission(self, request: CompanyRequest, object_id: Any = None) -> bool:
        return self._has(request, object_id, Status.ISSUED)

    def _has(self, request: CompanyRequest, object_id: Any, status: Status) -> bool:
        if not super().has_change_permission(request):
            return False
        rows = self.get_queryset(request).filter(status=status)
        return object_id is None or rows.filter(pk=object_id).exists()

    # -- saving ----------------------------------------------------------------------------------

    def save_formset(self, request: CompanyRequest, form: Any, formset: Any, change: bool) -> None:
        """New lines are put behind those that are there."""
        if hasattr(formset.model, "position"):
            rows = formset.model.objects.filter(**{formset.fk.name: form.instance})
            last = rows.aggregate(last=Max("position"))["last"] or 0
            new = [extra for extra in formset.extra_forms if extra.has_changed()]
            for position, extra in enumerate(new, start=last + 1):
                extra.instance.position = position
        super().save_formset(request, form, formset, change)

    def save_related(self, request: CompanyRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        document = form.instance
        if isinstance(document, Document):
            retotal(model=type(document), ids=[document.pk])
        button = f"{self.opts.app_label}_{self.opts.model_name}_issue_now"
        if button in request.POST and self.has_issue_permission(request, document.pk):
            self._issue(request, self.get_queryset(request).filter(pk=document.pk))

    # -- issuing and voiding ---------------------------------------------------------------------

    @action(description=_("Save and issue"), permissions=["issue"])
    def issue_now(self, request: CompanyRequest, obj: Any) -> None:
        """The button; `save_related` issues the document after its lines are saved."""

    @admin.action(description=_("Issue"), permissions=["change"])
    def issue_selected(self, request: CompanyRequest, queryset: QuerySet[Any]) -> None:
        self._issue(request, queryset)

    def _issue(self, request: CompanyRequest, queryset: QuerySet[Any]) -> None:
        asked = queryset.count()
        done = transitions.issue(self.model.objects.filter(pk__in=queryset.values("pk")))
        if done:
            text = ngettext("%d is issued.", "%d are issued.", done) % done
            self.message_user(request, text, messages.SUCCESS)
        if asked > done:
            text = ngettext(
                "%d was left: it is no draft, or has no lines yet. Add lines and issue it again.",
                "%d were left: no draft, or without lines. Add lines and issue them again.",
                asked - done,
            )
            self.message_user(request, text % (asked - done), messages.WARNING)

    @admin.action(description=_("Void …"), permissions=["change"])
    def void_selected(
        self, request: CompanyRequest, queryset: QuerySet[Any]
    ) -> HttpResponse | None:
        if "confirmed" not in request.POST:
            return self._ask(request, queryset.filter(status=Status.ISSUED), back=request.path)
        self._void(request, queryset)
        return None

    @action(description=_("Void …"), url_path="void", permissions=["void"])
    def void_one(self, request: CompanyRequest, object_id: str) -> HttpResponse:
        queryset = self.get_queryset(request).filter(pk=object_id)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        back = reverse(name, args=[object_id])
        if request.method != "POST":
            return self._ask(request, queryset, back=back)
        self._void(request, queryset)
        return HttpResponseRedirect(back)

    def _void(self, request: CompanyRequest, queryset: QuerySet[Any]) -> None:
        done = transitions.void(self.model.objects.filter(pk__in=queryset.values("pk")))
        text = ngettext("%d is void.", "%d are void.", done) % done
        self.message_user(request, text, messages.SUCCESS if done else messages.WARNING)

    def _ask(self, request: CompanyRequest, queryset: QuerySet[Any], *, back: str) -> HttpResponse:
        """It cannot be undone, so it is asked for."""
        return page(
            request,
            "records/void.html",
            title=_("Void %s") % self.opts.verbose_name_plural,
            documents=list(queryset[:20]),
            count=queryset.count(),
            selected=request.POST.getlist(ACTION_CHECKBOX_NAME),
            back=back,
        )
