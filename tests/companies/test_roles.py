"""Who may do what, which company a request is about, and how that changes."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from companies.middleware import current_company
from companies.models import Company, Membership, Role
from companies.roles import may, may_see_bodies, requires, role_in
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return factories.company(name="Mine")


@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_what_those_before_it_may(company: Company, role: Role) -> None:
    person = factories.member(company=company, role=role)
    allowed = [wanted for wanted in Role if may(person, company, wanted)]
    assert allowed == list(Role)[: list(Role).index(role) + 1]


def test_a_role_counts_in_its_own_company_only(company: Company) -> None:
    person = factories.member(company=company, role=Role.ADMINISTRATOR)
    elsewhere = factories.company()
    assert role_in(person, elsewhere) is None
    assert not may(person, elsewhere, Role.VIEWER)
    assert not may(person, None, Role.VIEWER)


def test_superusers_may_everything_and_inactive_or_unknown_people_nothing(
    company: Company,
) -> None:
    root = factories.user(is_superuser=True)
    assert may(root, company, Role.ADMINISTRATOR)
    assert may_see_bodies(root, company)
    for nobody in (factories.user(is_superuser=True, is_active=False), AnonymousUser()):
        assert not may(nobody, company, Role.VIEWER)
        assert not may_see_bodies(nobody, company)


def test_seeing_bodies_is_a_right_of_its_own(company: Company) -> None:
    administrator = factories.member(company=company, role=Role.ADMINISTRATOR)
    viewer = factories.member(company=company, role=Role.VIEWER, may_see_bodies=True)
    assert not may_see_bodies(administrator, company)
    assert may_see_bodies(viewer, company)
    assert not may_see_bodies(viewer, factories.company())
    assert not may_see_bodies(viewer, None)


def test_a_view_that_requires_a_role_says_which(company: Company, rf: RequestFactory) -> None:
    @requires(Role.OPERATOR)
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("done")

    def ask(role: Role, about: Company | None) -> HttpResponse:
        request: Any = rf.get("/")
        request.user, request.company = factories.member(company=company, role=role), about
        return view(request)

    assert ask(Role.OPERATOR, company).content == b"done"
    with pytest.raises(PermissionDenied, match=r"needs the role “Operator” or higher in Mine\."):
        ask(Role.VIEWER, company)
    with pytest.raises(PermissionDenied, match="Ask an administrator to add you to one"):
        ask(Role.OPERATOR, None)


def test_the_page_that_says_no_is_a_page_of_ours(client: Client, company: Company) -> None:
    client.force_login(factories.member(company=company))
    answer = client.post(reverse("switch-company"), {"company": "999999"})
    assert answer.status_code == 403
    assert "<h1" in answer.content.decode()
    assert "Ask one of its administrators to add you." in answer.content.decode()


# -- the company of a request --------------------------------------------------------------------


def company_of(person: User | AnonymousUser, chosen: int | None = None) -> Company | None:
    request: Any = RequestFactory().get("/")
    request.user = person
    request.session = {"company_id": chosen} if chosen else {}
    current_company(lambda request: HttpResponse())(request)
    found: Company | None = request.company
    return found


def test_a_request_is_about_the_chosen_company_or_the_first_by_name(company: Company) -> None:
    person = factories.member(company=company)
    first = factories.company(name="Alpha")
    Membership.objects.create(user=person, company=first)
    assert company_of(person) == first
    assert company_of(User.objects.get(pk=person.pk), company.pk) == company


def test_a_choice_counts_no_longer_when_the_membership_has_ended(company: Company) -> None:
    person = factories.member(company=company)
    elsewhere = factories.company(name="Alpha")
    assert company_of(person, elsewhere.pk) == company
    assert company_of(factories.user(), company.pk) is None
    assert company_of(AnonymousUser(), company.pk) is None


def test_a_superuser_may_choose_any_company(company: Company) -> None:
    root = factories.user(is_superuser=True)
    factories.company(name="Alpha")
    assert company_of(root, company.pk) == company
    found = company_of(root)
    assert found is not None
    assert found.name == "Alpha"


def test_a_person_switches_between_his_companies_only(client: Client, company: Company) -> None:
    person = factories.member(company=company)
    other = factories.company(name="Alpha")
    foreign = factories.company()
    Membership.objects.create(user=person, company=other)
    client.force_login(person)
    url = reverse("switch-company")
    answer = client.post(url, {"company": company.pk, "next": "/jobs/"})
    assert (answer.status_code, answer["Location"]) == (302, "/jobs/")
    assert client.session["company_id"] == company.pk
    for wrong in (foreign.pk, "", "x", "1; DROP"):
        assert client.post(url, {"company": wrong}).status_code == 403
    assert client.session["company_id"] == company.pk
    assert client.get(url).status_code == 405


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_switching_never_leads_away_from_here(
    client: Client, company: Company, target: str
) -> None:
    client.force_login(factories.member(company=company))
    answer = client.post(reverse("switch-company"), {"company": company.pk, "next": target})
    assert answer["Location"] == "/"
