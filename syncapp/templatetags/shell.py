"""What the shell's account menu needs to know of the person."""

from __future__ import annotations

from django import template
from django.http import HttpRequest

from companies import walls
from companies.models import Company
from companies.roles import memberships_of

register = template.Library()


@register.simple_tag
def companies_of(request: HttpRequest) -> list[Company]:
    """The companies this person may switch to; those of a member are known already."""
    if request.user.is_superuser:
        return list(walls.companies_of(request.user))
    return [membership.company for membership in memberships_of(request.user).values()]
