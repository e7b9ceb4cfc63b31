"""The pages of companies, people and what they did."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from companies.models import AuditEntry, Company, Membership, Role
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def administrator(company: Company, client: Client) -> Client:
    client.force_login(factories.member(company=company, role=Role.ADMINISTRATOR, username="adam"))
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)


NEW = {
    "username": "nora",
    "usable_password": "true",
    "password1": "a quiet harbor 9",
    "password2": "a quiet harbor 9",
}


def test_a_superuser_makes_an_account_with_a_role_in_a_company(
    client: Client, company: Company
) -> None:
    client.force_login(factories.user(is_superuser=True))
    rows = {
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-company": company.pk,
        "memberships-0-role": Role.ACCOUNTANT,
    }
    assert client.get(url("auth_user_add")).status_code == 200
    assert client.post(url("auth_user_add"), NEW | rows).status_code == 302
    person = User.objects.get(username="nora")
    assert (person.is_staff, person.is_superuser) == (True, False)
    assert person.check_password("a quiet harbor 9")
    assert person.memberships.get().role == Role.ACCOUNTANT
    assert client.get(url("auth_user_change", person.pk)).status_code == 200
    assert AuditEntry.objects.get().action == "user.create"


def test_the_accounts_of_the_installation_are_for_superusers(
    administrator: Client, company: Company
) -> None:
    colleague = factories.member(company=company)
    for page in ("auth_user_changelist", "auth_user_add"):
        assert administrator.get(url(page)).status_code == 403, page
    for page in ("auth_user_change", "auth_user_password_change", "auth_user_delete"):
        assert administrator.get(url(page, colleague.pk)).status_code == 403, page


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.ACCOUNTANT])
def test_lesser_roles_see_neither_accounts_nor_companies(
    client: Client, company: Company, role: Role
) -> None:
    client.force_login(factories.member(company=company, role=role))
    for name in ("auth_user", "auth_group", "companies_company"):
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
    values["time_zone"] = "Mars/Base"
    refused = administrator.post(url("companies_company_change", company.pk), values)
    assert "time_zone" in refused.context["adminform"].form.errors
    assert administrator.get(url("companies_company_add")).status_code == 403
    assert administrator.post(url("companies_company_delete", company.pk)).status_code == 403


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
    with pytest.raises(CommandError, match="no such time zone"):
        call_command("createcompany", "X", time_zone="Mars/Base", stdout=StringIO())
    with pytest.raises(CommandError, match="needs a name"):
        call_command("createcompany", "  ", stdout=StringIO())
