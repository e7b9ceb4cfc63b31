"""What a person may do in a company; views and admin pages ask here."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from companies.models import Company, Membership, Role

Person: TypeAlias = User | AnonymousUser
View: TypeAlias = Callable[..., HttpResponseBase]


def memberships_of(person: Person) -> Mapping[int, Membership]:
    """By company id. Read once for each user object, which lives as long as its request."""
    known: Mapping[int, Membership] | None = person.__dict__.get("_memberships")
    if known is None:
        rows = Membership.objects.none()
        if person.is_authenticated:
            rows = Membership.objects.filter(user_id=person.pk).select_related("company")
        known = {row.company_id: row for row in rows.order_by("company__name", "pk")}
        person.__dict__["_memberships"] = known
    return known


def role_in(person: Person, company: Company | None) -> Role | None:
    """None: the person does not belong to the company."""
    if company is None or not person.is_active:
        return None
    if person.is_superuser:
        return Role.ADMINISTRATOR
    membership = memberships_of(person).get(company.pk)
    return Role(membership.role) if membership else None


def may(person: Person, company: Company | None, role: Role) -> bool:
    own = role_in(person, company)
    return own is not None and own.covers(role)


def may_see_bodies(person: Person, company: Company | None) -> bool:
    """Whether the person may read what was sent and received, beyond the summaries."""
    if company is None or not person.is_active:
        return False
    if person.is_superuser:
        return True
    membership = memberships_of(person).get(company.pk)
    return membership is not None and membership.may_see_bodies


def requires(role: Role) -> Callable[[View], View]:
    """For views about the current company: who has a lesser role gets a page that says so."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            company: Company | None = getattr(request, "company", None)
            if not may(request.user, company, role):
                raise PermissionDenied(refusal(company, role))
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def refusal(company: Company | None, role: Role) -> str:
    if company is None:
        return _("You do not belong to a company yet. Ask an administrator to add you to one.")
    name = str(role.label).partition(":")[0]
    return _(
        "This needs the role “%(role)s” or higher in %(company)s. Ask an administrator for it."
    ) % {"role": name, "company": company}
