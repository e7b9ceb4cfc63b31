"""The form of a connection: what was found there, and how items are sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldBooleanSwitchWidget

from companies.audit import audit
from companies.models import Role
from companies.walled_admin import WalledForm, WalledModelAdmin
from companies.walls import CompanyRequest
from connectors.models import Connection
from connectors.registry import KINDS


class ConnectionForm(WalledForm):
    """What is kept in the JSON column of choices."""

    values_inventory = forms.BooleanField(
        label=_("Inventory is valued in accounting"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Off: inventory items are sent as non-inventory items."),
    )

    class Meta:
        model = Connection
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["values_inventory"].initial = self.instance.settings.get("values_inventory")

    def save(self, commit: bool = True) -> Any:
        self.instance.settings["values_inventory"] = self.cleaned_data["values_inventory"]
        return super().save(commit)


@admin.register(Connection)
class ConnectionAdmin(WalledModelAdmin):
    """Connections are made, paused and ended on the Connections page, and mapped on theirs."""

    change_role = Role.ADMINISTRATOR
    form = ConnectionForm
    list_display = ("name", "system", "state", "created_at", "closed_at")
    readonly_fields = ("name", "system", "account_id", "state", "checked_at", "advice")
    fieldsets = (
        (None, {"fields": ("name", "system", "account_id", "state", "checked_at", "advice")}),
        (_("Choices"), {"fields": ("values_inventory",)}),
    )

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
        obj.save(update_fields=["settings"])
        audit(
            company=obj.company,
            user=request.user,
            action="connection.change",
            target=obj,
            fields=form.changed_data,
        )
