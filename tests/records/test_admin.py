"""The pages of the records: saving, totals, issuing, voiding, deleting, and stale forms."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from companies.models import Company, Role
from records import panels
from records.models import (
    RECORD_MODELS,
    BillLine,
    Customer,
    Invoice,
    InvoiceLine,
    Payment,
    Status,
)
from syncqueue.models import SyncQueueItem
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return factories.company(currency="EUR")


@pytest.fixture
def operator(company: Company, client: Client) -> Client:
    client.force_login(factories.member(company=company, username="Olga"))
    return client


def address(record: Any, page: str = "change") -> str:
    return reverse(f"admin:records_{record._meta.model_name}_{page}", args=[record.pk])


def opened(client: Client, url: str) -> dict[str, str]:
    """What a browser would send if the form were saved as it is."""
    response = client.get(url)
    assert response.status_code == 200
    forms = [response.context["adminform"].form]
    values: dict[str, str] = {}
    for formset in response.context["inline_admin_formsets"]:
        forms += [formset.formset.management_form, *formset.formset.forms]
    for form in forms:
        for name, field in form.fields.items():
            value = form[name].value()
            if value is True:
                values[form.add_prefix(name)] = "on"
            elif value is not None and value is not False:
                values[form.add_prefix(name)] = str(field.prepare_value(value))
    # The hidden versions are in the page, or they would not come back.
    for name in values:
        if name.endswith("version"):
            assert f'name="{name}"' in response.content.decode()
    return values


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.parametrize("record_type", RECORD_MODELS)
def test_each_type_has_its_list_and_its_page(
    operator: Client, company: Company, record_type: str
) -> None:
    record = getattr(factories, record_type, factories.bill)(company=company)
    listed = operator.get(reverse(f"admin:records_{record._meta.model_name}_changelist"))
    assert str(record) in text(listed)
    assert operator.get(address(record)).status_code == 200


@pytest.mark.parametrize("record_type", ["account", "tax_code", "payment_term", "payment_method"])
def test_what_comes_from_accounting_cannot_be_changed_here(
    operator: Client, company: Company, record_type: str
) -> None:
    record = getattr(factories, record_type)(company=company)
    add = reverse(f"admin:records_{record._meta.model_name}_add")
    assert operator.get(add).status_code == 403
    assert operator.post(address(record), {"name": "Mine"}).status_code == 403
    assert operator.post(address(record, "delete"), {"post": "yes"}).status_code == 403


def test_a_customer_is_added_to_the_company_of_the_request(
    operator: Client, company: Company
) -> None:
    page = operator.get(reverse("admin:records_customer_add"))
    assert page.context["adminform"].form["currency"].value() == "EUR"
    values = {"name": "New", "currency": "EUR", "is_active": "on"}
    operator.post(reverse("admin:records_customer_add"), values)
    assert Customer.objects.get().company == company
    assert Customer.objects.get().external_ref is None


def test_a_reference_is_unique_in_its_company_only(operator: Client, company: Company) -> None:
    factories.customer(company=factories.company(), external_ref="K1")
    values = {"name": "New", "currency": "EUR", "external_ref": "K1"}
    operator.post(reverse("admin:records_customer_add"), values)
    again = operator.post(reverse("admin:records_customer_add"), values)
    assert "already exists" in text(again)
    assert Customer.objects.filter(company=company).count() == 1


def test_a_form_writes_only_what_was_changed(operator: Client, company: Company) -> None:
    customer = factories.customer(company=company, name="A", city="Berlin")
    values = opened(operator, address(customer)) | {"name": "B"}
    with CaptureQueriesContext(connection) as queries:
        operator.post(address(customer), values)
    update = next(q["sql"] for q in queries if 'UPDATE "records_customer"' in q["sql"])
    assert re.findall(r'"(\w+)" =', update.partition("WHERE")[0]) == ["updated_at", "name"]
    assert Customer.objects.get().name == "B"


def test_the_change_is_queued_for_the_person(operator: Client, company: Company) -> None:
    factories.connection(company=company)
    customer = factories.customer(company=company, name="A")
    operator.post(address(customer), opened(operator, address(customer)) | {"name": "B"})
    item = SyncQueueItem.objects.get()
    assert item.changed_by is not None
    assert (item.changed_by.username, item.origin, item.generation) == ("Olga", "web", 2)


# -- documents -----------------------------------------------------------------------------------


def new_invoice(company: Company, lines: list[dict[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "number": "2001",
        "customer": factories.customer(company=company).pk,
        "date": "2026-03-01",
        "currency": "EUR",
        "lines-TOTAL_FORMS": len(lines),
        "lines-INITIAL_FORMS": 0,
    }
    for n, line in enumerate(lines):
        values |= {f"lines-{n}-{name}": value for name, value in line.items()}
    return values


def test_a_new_invoice_is_a_draft_with_numbered_lines_and_a_total(
    operator: Client, company: Company
) -> None:
    factories.connection(company=company)
    item = factories.item(company=company, name="Lamp", unit_price=Decimal("9.515"))
    values = new_invoice(
        company,
        [
            {"item": item.pk, "quantity": "3"},
            {"description": "By hand", "quantity": "", "unit_price": "4"},
        ],
    )
    response = operator.post(reverse("admin:records_invoice_add"), values)
    assert response.status_code == 302
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.total) == (Status.DRAFT, Decimal("32.55"))
    lines = [(ln.position, ln.description, ln.amount) for ln in invoice.lines.order_by("position")]
    assert lines == [(1, "Lamp", Decimal("28.55")), (2, "By hand", Decimal(4))]
    assert not SyncQueueItem.objects.filter(record_type="invoice").exists()


def test_the_next_number_is_proposed(operator: Client, company: Company) -> None:
    factories.invoice(company=company, number="2041")
    page = operator.get(reverse("admin:records_invoice_add"))
    assert page.context["adminform"].form["number"].value() == "2042"


def test_lines_are_changed_added_and_removed_and_the_total_follows(
    operator: Client, company: Company
) -> None:
    invoice = factories.invoice(
        company=company, lines=[{"unit_price": Decimal(10)}, {"unit_price": Decimal(5)}]
    )
    values = opened(operator, address(invoice)) | {
        "lines-TOTAL_FORMS": "3",
        "lines-0-DELETE": "on",
        "lines-1-quantity": "2",
        "lines-2-description": "More",
        "lines-2-unit_price": "1.5",
    }
    assert operator.post(address(invoice), values).status_code == 302
    lines = invoice.lines.order_by("position")
    assert [(ln.position, ln.amount) for ln in lines] == [(2, Decimal(10)), (3, Decimal("1.5"))]
    assert Invoice.objects.get().total == Decimal("11.50")


def test_another_currency_rounds_the_lines_anew(operator: Client, company: Company) -> None:
    invoice = factories.invoice(
        company=company, currency="EUR", lines=[{"unit_price": Decimal("10.40")}]
    )
    operator.post(address(invoice), opened(operator, address(invoice)) | {"currency": "JPY"})
    assert Invoice.objects.get().total == Decimal(10)


def test_a_bill_line_takes_the_cost_of_its_item(operator: Client, company: Company) -> None:
    item = factories.item(company=company, unit_cost=Decimal("4.25"))
    bill = factories.bill(company=company, lines=[])
    values = opened(operator, address(bill)) | {
        "lines-TOTAL_FORMS": "1",
        "lines-0-item": item.pk,
        "lines-0-quantity": "2",
    }
    assert operator.post(address(bill), values).status_code == 302
    assert BillLine.objects.get().amount == Decimal("8.50")


def test_save_and_issue_issues_with_what_was_just_entered(
    operator: Client, company: Company
) -> None:
    factories.connection(company=company)
    invoice = factories.invoice(company=company, status=Status.DRAFT, lines=[])
    assert "Save and issue" in text(operator.get(address(invoice)))
    values = opened(operator, address(invoice)) | {
        "lines-TOTAL_FORMS": "1",
        "lines-0-description": "Work",
        "lines-0-unit_price": "12",
        "records_invoice_issue_now": "1",
    }
    operator.post(address(invoice), values)
    assert Invoice.objects.get().status == Status.ISSUED
    item = SyncQueueItem.objects.get(record_type="invoice")
    assert (item.operation, item.generation, item.amount) == ("create", 1, Decimal(12))


def test_a_document_without_lines_is_not_issued(operator: Client, company: Company) -> None:
    invoice = factories.invoice(company=company, status=Status.DRAFT, lines=[])
    values = opened(operator, address(invoice)) | {"records_invoice_issue_now": "1"}
    answer = operator.post(address(invoice), values, follow=True)
    assert "Add lines and issue it again." in text(answer)
    assert Invoice.objects.get().status == Status.DRAFT


def test_drafts_are_issued_from_the_list(operator: Client, company: Company) -> None:
    drafts = [factories.invoice(company=company, status=Status.DRAFT) for _ in range(3)]
    values = {"action": "issue_selected", ACTION_CHECKBOX_NAME: [draft.pk for draft in drafts]}
    answer = operator.post(reverse("admin:records_invoice_changelist"), values, follow=True)
    assert "3 are issued." in text(answer)
    assert set(Invoice.objects.values_list("status", flat=True)) == {Status.ISSUED}


def test_voiding_from_the_list_asks_first(operator: Client, company: Company) -> None:
    invoice = factories.invoice(company=company)
    draft = factories.invoice(company=company, status=Status.DRAFT)
    url = reverse("admin:records_invoice_changelist")
    values = {"action": "void_selected", ACTION_CHECKBOX_NAME: [invoice.pk, draft.pk]}
    asked = operator.post(url, values)
    assert "This cannot be undone" in text(asked)
    assert Invoice.objects.filter(status=Status.VOIDED).count() == 0
    operator.post(url, values | {"confirmed": "yes"})
    assert Invoice.objects.get(pk=invoice.pk).status == Status.VOIDED
    assert Invoice.objects.get(pk=draft.pk).status == Status.DRAFT


def test_voiding_one_asks_first_and_is_then_for_good(operator: Client, company: Company) -> None:
    invoice = factories.invoice(company=company)
    url = f"{address(invoice).removesuffix('change/')}void/"
    assert url in operator.get(address(invoice)).content.decode()
    assert "This cannot be undone" in text(operator.get(url))
    assert Invoice.objects.get().status == Status.ISSUED
    operator.post(url, {"confirmed": "yes"})
    assert Invoice.objects.get().status == Status.VOIDED
    assert operator.post(address(invoice), {"number": "7"}).status_code == 403
    assert "Save" not in text(operator.get(address(invoice))).split("Voided")[-1]


def test_a_payment_settles_invoices_of_its_own_customer_up_to_its_amount(
    operator: Client, company: Company
) -> None:
    invoice = factories.invoice(company=company)
    others = factories.invoice(company=company)
    payment = factories.payment(company=company, customer=invoice.customer, amount=Decimal(8))
    values = opened(operator, address(payment)) | {
        "applications-TOTAL_FORMS": "1",
        "applications-0-invoice": others.pk,
        "applications-0-amount": "5",
    }
    assert "is another customer’s" in text(operator.post(address(payment), values))
    values["applications-0-invoice"] = invoice.pk
    values["applications-0-amount"] = "9"
    assert "but the payment is only 8" in text(operator.post(address(payment), values))
    values["applications-0-amount"] = "8"
    assert operator.post(address(payment), values).status_code == 302
    assert Payment.objects.get().applications.get().amount == 8


# -- stale forms ---------------------------------------------------------------------------------


def test_a_stale_form_is_shown_again_with_both_values_and_nothing_is_lost(
    operator: Client, company: Company
) -> None:
    customer = factories.customer(company=company, name="A", city="Berlin", phone="1")
    values = opened(operator, address(customer)) | {"name": "Mine", "email": "m@example.com"}
    Customer.objects.update(name="Theirs", city="Paris")
    shown = operator.post(address(customer), values)
    assert shown.status_code == 200
    assert "Somebody else has changed this while you had it open." in text(shown)
    assert "Meanwhile somebody changed this to “Theirs”." in text(shown)
    assert "Somebody changed this to what it shows now." in text(shown)
    form = shown.context["adminform"].form
    assert (form["name"].value(), form["city"].value()) == ("Mine", "Paris")
    assert form["email"].value() == "m@example.com"
    assert Customer.objects.get().name == "Theirs"
    again = {name: form[name].value() or "" for name in form.fields}
    operator.post(address(customer), again)
    saved = Customer.objects.get()
    assert (saved.name, saved.city, saved.email) == ("Mine", "Paris", "m@example.com")


def test_what_an_import_brings_up_to_date_makes_no_form_stale(
    operator: Client, company: Company
) -> None:
    customer = factories.customer(company=company, name="A")
    values = opened(operator, address(customer)) | {"name": "B"}
    Customer.objects.update(balance=Decimal(17), updated_at=datetime.datetime.now(datetime.UTC))
    assert operator.post(address(customer), values).status_code == 302
    saved = Customer.objects.get()
    assert (saved.name, saved.balance) == ("B", Decimal(17))


def test_both_changing_a_field_to_the_same_is_no_conflict(
    operator: Client, company: Company
) -> None:
    customer = factories.customer(company=company, name="A")
    values = opened(operator, address(customer)) | {"name": "B"}
    Customer.objects.update(name="B")
    assert operator.post(address(customer), values).status_code == 302


def test_a_stale_line_is_shown_again_with_both_values(operator: Client, company: Company) -> None:
    invoice = factories.invoice(company=company, lines=[{"unit_price": Decimal(10)}])
    values = opened(operator, address(invoice)) | {"lines-0-unit_price": "11"}
    InvoiceLine.objects.update(unit_price=Decimal(12), description="Theirs")
    shown = operator.post(address(invoice), values)
    assert "Meanwhile somebody changed this to “12" in text(shown)
    form = shown.context["inline_admin_formsets"][0].formset.forms[0]
    assert (form["unit_price"].value(), form["description"].value()) == ("11", "Theirs")
    assert InvoiceLine.objects.get().unit_price == 12


def test_a_line_that_somebody_removed_meanwhile_is_named_and_nothing_is_lost(
    operator: Client, company: Company
) -> None:
    invoice = factories.invoice(company=company, memo="")
    values = opened(operator, address(invoice)) | {"lines-0-description": "Mine", "memo": "M"}
    InvoiceLine.objects.all().delete()
    shown = operator.post(address(invoice), values)
    assert shown.status_code == 200
    assert "Somebody has removed this line meanwhile. It is the last one now" in text(shown)
    assert shown.context["adminform"].form["memo"].value() == "M"
    formset = shown.context["inline_admin_formsets"][0].formset
    again = values | {
        "lines-INITIAL_FORMS": formset.management_form["INITIAL_FORMS"].value(),
        "lines-0-id": "",
        "lines-0-version": "",
    }
    assert formset.forms[0]["description"].value() == "Mine"
    assert operator.post(address(invoice), again).status_code == 302
    assert InvoiceLine.objects.get().description == "Mine"
    assert Invoice.objects.get().memo == "M"


def test_a_line_that_both_removed_is_gone(operator: Client, company: Company) -> None:
    lines = [{"unit_price": Decimal(1)}, {"unit_price": Decimal(2)}, {"unit_price": Decimal(3)}]
    invoice = factories.invoice(company=company, lines=lines)
    values = opened(operator, address(invoice)) | {
        "lines-TOTAL_FORMS": "4",
        "lines-0-DELETE": "on",
        "lines-1-unit_price": "20",
        "lines-3-unit_price": "4",
    }
    InvoiceLine.objects.filter(position=1).delete()
    assert operator.post(address(invoice), values).status_code == 302
    prices = invoice.lines.order_by("position").values_list("unit_price", flat=True)
    assert list(prices) == [Decimal(20), Decimal(3), Decimal(4)]


def test_messages_go_without_empty_words(operator: Client, company: Company) -> None:
    customer = factories.customer(company=company, name="<A & B>")
    values = opened(operator, address(customer)) | {"phone": "1"}
    saved = operator.post(address(customer), values, follow=True).content.decode()
    assert "&lt;A &amp; B&gt;</a>” was changed." in saved
    assert "successfully" not in saved


# -- deleting ------------------------------------------------------------------------------------


def test_deleting_keeps_the_row_hides_it_and_is_queued(operator: Client, company: Company) -> None:
    factories.connection(company=company)
    customer = factories.customer(company=company, name="Gone Ltd")
    operator.post(address(customer, "delete"), {"post": "yes"})
    assert Customer.objects.get().deleted_at is not None
    assert SyncQueueItem.objects.get().operation == "delete"
    assert operator.get(address(customer)).status_code == 302
    listed = operator.get(reverse("admin:records_customer_changelist"))
    assert "Gone Ltd" not in text(listed).replace("Gone Ltd” was deleted", "")


def test_records_are_deleted_from_the_list(operator: Client, company: Company) -> None:
    people = [factories.customer(company=company) for _ in range(2)]
    values = {
        "action": "delete_selected",
        ACTION_CHECKBOX_NAME: [customer.pk for customer in people],
        "post": "yes",
    }
    operator.post(reverse("admin:records_customer_changelist"), values)
    assert Customer.objects.filter(deleted_at=None).count() == 0
    assert Customer.objects.count() == 2


def test_what_is_still_used_is_not_deleted(operator: Client, company: Company) -> None:
    invoice = factories.invoice(company=company, number="4711")
    assert "invoice 4711" in text(operator.get(address(invoice.customer, "delete")))
    operator.post(address(invoice.customer, "delete"), {"post": "yes"})
    assert Customer.objects.get().deleted_at is None
    invoice.mark_deleted()
    operator.post(address(invoice.customer, "delete"), {"post": "yes"})
    assert Customer.objects.get().deleted_at is not None


# -- roles and the rest --------------------------------------------------------------------------


def test_a_viewer_may_look_and_nothing_else(client: Client, company: Company) -> None:
    client.force_login(factories.member(company=company, role=Role.VIEWER))
    invoice = factories.invoice(company=company)
    assert client.get(address(invoice)).status_code == 200
    assert client.get(reverse("admin:records_invoice_add")).status_code == 403
    assert client.post(address(invoice), {"number": "7"}).status_code == 403
    assert client.post(address(invoice, "delete"), {"post": "yes"}).status_code == 403
    void = f"{address(invoice).removesuffix('change/')}void/"
    assert client.post(void, {"confirmed": "yes"}).status_code == 403
    values = {"action": "issue_selected", ACTION_CHECKBOX_NAME: [invoice.pk]}
    client.post(reverse("admin:records_invoice_changelist"), values)
    assert Invoice.objects.get().status == Status.ISSUED


def test_other_apps_add_panels_to_the_page_of_a_record(
    operator: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panels, "_PANELS", [])
    shown = panels.Shown(above="What stands above <b>", below="What stands below")
    panels.add_panel(lambda request, record: shown if request.company == company else None)
    panels.add_panel(lambda request, record: None)
    customer = factories.customer(company=company, name="A")
    page = operator.get(address(customer))
    assert page.context["record_panels"] == [shown]
    _above, below = page.content.decode().split("What stands above &lt;b&gt;")
    assert "<form" in below.split("What stands below")[0]


@pytest.mark.parametrize("model", ["customer", "item", "invoice", "payment", "bill"])
def test_a_list_asks_no_more_for_more_rows(operator: Client, company: Company, model: str) -> None:
    url = reverse(f"admin:records_{model}_changelist")
    make = getattr(factories, model)
    asked = []
    for number in (2, 8):
        for _ in range(number):
            make(company=company)
        with CaptureQueriesContext(connection) as queries:
            operator.get(url)
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 12
