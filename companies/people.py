"""Who belongs to a company: invite, change the role, remove. The last administrator stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from companies.audit import audit
from companies.models import Company, Membership, Role


class Refused(Exception):
    """The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Invited:
    """`is_new`: the account was made for this, and needs a password before the first log-in."""

    membership: Membership
    is_new: bool


def members(company: Company) -> QuerySet[Membership]:
    rows = Membership.objects.filter(company=company).select_related("user", "company")
    return rows.order_by("user__last_name", "user__first_name", "user__username", "pk")


@transaction.atomic
def invite(*, company: Company, who: str, role: Role, may_see_bodies: bool, by: User) -> Invited:
    """Add the person with this user name or e-mail address; an unknown address gets an account.

    Raises Refused.
    """
    user, is_new = _found(who.strip())
    if not user.is_active:
        raise Refused(_("The account of %s is switched off.") % user)
    membership, is_added = Membership.objects.get_or_create(
        user=user, company=company, defaults={"role": role, "may_see_bodies": may_see_bodies}
    )
    if not is_added:
        raise Refused(_("%s belongs to this company already. Change the role below.") % name(user))
    if not user.is_staff:  # The pages are the admin's; what each may do comes from the roles.
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    audit(
        company=company,
        user=by,
        action="membership.create",
        target=name(user),
        role=role,
        may_see_bodies=may_see_bodies,
    )
    return Invited(membership, is_new)


@transaction.atomic
def change(*, membership: Membership, role: Role, may_see_bodies: bool, by: User) -> bool:
    """False if nothing is different. Raises Refused."""
    before = _locked(membership)
    if (before.role, before.may_see_bodies) == (role, may_see_bodies):
        return False
    if role != Role.ADMINISTRATOR:
        _refuse_last_administrator(before)
    before.role, before.may_see_bodies = role, may_see_bodies
    before.save(update_fields=["role", "may_see_bodies"])
    audit(
        company=before.company,
        user=by,
        action="membership.change",
        target=name(before.user),
        role=role,
        may_see_bodies=may_see_bodies,
    )
    return True


@transaction.atomic
def remove(*, membership: Membership, by: User) -> None:
    """The account stays: only this company is closed to it. Raises Refused."""
    present = _locked(membership)
    _refuse_last_administrator(present)
    audit(
        company=present.company,
        user=by,
        action="membership.delete",
        target=name(present.user),
        role=present.role,
    )
    present.delete()


def may_get_link(membership: Membership) -> bool:
    """Whether an administrator of this company may hand out a link that sets the password: not if
    it would open the doors of others."""
    user = membership.user
    if user.is_superuser or not user.is_active:
        return False
    return not user.memberships.exclude(company=membership.company_id).exists()


def with_other_companies(rows: Sequence[Membership]) -> set[int]:
    """The ids of those users who belong to another company as well; one query."""
    if not rows:
        return set()
    others = Membership.objects.filter(user__in=[row.user_id for row in rows])
    return set(others.exclude(company=rows[0].company_id).values_list("user_id", flat=True))


def note_link(*, membership: Membership, by: User) -> None:
    """Somebody got a new link to set the person's password."""
    audit(company=membership.company, user=by, action="user.link", target=name(membership.user))


def password_link(user: User) -> str:
    """Works once, for as long as PASSWORD_RESET_TIMEOUT says."""
    where = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("set-password", args=[where, default_token_generator.make_token(user)])
    return f"{settings.SITE_URL}{path}"


def name(user: User) -> str:
    return user.get_full_name() or user.username


def _found(who: str) -> tuple[User, bool]:
    by_name = User.objects.filter(username=who).first()
    if by_name:
        return by_name, False
    if "@" not in who:
        raise Refused(
            _("Nobody has the user name “%s”. To invite somebody new, enter an e-mail address.")
            % who
        )
    by_address = list(User.objects.filter(email__iexact=who).order_by("pk")[:2])
    if len(by_address) > 1:
        raise Refused(_("Several people have this address. Enter the user name."))
    return (by_address[0], False) if by_address else (_created(who), True)


def _created(address: str) -> User:
    try:
        validate_email(address)
    except ValidationError:
        raise Refused(_("“%s” is no e-mail address.") % address) from None
    return User.objects.create_user(address[:150], email=address, is_staff=True)


def _locked(membership: Membership) -> Membership:
    """All changes of a company's people wait for each other, or two administrators could remove
    each other at once."""
    Company.objects.select_for_update(no_key=True).get(pk=membership.company_id)
    return Membership.objects.select_related("user", "company").get(pk=membership.pk)


def _refuse_last_administrator(membership: Membership) -> None:
    others = Membership.objects.filter(
        company=membership.company, role=Role.ADMINISTRATOR, user__is_active=True
    ).exclude(pk=membership.pk)
    if membership.role == Role.ADMINISTRATOR and not others.exists():
        raise Refused(
            _("%s is the last administrator. Make somebody else one first.") % name(membership.user)
        )
