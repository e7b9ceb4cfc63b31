"""Admin pages of companies, and of the accounts of the installation."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget

from companies.audit import audit
from companies.models import Company, Membership, Role
from companies.people import name
from companies.roles import Person, may, memberships_of
from companies.walls import CompanyRequest

admin.site.unregister(User)
admin.site.unregister(Group)


def administered(person: Person) -> QuerySet[Company]:
    """The companies whose people the person looks after."""
    if person.is_superuser and person.is_active:
        return Company.objects.all()
    own = [
        pk
        for pk, membership in memberships_of(person).items()
        if membership.role == Role.ADMINISTRATOR
    ]
    return Company.objects.filter(pk__in=own)


@admin.register(Company)
class CompanyAdmin(ModelAdmin):
    """Administrators see to their own companies; new ones are made by superusers."""

    list_display = ("name", "currency", "time_zone", "created_at")
    search_fields = ("name",)
    list_fullwidth = True
    readonly_fields = ("key", "created_at")

    def get_queryset(self, request: CompanyRequest) -> QuerySet[Company]:
        return administered(request.user)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A zone that does not exist would break every page that says when something was."""
        if db_field.name != "time_zone":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        zones = [(zone, zone) for zone in sorted(available_timezones())]
        return forms.ChoiceField(
            label=capfirst(db_field.verbose_name), choices=zones, widget=UnfoldAdminSelectWidget
        )

    def has_module_permission(self, request: CompanyRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: CompanyRequest, obj: Company | None = None) -> bool:
        if obj is not None:
            return may(request.user, obj, Role.ADMINISTRATOR)
        return administered(request.user).exists()

    def has_change_permission(self, request: CompanyRequest, obj: Company | None = None) -> bool:
        return self.has_view_permission(request, obj)

    def has_add_permission(self, request: CompanyRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: CompanyRequest, obj: Company | None = None) -> bool:
        """Never here: it would take the books' links and the whole journal with it."""
        return False

    def save_model(self, request: CompanyRequest, obj: Company, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        action = "company.change" if change else "company.create"
        audit(company=obj, user=request.user, action=action, target=obj, fields=form.changed_data)


class MembershipInline(TabularInline):
    """A person's roles in all companies. Companies see to theirs on the page People."""

    model = Membership
    extra = 0


@admin.register(User)
class PersonAdmin(UserAdmin, ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """All accounts of the installation, for superusers; `UserAdmin` asks for Django's permissions,
    which nobody else has."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    inlines = (MembershipInline,)
    list_display = ("username", "first_name", "last_name", "email", "is_active", "last_login")
    list_filter = ("is_active",)
    list_fullwidth = True
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "is_active")}),
        (_("Installation"), {"fields": ("is_superuser", "last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.is_staff = True  # The pages are the admin's; what each may do comes from the roles.
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        person = form.instance
        for membership in person.memberships.select_related("company"):
            audit(
                company=membership.company,
                user=request.user,
                action="user.change" if change else "user.create",
                target=name(person),
                role=membership.role,
            )


@admin.register(Group)
class PlainGroupAdmin(GroupAdmin, ModelAdmin):
    """Rights come from the roles; groups are for who runs the whole installation."""
