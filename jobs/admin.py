"""Forms of what a connection needs: its defaults, its pause, its schedule, its matches."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from companies.audit import audit
from companies.models import Role
from companies.walled_admin import WalledForm, WalledModelAdmin, WalledTabularInline
from companies.walls import CompanyRequest
from connectors.models import Connection, Decision, Match
from connectors.registry import KINDS, ROLES, revoke_access
from jobs import connecting
from jobs.connect import close
from jobs.models import Schedule
from records.models import RECORD_MODELS, Account

# The kinds of account that fit a role; None: any.
FITTING = {
    "income_account": {"income", "other_income"},
    "expense_account": {"cost_of_goods_sold", "expense", "other_expense"},
    "asset_account": {"other_asset"},
    "deposit_account": {"bank", "other_asset"},
}
LABELS = {
    "income_account": _("Income account"),
    "expense_account": _("Expense account"),
    "asset_account": _("Inventory account"),
    "deposit_account": _("Deposit account"),
    "taxable_code": _("Tax code of taxed lines"),
    "untaxed_code": _("Tax code of untaxed lines"),
}


class ConnectionForm(WalledForm):
    """The defaults are record ids in one JSON column; here each is a choice."""

    is_paused = forms.BooleanField(
        label=_("Paused"), required=False, widget=UnfoldBooleanSwitchWidget
    )
    values_inventory = forms.BooleanField(
        label=_("Inventory is valued in accounting"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Off: inventory items are sent as non-inventory items."),
    )

    class Meta:
        model = Connection
        fields = ("pause_reason", "paused_until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_paused"].initial = self.instance.paused_at is not None
        self.fields["values_inventory"].initial = self.instance.settings.get("values_inventory")
        for role in ROLES:
            self.fields[role].choices = self._choices(role)  # type: ignore[attr-defined]
            self.fields[role].initial = self.instance.defaults.get(role, "")

    def save(self, commit: bool = True) -> Any:
        chosen = {role: self.cleaned_data.get(role) for role in ROLES}
        self.instance.defaults = {role: int(value) for role, value in chosen.items() if value}
        self.instance.settings["values_inventory"] = self.cleaned_data["values_inventory"]
        if not self.cleaned_data["is_paused"]:
            self.instance.paused_at = None
        elif self.instance.paused_at is None:
            self.instance.paused_at = timezone.now()
        return super().save(commit)

    def _choices(self, role: str) -> list[tuple[Any, str]]:
        model = RECORD_MODELS[ROLES[role]]
        rows = model._default_manager.filter(company_id=self.instance.company_id, deleted_at=None)
        if model is Account and role in FITTING:
            rows = rows.filter(kind__in=FITTING[role])  # type: ignore[misc]  # Account has a kind
        return [("", "–"), *((row.pk, str(row)) for row in rows.order_by("pk"))]


# Declared from the roles, so that a role is added in one place.
for _role in ROLES:
    ConnectionForm.base_fields[_role] = ConnectionForm.declared_fields[_role] = forms.ChoiceField(
        label=LABELS[_role], required=False, widget=UnfoldAdminSelectWidget
    )


class ScheduleInline(WalledTabularInline):
    model = Schedule
    fields = ("is_enabled", "interval_minutes", "time_of_day", "time_zone", "next_at")
    readonly_fields = ("next_at",)
    can_delete = False

    def has_add_permission(self, request: CompanyRequest, obj: Any = None) -> bool:
        return False


@admin.register(Connection)
class ConnectionAdmin(WalledModelAdmin):
    """Connections are made on the Connections page; here they are set up, paused and closed."""

    change_role = Role.ADMINISTRATOR
    form = ConnectionForm
    inlines = (ScheduleInline,)
    list_display = ("name", "system", "state", "created_at", "closed_at")
    readonly_fields = ("name", "system", "account_id", "state", "checked_at", "advice")
    fieldsets = (
        (None, {"fields": ("name", "system", "account_id", "state", "checked_at", "advice")}),
        (_("Defaults"), {"fields": tuple(ROLES)}),
        (_("Choices"), {"fields": ("values_inventory",)}),
        (_("Pause"), {"fields": ("is_paused", "pause_reason", "paused_until")}),
    )
    actions_detail = ("disconnect",)

    def has_add_permission(self, request: CompanyRequest) -> bool:
        return False

    def has_delete_permission(self, request: CompanyRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("system"))
    def system(self, connection: Connection) -> str:
        return KINDS[connection.kind].label

    @admin.display(description=_("what to change there"))
    def advice(self, connection: Connection) -> str:
        said = [f"{one['message']} {one['advice']}" for one in connection.cautions]
        return "\n".join(said) or str(_("Nothing: the settings there fit."))

    def save_model(self, request: CompanyRequest, obj: Any, form: Any, change: bool) -> None:
        """Only what the form is about: a job may be writing the other columns."""
        obj.save(
            update_fields=["defaults", "settings", "paused_at", "paused_until", "pause_reason"]
        )
        audit(
            company=obj.company,
            user=request.user,
            action="connection.change",
            target=obj,
            fields=form.changed_data,
        )

    @action(description=_("Disconnect"), url_path="disconnect", permissions=["disconnect"])
    def disconnect(self, request: HttpRequest, object_id: int) -> Any:
        return _disconnect(self, request, object_id)

    def has_disconnect_permission(self, request: CompanyRequest, object_id: Any = None) -> bool:
        return self.has_change_permission(request)


def _disconnect(model_admin: ConnectionAdmin, request: Any, object_id: int) -> Any:
    connection = get_object_or_404(model_admin.get_queryset(request), pk=object_id)
    if request.method != "POST":
        context = {
            **admin.site.each_context(request),
            "title": _("Disconnect %s?") % connection,
            "connection": connection,
        }
        return render(request, "jobs/disconnect.html", context)
    revoke_access(connection)
    close(connection)
    audit(
        company=connection.company,
        user=request.user,
        action="connection.close",
        target=connection,
    )
    model_admin.message_user(
        request, _("%s is disconnected. Its links stay for coming back.") % connection
    )
    return redirect("connections")


@admin.register(Match)
class MatchAdmin(WalledModelAdmin):
    """Proposals of which record of ours is which object of theirs; nothing is sent before they
    are decided."""

    change_role = Role.ACCOUNTANT
    list_display = (
        "record_label",
        "external_label",
        "record_type",
        "is_exact",
        "why",
        "decision",
    )
    list_filter = ("decision", "is_exact", "record_type")
    search_fields = ("record_label", "external_label")
    actions = ("link", "create", "skip")

    def has_add_permission(self, request: CompanyRequest) -> bool:
        return False

    def has_delete_permission(self, request: CompanyRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: CompanyRequest, obj: Any = None) -> list[str]:
        return [field.name for field in Match._meta.fields]

    @admin.action(description=_("Link: they are the same"), permissions=["change"])
    def link(self, request: CompanyRequest, queryset: Any) -> None:
        self._decide(request, queryset, Decision.LINK)

    @admin.action(description=_("Create: ours is another one"), permissions=["change"])
    def create(self, request: CompanyRequest, queryset: Any) -> None:
        self._decide(request, queryset, Decision.CREATE)

    @admin.action(description=_("Skip: leave both alone"), permissions=["change"])
    def skip(self, request: CompanyRequest, queryset: Any) -> None:
        self._decide(request, queryset, Decision.SKIP)

    def _decide(self, request: CompanyRequest, queryset: Any, decision: Decision) -> None:
        connections = {match.connection for match in queryset.select_related("connection")}
        assert isinstance(request.user, User)  # the admin let nobody else in
        count = connecting.decide(matches=queryset, decision=decision, user=request.user)
        for connection in connections:
            connecting.finish_matching(connection)
        self.message_user(
            request,
            ngettext("%d proposal was decided.", "%d proposals were decided.", count) % count,
        )
