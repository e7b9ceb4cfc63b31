"""The walls between companies: the querysets that every other app builds on."""

from __future__ import annotations

from typing import TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest

from companies.models import Company
from companies.roles import Person, memberships_of

M = TypeVar("M", bound=models.Model)


class CompanyRequest(HttpRequest):
    """A request that has passed the middleware: it knows which company it is about."""

    company: Company | None


def for_company(queryset: models.QuerySet[M], company: Company | None) -> models.QuerySet[M]:
    """The rows of one company; none without a company."""
    return queryset.none() if company is None else queryset.filter(company=company)


def visible(queryset: models.QuerySet[M], user: Person) -> models.QuerySet[M]:
    """The rows of all companies the user belongs to."""
    if not user.is_active:
        return queryset.none()
    if user.is_superuser:
        return queryset
    return queryset.filter(company__in=list(memberships_of(user)))


def companies_of(user: Person) -> models.QuerySet[Company]:
    """Those the user may switch to, by name."""
    companies = Company.objects.order_by("name", "pk")
    if user.is_superuser and user.is_active:
        return companies
    return companies.filter(pk__in=list(memberships_of(user)))


def has_company(model: type[models.Model]) -> bool:
    """Whether the rows of the model belong to a company each."""
    try:
        return model._meta.get_field("company").related_model is Company
    except FieldDoesNotExist:
        return False
