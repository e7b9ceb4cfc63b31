"""A person of one company sees nothing of another: by any URL, choice list, search or export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import ForeignKey, Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from companies.models import Company, Role
from companies.walled_admin import Walled, WalledModelAdmin
from companies.walls import companies_of, for_company, has_company, visible
from connectors.models import Match
from records.models import RECORD_MODELS, Customer
from tests import factories

pytestmark = pytest.mark.django_db

WALLED = [model for model in admin.site._registry if has_company(model)]
SECRET = "Secret Sauce"


@pytest.fixture
def mine() -> Company:
    return factories.company()


@pytest.fixture
def theirs() -> Company:
    return factories.company()


@pytest.fixture
def administrator(mine: Company, client: Client) -> Client:
    client.force_login(factories.member(company=mine, role=Role.ADMINISTRATOR))
    return client


def row_of(model: type[Model], company: Company) -> Any:
    """A row that can be told from others by its text."""
    if model in RECORD_MODELS.values():
        record_type = model.record_type  # type: ignore[attr-defined]  # it is one of ours
        make = getattr(factories, record_type, None)
        label = model.label_field  # type: ignore[attr-defined]
        if make is not None:
            return make(company=company, **{label: SECRET})
        vendor = factories.vendor(company=company)
        return model._default_manager.create(company=company, number=SECRET, vendor=vendor)
    if model._meta.model_name == "connection":
        return factories.connection(company=company, name=SECRET)
    assert model is Match
    return Match.objects.create(
        company=company,
        connection=factories.connection(company=company),
        record_type="customer",
        external_id="1",
        record_label=SECRET,
    )


def page(model: type[Model], name: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def test_every_admin_page_of_rows_with_a_company_stands_behind_the_walls() -> None:
    assert len(WALLED) >= 12
    for model in WALLED:
        assert isinstance(admin.site._registry[model], WalledModelAdmin), model
        for inline in admin.site._registry[model].inlines:
            assert issubclass(inline, Walled), inline


@pytest.mark.parametrize("model", WALLED, ids=lambda model: model._meta.model_name)
def test_no_page_of_the_admin_shows_another_companys_row(
    administrator: Client, theirs: Company, model: type[Model]
) -> None:
    row = row_of(model, theirs)
    listed = administrator.get(page(model, "changelist"))
    assert listed.status_code == 200
    assert SECRET not in listed.content.decode()
    found = administrator.get(page(model, "changelist"), {"q": SECRET})
    assert found.context["cl"].result_count == 0
    for name in ("change", "delete", "history"):
        response = administrator.get(page(model, name, row.pk))
        # The admin leads away from what does not exist for this person, or forbids the page.
        assert response.status_code in {302, 403}, name
        assert SECRET not in response.content.decode()
    administrator.post(page(model, "delete", row.pk), {"post": "yes"})
    actions = {"action": "delete_selected", ACTION_CHECKBOX_NAME: [row.pk], "post": "yes"}
    administrator.post(page(model, "changelist"), actions)
    row.refresh_from_db()
    assert getattr(row, "deleted_at", None) is None


def owners() -> Iterator[tuple[Any, Any]]:
    """Every walled form and inline, with each of its references to rows of a company."""
    for model in WALLED:
        model_admin: Any = admin.site._registry[model]
        inlines = [inline(model, admin.site) for inline in model_admin.inlines]
        for owner in (model_admin, *inlines):
            for field in owner.model._meta.fields:
                if isinstance(field, ForeignKey) and has_company(field.related_model):
                    yield owner, field


@pytest.mark.parametrize(
    ("owner", "field"),
    [pytest.param(o, f, id=f"{o.model._meta.model_name}.{f.name}") for o, f in owners()],
)
def test_no_choice_list_offers_another_companys_row(
    rf: Any, mine: Company, theirs: Company, owner: Any, field: Any
) -> None:
    row = row_of(field.related_model, theirs)
    own = row_of(field.related_model, mine)
    request = rf.get("/")
    request.company, request.user = mine, factories.member(company=mine)
    offered = owner.formfield_for_foreignkey(field, request).queryset
    assert own in offered
    assert row not in offered


SEARCHES = [(o.model, f) for o, f in owners() if f.name in o.autocomplete_fields]


@pytest.mark.parametrize(
    ("referring_model", "field"),
    [pytest.param(m, f, id=f"{m._meta.model_name}.{f.name}") for m, f in SEARCHES],
)
def test_searching_for_a_choice_finds_nothing_of_another_company(
    administrator: Client, mine: Company, theirs: Company, referring_model: Any, field: Any
) -> None:
    row_of(field.related_model, theirs)
    own = row_of(field.related_model, mine)
    found = administrator.get(
        reverse("admin:autocomplete"),
        {
            "term": SECRET,
            "app_label": referring_model._meta.app_label,
            "model_name": referring_model._meta.model_name,
            "field_name": field.name,
        },
    )
    assert [result["id"] for result in found.json()["results"]] == [str(own.pk)]


def test_a_filter_by_reference_offers_own_rows_only(rf: Any, mine: Company) -> None:
    class Page(WalledModelAdmin):
        list_filter = ("payment_term", "is_active")

    request = rf.get("/")
    request.company, request.user = mine, factories.member(company=mine)
    entries = Page(Customer, admin.site).get_list_filter(request)
    assert entries[0][0] == "payment_term"
    assert entries[0][1].__name__ == "RelatedOnlyFieldListFilter"
    assert entries[1] == "is_active"


def test_a_posted_id_of_another_company_is_refused(
    administrator: Client, mine: Company, theirs: Company
) -> None:
    foreign = factories.customer(company=theirs)
    values = {
        "number": "1",
        "customer": foreign.pk,
        "date": "2026-03-01",
        "currency": "USD",
        "lines-TOTAL_FORMS": 0,
        "lines-INITIAL_FORMS": 0,
    }
    response = administrator.post(reverse("admin:records_invoice_add"), values)
    assert "customer" in response.context["adminform"].form.errors


def test_the_company_itself_is_never_taken_from_the_form(
    administrator: Client, mine: Company, theirs: Company
) -> None:
    values = {"name": "A", "currency": "USD", "company": theirs.pk}
    administrator.post(reverse("admin:records_customer_add"), values)
    assert Customer.objects.get().company == mine


def test_who_belongs_to_no_company_sees_nothing(client: Client, theirs: Company) -> None:
    factories.customer(company=theirs, name=SECRET)
    client.force_login(factories.user())
    for model in WALLED:
        response = client.get(page(model, "changelist"))
        assert response.status_code == 403, model
        assert SECRET not in response.content.decode()


# -- the querysets -------------------------------------------------------------------------------


def test_querysets_are_cut_at_the_walls(mine: Company, theirs: Company) -> None:
    own = factories.customer(company=mine)
    factories.customer(company=theirs)
    person = factories.member(company=mine)
    everything = Customer.objects.all()
    assert list(for_company(everything, mine)) == [own]
    assert list(for_company(everything, None)) == []
    assert list(visible(everything, person)) == [own]
    assert list(visible(everything, factories.user())) == []
    assert visible(everything, factories.user(is_superuser=True)).count() == 2
    assert list(companies_of(person)) == [mine]
    person.is_active = False
    assert list(visible(everything, person)) == []


# -- addresses -----------------------------------------------------------------------------------

# What a person needs in order to log in.
OPEN = {"login", "jsi18n"}


def addresses(patterns: Any, prefix: str = "/") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, prefix + route)
        elif isinstance(pattern, URLPattern) and not route.startswith("^"):
            example = route.replace("<path:", "<").replace("<int:", "<").replace("<str:", "<")
            while "<" in example:
                head, _, rest = example.partition("<")
                example = f"{head}1{rest.partition('>')[2]}"
            yield pattern.name or route, prefix + example


def test_no_address_answers_who_has_not_logged_in(client: Client) -> None:
    factories.customer(company=factories.company(), name=SECRET)
    found = dict.fromkeys(addresses(get_resolver().url_patterns))
    assert len(found) > 80
    for name, address in found:
        if name in OPEN or address.startswith("/static"):
            continue
        for response in (client.get(address), client.post(address)):
            assert response.status_code in {302, 403, 404, 405}, (name, address)
            assert SECRET not in response.content.decode()


def test_people_of_another_company_are_not_listed(
    administrator: Client, mine: Company, theirs: Company
) -> None:
    stranger = factories.member(company=theirs, username="stranger")
    factories.member(company=mine, username="colleague")
    listed = administrator.get(reverse("people")).content.decode()
    assert "colleague" in listed
    assert "stranger" not in listed
    key = stranger.memberships.get().pk
    for name in ("people-change", "people-remove", "people-link"):
        assert administrator.post(reverse(name, args=[key])).status_code == 404, name
    assert stranger.memberships.exists()
