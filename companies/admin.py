"""Admin pages of companies, people and what they did."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from companies.audit import audit
from companies.models import AuditEntry, Company, Membership, Role
from companies.roles import Person, may, memberships_of
from companies.walled_admin import WalledModelAdmin
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


def people_of(person: Person) -> QuerySet[User]:
    """Whom an administrator may see: the members of his companies."""
    if person.is_superuser and person.is_active:
        return User.objects.all()
    return User.objects.filter(memberships__company__in=administered(person)).distinct()


@admin.register(Company)
class CompanyAdmin(ModelAdmin):
    """Administrators see to their own companies; new ones are made by superusers."""

    list_display = ("name", "currency", "time_zone", "created_at")
    search_fields = ("name",)
    list_fullwidth = True
    readonly_fields = ("key", "created_at")

    def get_queryset(self, request: CompanyRequest) -> QuerySet[Company]:
        return administered(request.user)

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


@admin.register(Membership)
class MembershipAdmin(WalledModelAdmin):
    """Who belongs to the company of the request, in which role."""

    view_role = Role.ADMINISTRATOR
    change_role = Role.ADMINISTRATOR
    list_display = ("user", "role", "may_see_bodies")
    list_select_related = ("user",)
    list_filter = ("role",)
    search_fields = ("user__username", "user__first_name", "user__last_name", "user__email")
    autocomplete_fields = ("user",)

    def formfield_for_foreignkey(
        self, db_field: Any, request: CompanyRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = people_of(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: CompanyRequest, obj: Any = None) -> tuple[str, ...]:
        """A membership stays its person's: changing the person would be another membership."""
        return ("user",) if obj else ()

    def get_actions(self, request: CompanyRequest) -> dict[str, Any]:
        return {}

    def save_model(self, request: CompanyRequest, obj: Membership, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        audit(
            company=obj.company,
            user=request.user,
            action="membership.change" if change else "membership.create",
            target=obj.user,
            role=obj.role,
            may_see_bodies=obj.may_see_bodies,
        )

    def delete_model(self, request: CompanyRequest, obj: Membership) -> None:
        audit(company=obj.company, user=request.user, action="membership.delete", target=obj.user)
        super().delete_model(request, obj)


@admin.register(AuditEntry)
class AuditEntryAdmin(WalledModelAdmin):
    """Written by the application only."""

    view_role = Role.ADMINISTRATOR
    list_display = ("at", "user", "action", "target")
    list_select_related = ("user",)
    list_filter = ("action",)
    search_fields = ("action", "target", "user__username")
    ordering = ("-id",)

    def has_add_permission(self, request: CompanyRequest) -> bool:
        return False

    def has_change_permission(self, request: CompanyRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: CompanyRequest, obj: Any = None) -> bool:
        return False


class MembershipInline(TabularInline):
    """A person's roles, in the companies that the one who looks may administer."""

    model = Membership
    extra = 0

    def get_queryset(self, request: CompanyRequest) -> QuerySet[Membership]:
        mine: QuerySet[Membership] = super().get_queryset(request)
        return mine.filter(company__in=administered(request.user))

    def formfield_for_foreignkey(
        self, db_field: Any, request: CompanyRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "company":
            kwargs["queryset"] = administered(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_view_permission(self, request: CompanyRequest, obj: Any = None) -> bool:
        return administered(request.user).exists()

    has_add_permission = has_view_permission
    has_change_permission = has_view_permission
    has_delete_permission = has_view_permission


@admin.register(User)
class PersonAdmin(UserAdmin, ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """An administrator of a company sees the people of his companies only.

    He may change who belongs to no other: a password set by him would open the others' doors.
    """

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    inlines = (MembershipInline,)
    list_display = ("username", "first_name", "last_name", "email", "is_active", "last_login")
    list_filter = ("is_active",)
    list_fullwidth = True
    filter_horizontal = ()
    plain_fieldsets: ClassVar = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "is_active")}),
    )
    # Everything but the memberships: for who runs the whole installation.
    full_fieldsets: ClassVar = (
        *plain_fieldsets,
        (_("Installation"), {"fields": ("is_superuser", "last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        return self.full_fieldsets if request.user.is_superuser else self.plain_fieldsets

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).filter(pk__in=people_of(request.user).values("pk"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and not people_of(request.user).filter(pk=obj.pk).exists():
            return False
        return administered(request.user).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is None or request.user.is_superuser:
            return self.has_view_permission(request)
        others = obj.memberships.exclude(company__in=administered(request.user))
        return self.has_view_permission(request, obj) and not (obj.is_superuser or others.exists())

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Others make people inactive, which keeps the names in the history."""
        return bool(request.user.is_superuser)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.is_staff = True  # The pages are the admin's; what each may do comes from the roles.
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Whom an administrator adds without a company joins his own, or he would be lost."""
        super().save_related(request, form, formsets, change)
        person = form.instance
        company = cast(CompanyRequest, request).company
        is_lost = not change and not request.user.is_superuser and not person.memberships.exists()
        if is_lost and company is not None:
            Membership.objects.create(user=person, company=company)
        for membership in person.memberships.filter(company__in=administered(request.user)):
            audit(
                company=membership.company,
                user=request.user,
                action="user.change" if change else "user.create",
                target=person,
                role=membership.role,
            )


@admin.register(Group)
class PlainGroupAdmin(GroupAdmin, ModelAdmin):
    """Rights come from the roles; groups are for who runs the whole installation."""
