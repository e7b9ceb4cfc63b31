"""Alerts, people and the audit log: the main thing a person does on each page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from companies.models import Membership, Role
from jobs.models import Alert
from tests.browser import demo
from tests.browser.conftest import Opener

LogIn = Callable[..., None]
PASSWORD = "a quiet harbor 9"

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_person_is_invited_and_begins(open_page: Opener, log_in: LogIn, live_server) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    page.get_by_role("link", name="People", exact=True).click()
    page.get_by_label("E-mail address or user name").fill("nora@northwind.example")
    page.get_by_label("Role", exact=True).select_option("accountant")
    page.get_by_role("button", name="Add", exact=True).click()
    link = page.locator("code").inner_text()

    nora = open_page()
    nora.goto(live_server.url + link[link.index("/set-password/") :])
    nora.get_by_label("New password", exact=True).fill(PASSWORD)
    nora.get_by_label("New password confirmation").fill(PASSWORD)
    nora.get_by_role("button", name="Set the password").click()
    log_in(nora, "nora@northwind.example", PASSWORD)
    expect(nora.get_by_role("heading", level=1)).to_contain_text("Sync Jobs")


def test_a_role_is_changed_in_the_row(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page(script=False)
    log_in(page)
    page.goto("/people/")
    page.get_by_label("Role of Steven Buchanan", exact=True).select_option("operator")
    page.get_by_role("button", name="Save the role of Steven Buchanan").click()
    expect(page.get_by_text("Steven Buchanan has a new role.")).to_be_visible()
    assert Membership.objects.get(user__username="steven").role == Role.OPERATOR


def test_the_audit_log_is_filtered_while_it_is_shown(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    page.get_by_role("link", name="Audit log").click()
    expect(page.get_by_text("Added Andrew Fuller as accountant")).to_be_visible()
    page.get_by_label("Action", exact=True).select_option("connection.pause")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_text("Paused Northwind Traders Inc.: Month end")).to_be_visible()


def test_a_person_chooses_what_to_be_told(open_page: Opener, log_in: LogIn) -> None:
    demo.fill()
    page = open_page()
    log_in(page)
    page.get_by_role("link", name="Alerts", exact=True).click()
    expect(page.get_by_text("14 invoices: the books are closed")).to_be_visible()
    page.get_by_label("When records need a person").uncheck()
    page.get_by_label("When no Sync Job has finished").fill("12")
    page.get_by_label("Send a webhook to").fill("http://127.0.0.1:9/hook")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It is shown only now")).to_be_visible()
    alert = Alert.objects.get()
    assert (alert.about_errors, alert.hours_without_success) == (False, 12)
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("A test went to nancy@northwind.example.")).to_be_visible()
    expect(page.get_by_text("Webhook: The server could not be reached.")).to_be_visible()
