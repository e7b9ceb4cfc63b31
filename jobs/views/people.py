"""The members of the request's company, for what can be given to one of them."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import User

from companies.walls import CompanyRequest


def members(request: CompanyRequest) -> Sequence[User]:
    """By name; who left is not among them."""
    people = User.objects.filter(memberships__company=request.company, is_active=True)
    return list(people.order_by("first_name", "last_name", "username", "pk"))
