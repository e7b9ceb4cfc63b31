"""The walls in the admin: the ModelAdmin and the inline that every other app builds on.

Apart from the querysets, because unfold draws forms while it is imported, which loads every
template library of ours.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.db import models
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe
from unfold.admin import ModelAdmin, TabularInline

from companies.models import Company, Role
from companies.roles import may
from companies.walls import CompanyRequest, for_company, has_company


class WalledForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A form whose row belongs to the company of the request, also while it is validated."""

    of_company: ClassVar[Company | None] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and self.of_company is not None:
            self.instance.company = self.of_company

    def _get_validation_exclusions(self) -> set[str]:
        # The company is no field, but it is part of "unique in its company".
        excluded = super()._get_validation_exclusions()  # type: ignore[misc]  # not in the stubs
        return set(excluded) - {"company"}


class Walled:
    """What ModelAdmin and its inlines share: choices come from the company of the request.

    The next class in line has the methods; a mixin cannot tell mypy so.
    """

    def formfield_for_foreignkey(
        self, db_field: Any, request: CompanyRequest, **kwargs: Any
    ) -> Any:
        kwargs |= _own_choices(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(
        self, db_field: Any, request: CompanyRequest, **kwargs: Any
    ) -> Any:
        kwargs |= _own_choices(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


def _own_choices(db_field: Any, request: CompanyRequest, given: dict[str, Any]) -> dict[str, Any]:
    model = db_field.related_model
    if not has_company(model):
        return {}
    choices = given.get("queryset")
    if choices is None:
        choices = model._default_manager.all()
    return {"queryset": for_company(choices, request.company)}


class WalledModelAdmin(Walled, ModelAdmin):
    """Shows and changes the rows of the request's company only, as far as the role allows.

    List, object by id, history, autocomplete, actions and delete confirmation all start from
    `get_queryset`. `company` is never a field of the form.
    """

    form = WalledForm
    view_role: ClassVar[Role] = Role.VIEWER
    change_role: ClassVar[Role] = Role.OPERATOR
    list_fullwidth = True
    list_filter_sheet = True

    def get_queryset(self, request: CompanyRequest) -> models.QuerySet[Any]:
        return for_company(super().get_queryset(request), request.company)

    def get_exclude(self, request: CompanyRequest, obj: Any = None) -> list[str]:
        return [*(super().get_exclude(request, obj) or ()), "company"]

    def get_form(
        self, request: CompanyRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        made = super().get_form(request, obj, change, **kwargs)
        made.of_company = request.company  # The class was made for this request.
        return made

    def get_list_filter(self, request: CompanyRequest) -> list[Any]:
        """A filter by reference offers what the company's own rows refer to, and no others."""
        return [self._walled_filter(entry) for entry in super().get_list_filter(request)]

    def _walled_filter(self, entry: Any) -> Any:
        if not isinstance(entry, str) or "__" in entry:
            return entry
        field = self.model._meta.get_field(entry)
        is_walled = field.is_relation and has_company(field.related_model)
        return (entry, RelatedOnlyFieldListFilter) if is_walled else entry

    def message_user(
        self, request: CompanyRequest, message: Any, *args: Any, **kwargs: Any
    ) -> None:
        """Django's sentences, without the word that says nothing."""
        text = conditional_escape(message).replace(" successfully", "")
        super().message_user(request, mark_safe(text), *args, **kwargs)

    def has_view_permission(self, request: CompanyRequest, obj: Any = None) -> bool:
        return self._may(request, obj, self.view_role)

    def has_add_permission(self, request: CompanyRequest) -> bool:
        return self._may(request, None, self.change_role)

    def has_change_permission(self, request: CompanyRequest, obj: Any = None) -> bool:
        return self._may(request, obj, self.change_role)

    def has_delete_permission(self, request: CompanyRequest, obj: Any = None) -> bool:
        return self._may(request, obj, self.change_role)

    def has_module_permission(self, request: CompanyRequest) -> bool:
        return self.has_view_permission(request)

    def _may(self, request: CompanyRequest, obj: Any, role: Role) -> bool:
        company = request.company
        is_foreign = obj is not None and obj.pk is not None and obj.company != company
        return not is_foreign and may(request.user, company, role)


class WalledTabularInline(Walled, TabularInline):
    """Rows inside a walled form; who may change the parent may change them."""

    extra = 0

    def has_view_permission(self, request: CompanyRequest, obj: Any = None) -> bool:
        return may(request.user, request.company, Role.VIEWER)

    def has_add_permission(self, request: CompanyRequest, obj: Any = None) -> bool:
        return may(request.user, request.company, Role.OPERATOR)

    def has_change_permission(self, request: CompanyRequest, obj: Any = None) -> bool:
        return may(request.user, request.company, Role.OPERATOR)

    def has_delete_permission(self, request: CompanyRequest, obj: Any = None) -> bool:
        return may(request.user, request.company, Role.OPERATOR)
