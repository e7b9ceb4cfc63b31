"""The pages of companies, people and what they did."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from companies.audit import audit
from companies.models import AuditEntry, Company, Membership, Role
from tests import factories

pytestmark = pytest.mark.django_db

NO_ROWS = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
NEW = {
    "username": "nora",
    "usable_password": "true",
    "password1": "a quiet harbor 9",
    "password2": "a quiet harbor 9",
}


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def administrator(company: Company, client: Client) -> Client:
    client.force_login(factories.member(company=company, role=Role.ADMINISTRATOR, username="adam"))
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)


def test_an_administrator_adds_a_person_who_can_log_in_and_joins_his_company(
    administrator: Client, company: Company
) -> None:
    assert administrator.get(url("auth_user_add")).status_code == 200
    answer = administrator.post(url("auth_user_add"), NEW | NO_ROWS)
    assert answer.status_code == 302
    person = User.objects.get(username="nora")
    assert (person.is_staff, person.is_superuser) == (True, False)
    assert person.check_password("a quiet harbor 9")
    membership = person.memberships.get()
    assert (membership.company, membership.role) == (company, Role.VIEWER)


def test_a_person_is_added_with_a_role(administrator: Client, company: Company) -> None:
    rows = {
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-company": company.pk,
        "memberships-0-role": Role.ACCOUNTANT,
    }
    administrator.post(url("auth_user_add"), NEW | rows)
    assert User.objects.get(username="nora").memberships.get().role == Role.ACCOUNTANT


def test_a_person_cannot_be_put_into_a_company_of_others(administrator: Client) -> None:
    foreign = factories.company()
    rows = {
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-company": foreign.pk,
        "memberships-0-role": Role.VIEWER,
    }
    administrator.post(url("auth_user_add"), NEW | rows)
    assert not foreign.memberships.exists()


def test_an_administrator_cannot_make_superusers(administrator: Client, company: Company) -> None:
    colleague = factories.member(company=company)
    change = url("auth_user_change", colleague.pk)
    assert "is_superuser" not in administrator.get(change).context["adminform"].form.fields
    membership = colleague.memberships.get()
    rows = {
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": membership.pk,
        "memberships-0-user": colleague.pk,
        "memberships-0-company": company.pk,
        "memberships-0-role": Role.OPERATOR,
    }
    values = {"username": "colin", "is_active": "on", "is_superuser": "on", "is_staff": "on"}
    assert administrator.post(change, values | rows).status_code == 302
    colleague.refresh_from_db()
    assert (colleague.username, colleague.is_superuser) == ("colin", False)


@pytest.mark.parametrize("kind", ["member elsewhere too", "superuser"])
def test_whose_password_would_open_other_doors_can_only_be_looked_at(
    administrator: Client, company: Company, kind: str
) -> None:
    person = factories.member(company=company, is_superuser=kind == "superuser")
    if kind == "member elsewhere too":
        Membership.objects.create(user=person, company=factories.company())
    assert administrator.get(url("auth_user_change", person.pk)).status_code == 200
    assert administrator.post(url("auth_user_change", person.pk), {}).status_code == 403
    password = url("auth_user_password_change", person.pk)
    assert administrator.get(password).status_code == 403
    # The role in the own company is another matter.
    change = url("companies_membership_change", person.memberships.get(company=company).pk)
    assert administrator.post(change, {"role": Role.ACCOUNTANT}).status_code == 302
    assert person.memberships.get(company=company).role == Role.ACCOUNTANT


def test_a_person_of_the_own_company_gets_a_new_password(
    administrator: Client, company: Company
) -> None:
    colleague = factories.member(company=company)
    values = {
        "usable_password": "true",
        "password1": "lake & pine 77",
        "password2": "lake & pine 77",
    }
    administrator.post(url("auth_user_password_change", colleague.pk), values)
    colleague.refresh_from_db()
    assert colleague.check_password("lake & pine 77")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.ACCOUNTANT])
def test_lesser_roles_see_neither_people_nor_companies(
    client: Client, company: Company, role: Role
) -> None:
    client.force_login(factories.member(company=company, role=role))
    pages = ["auth_user", "auth_group", "companies_company", "companies_membership"]
    for name in [*pages, "companies_auditentry"]:
        assert client.get(url(f"{name}_changelist")).status_code == 403, name


def test_an_administrator_sees_to_his_own_companies(
    administrator: Client, company: Company
) -> None:
    foreign = factories.company(name="Foreign Ltd")
    assert (
        "Foreign Ltd" not in administrator.get(url("companies_company_changelist")).content.decode()
    )
    values = {"name": "New name", "currency": "EUR", "time_zone": "Europe/Berlin"}
    administrator.post(url("companies_company_change", company.pk), values)
    administrator.post(url("companies_company_change", foreign.pk), values)
    company.refresh_from_db()
    foreign.refresh_from_db()
    assert (company.name, foreign.name) == ("New name", "Foreign Ltd")
    assert administrator.get(url("companies_company_add")).status_code == 403
    assert administrator.post(url("companies_company_delete", company.pk)).status_code == 403


def test_changes_of_memberships_are_in_the_audit_log(
    administrator: Client, company: Company
) -> None:
    colleague = factories.member(company=company, username="colin")
    membership = colleague.memberships.get()
    change = url("companies_membership_change", membership.pk)
    administrator.post(change, {"role": Role.VIEWER, "may_see_bodies": "on"})
    administrator.post(url("companies_membership_delete", membership.pk), {"post": "yes"})
    changed, deleted = AuditEntry.objects.order_by("pk")
    assert changed.user is not None
    assert (changed.action, changed.target, changed.user.username) == (
        "membership.change",
        "colin",
        "adam",
    )
    assert changed.detail == {"role": "viewer", "may_see_bodies": True}
    assert deleted.action == "membership.delete"
    listed = administrator.get(url("companies_auditentry_changelist")).content.decode()
    assert "membership.change" in listed


def test_nobody_writes_the_audit_log_by_hand(client: Client, company: Company) -> None:
    client.force_login(factories.user(is_superuser=True))
    entry = audit(company=company, user=None, action="test", target="x" * 300, count=3)
    assert (entry.target, entry.detail) == ("x" * 200, {"count": 3})
    assert client.get(url("companies_auditentry_add")).status_code == 403
    assert client.post(url("companies_auditentry_change", entry.pk), {}).status_code == 403
    assert client.post(url("companies_auditentry_delete", entry.pk)).status_code == 403


# -- the command ---------------------------------------------------------------------------------


def test_createcompany_makes_a_company_and_its_administrator() -> None:
    call_command("createcompany", "New Ltd", user="nora", password="x", stdout=StringIO())
    membership = Membership.objects.get()
    assert (membership.company.name, membership.role) == ("New Ltd", Role.ADMINISTRATOR)
    assert membership.user.is_staff
    assert membership.user.check_password("x")


def test_createcompany_takes_a_person_who_is_there() -> None:
    person = User.objects.create_user("nora", password="x")
    call_command("createcompany", "New Ltd", user="nora", stdout=StringIO())
    person.refresh_from_db()
    assert person.is_staff
    assert person.check_password("x")


def test_createcompany_refuses_a_name_that_is_taken(company: Company) -> None:
    with pytest.raises(CommandError, match="There is a company named"):
        call_command("createcompany", company.name, stdout=StringIO())
    with pytest.raises(CommandError, match="needs a name"):
        call_command("createcompany", "  ", stdout=StringIO())
