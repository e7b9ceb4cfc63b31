"""The people of a company: invited, given roles, removed; never without an administrator."""

from __future__ import annotations

import re
import threading

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import connection as database
from django.test import Client
from django.urls import reverse

from companies import people
from companies.models import AuditEntry, Company, Membership, Role
from tests import factories

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet harbor 9"


@pytest.fixture
def company() -> Company:
    return factories.company(name="Northwind")


@pytest.fixture
def adam(company: Company) -> User:
    return factories.member(company=company, role=Role.ADMINISTRATOR, username="adam")


@pytest.fixture
def browser(client: Client, adam: User) -> Client:
    client.force_login(adam)
    return client


def invite(browser: Client, who: str, role: Role = Role.OPERATOR, **more: str) -> str:
    values = {"who": who, "role": role, **more}
    return browser.post(reverse("people"), values, follow=True).content.decode()


def link_in(text: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/set-password/\S+/)", text)
    assert found, text
    return found.group(1)


def choose_password(address: str) -> Client:
    """As the invited person: who is not logged in."""
    other = Client()
    shown = other.get(address, follow=True)
    assert shown.status_code == 200
    form = shown.redirect_chain[-1][0]
    answer = other.post(form, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert answer.status_code == 302
    return other


def test_a_new_address_gets_an_account_and_a_link_to_choose_a_password(
    browser: Client, company: Company, settings
) -> None:
    settings.HAS_MAIL_SERVER = False
    said = invite(browser, "nora@northwind.example", Role.ACCOUNTANT)
    nora = User.objects.get(email="nora@northwind.example")
    assert not nora.has_usable_password()
    assert nora.memberships.get().role == Role.ACCOUNTANT
    assert mail.outbox == []

    address = link_in(said.replace("</code>", " "))
    choose_password(address)

    assert Client().login(username="nora@northwind.example", password=PASSWORD)
    assert Client().get(address).status_code == 404  # It works once.
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target) == ("membership.create", "nora@northwind.example")
    assert entry.detail == {"role": "accountant", "may_see_bodies": False}


def test_with_a_mail_server_the_link_goes_to_the_person_only(browser: Client, settings) -> None:
    settings.HAS_MAIL_SERVER = True
    said = invite(browser, "nora@northwind.example")
    assert "/set-password/" not in said
    assert "An e-mail with a link went to nora@northwind.example." in said
    [message] = mail.outbox
    assert message.to == ["nora@northwind.example"]
    choose_password(link_in(message.body))


def test_a_mail_server_that_is_down_leaves_the_link_to_hand_over(browser: Client, settings) -> None:
    settings.HAS_MAIL_SERVER = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert "/set-password/" in invite(browser, "nora@northwind.example")


@pytest.mark.parametrize("who", ["otto", "otto@elsewhere.example", "OTTO@elsewhere.example"])
def test_who_has_an_account_is_added_without_a_new_one(
    browser: Client, company: Company, who: str
) -> None:
    otto = factories.user(username="otto", email="otto@elsewhere.example")
    said = invite(browser, who, Role.VIEWER, may_see_bodies="on")
    assert "belongs to the company now" in said
    assert "/set-password/" not in said
    membership = otto.memberships.get()
    assert (membership.company, membership.may_see_bodies) == (company, True)
    otto.refresh_from_db()
    assert otto.check_password("open sesame")


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("nobody", "Nobody has the user name"),
        ("adam", "belongs to this company already"),
        ("two@x.example", "Several people have this address"),
        ("off@x.example", "is switched off"),
        ("a@b", "is no e-mail address"),
    ],
)
def test_who_cannot_be_added_is_refused_with_a_sentence(
    browser: Client, who: str, why: str
) -> None:
    for number in range(2):
        factories.user(username=f"twin{number}", email="two@x.example")
    factories.user(email="off@x.example", is_active=False)
    count = User.objects.count()
    assert why in invite(browser, who)
    assert User.objects.count() == count
    assert Membership.objects.count() == 1


def test_a_role_is_changed(browser: Client, company: Company) -> None:
    colin = factories.member(company=company, username="colin")
    membership = colin.memberships.get()
    address = reverse("people-change", args=[membership.pk])
    browser.post(address, {"role": Role.ACCOUNTANT, "may_see_bodies": "on"})
    membership.refresh_from_db()
    assert (membership.role, membership.may_see_bodies) == (Role.ACCOUNTANT, True)
    assert AuditEntry.objects.get().target == "colin"
    browser.post(address, {"role": "emperor"})
    browser.post(address, {"role": Role.ACCOUNTANT, "may_see_bodies": "on"})
    membership.refresh_from_db()
    assert membership.role == Role.ACCOUNTANT
    assert AuditEntry.objects.count() == 1


def test_a_person_is_removed_after_a_question(browser: Client, company: Company) -> None:
    colin = factories.member(company=company, username="colin")
    address = reverse("people-remove", args=[colin.memberships.get().pk])
    assert "will no longer see anything of Northwind" in browser.get(address).content.decode()
    assert colin.memberships.exists()
    said = browser.post(address, follow=True).content.decode()
    assert "colin no longer belongs to Northwind." in said
    assert not colin.memberships.exists()
    assert User.objects.filter(username="colin").exists()


def test_the_last_administrator_stays(browser: Client, adam: User, company: Company) -> None:
    mine = adam.memberships.get().pk
    factories.member(company=company, role=Role.ADMINISTRATOR, is_active=False)
    for said in (
        browser.post(reverse("people-remove", args=[mine]), follow=True),
        browser.post(reverse("people-change", args=[mine]), {"role": Role.VIEWER}, follow=True),
    ):
        assert "is the last administrator" in said.content.decode()
    assert adam.memberships.get().role == Role.ADMINISTRATOR

    factories.member(company=company, role=Role.ADMINISTRATOR)
    browser.post(reverse("people-change", args=[mine]), {"role": Role.VIEWER})
    assert adam.memberships.get().role == Role.VIEWER


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_remove_each_other_at_once(adam: User, company: Company) -> None:
    anna = factories.member(company=company, role=Role.ADMINISTRATOR)
    start = threading.Barrier(2)
    refused: list[str] = []

    def remove(victim: User, by: User) -> None:
        membership = victim.memberships.get()
        start.wait()
        try:
            people.remove(membership=membership, by=by)
        except people.Refused as refusal:
            refused.append(str(refusal))
        finally:
            database.close()

    threads = [threading.Thread(target=remove, args=pair) for pair in ((adam, anna), (anna, adam))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(refused) == 1
    assert Membership.objects.filter(company=company, role=Role.ADMINISTRATOR).count() == 1


def test_a_new_link_is_not_for_who_has_other_doors_to_open(
    browser: Client, company: Company
) -> None:
    nora = factories.member(company=company, username="nora")
    said = browser.post(reverse("people-link", args=[nora.memberships.get().pk])).content.decode()
    choose_password(link_in(said.replace("</code>", " ")))
    nora.refresh_from_db()
    assert nora.check_password(PASSWORD)
    assert AuditEntry.objects.get().action == "user.link"

    both = factories.member(company=company, username="both")
    Membership.objects.create(user=both, company=factories.company())
    root = factories.member(company=company, username="root", is_superuser=True)
    for person in (both, root):
        key = person.memberships.get(company=company).pk
        said = browser.post(reverse("people-link", args=[key]), follow=True).content.decode()
        assert "/set-password/" not in said
        assert f'href="{reverse("people-link", args=[key])}"' not in said


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.ACCOUNTANT])
def test_people_are_for_administrators(client: Client, company: Company, role: Role) -> None:
    person = factories.member(company=company, role=role)
    client.force_login(person)
    key = person.memberships.get().pk
    assert client.get(reverse("people")).status_code == 403
    answer = client.post(reverse("people-change", args=[key]), {"role": Role.ADMINISTRATOR})
    assert answer.status_code == 403


def test_a_link_that_is_wrong_says_so(client: Client, adam: User) -> None:
    answer = client.get(reverse("set-password", args=["MQ", "abc-def"]))
    assert answer.status_code == 404
    assert "This link works no longer" in answer.content.decode()
