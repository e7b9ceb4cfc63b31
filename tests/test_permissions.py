"""Every address × every role × own and another company's rows: who may, who may not.

A new address needs a line in one of the two tables; without one the first test fails and names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from companies.middleware import SESSION_KEY
from companies.models import Company, Role
from companies.walls import has_company
from tests import factories
from tests.worlds import World, world

pytestmark = pytest.mark.django_db

# Who may GET and POST: the least role, "superuser", "nobody" (403 for all) or "anyone" (also
# without a log-in); "-" is 405. A number after it is the answer where it is not 200 or, to a form,
# 200 or a redirect. `about` is what the address names, in its order: rows of tests/worlds.py, or
# "=itself", or "$column" of an error. Another company's row is not found (404), unless a last word
# says with what other answer.
PAGES = """
name                    about                     GET                POST               elsewhere
overview                -                         viewer             -
sync-jobs               -                         viewer             -
sync-jobs-news          -                         viewer:204         -
sync-job-new            -                         -                  operator
sync-job                job                       viewer             -
sync-job-row            job                       viewer             -
sync-job-live           job                       viewer             -
sync-job-records        job                       viewer             -
sync-job-cancel         job                       -                  operator
sync-job-again          job                       -                  operator
exchange                job,exchange              viewer             -
sync-queue              -                         viewer             -
sync-queue-item         queue_item                viewer             -
sync-queue-hold         -                         -                  operator
sync-queue-release      -                         -                  operator
sync-queue-skip         -                         -                  operator
sync-queue-top          -                         -                  operator
sync-queue-sync-now     -                         -                  operator
record-why              =invoice,invoice          viewer             -
record-sync-now         =invoice,invoice          -                  operator
record-pull             =invoice,invoice          -                  operator
sync-errors             -                         viewer             -
sync-errors-cause       $fingerprint              viewer             -
sync-errors-comment     $fingerprint              -                  operator           302
sync-errors-retry       -                         -                  operator
sync-errors-hold        -                         -                  operator
sync-errors-release     -                         -                  operator
sync-errors-skip        -                         -                  operator
sync-errors-assign      -                         -                  operator
sync-errors-done        -                         -                  accountant
sync-errors-redate      -                         -                  accountant
sync-errors-use-instead -                         -                  accountant
sync-errors-link        -                         -                  accountant
connections             -                         viewer             -
connection-log-in       =tryton                   administrator      administrator
connection-check        connection                -                  administrator
connection-pause        connection                administrator      administrator
connection-resume       connection                -                  administrator
connection-disconnect   connection                administrator      administrator
connection-schedule     connection                administrator      administrator
connect                 =quickbooks_online        administrator:302  -
matching-here           -                         viewer:302         -
matching                connection                viewer             -
matching-decide         connection                -                  accountant
matching-start          connection                -                  accountant
matching-again          connection                -                  accountant
matching-choose         connection,match          viewer             -
matching-link-to        connection,match          -                  accountant:404
initial-load-here       -                         viewer:302         -
initial-load            connection                viewer             -
mapping-here            -                         viewer:302         -
mapping                 connection                viewer             -
mapping-save            connection                -                  accountant
mapping-items           connection                -                  accountant
mapping-lists           connection                -                  accountant
connect-callback        =quickbooks_online        administrator:302  -
webhook                 =quickbooks_online        anyone:405         anyone:401
alerts                  -                         viewer             viewer
alerts-test             -                         -                  viewer:404
alerts-secret           -                         -                  administrator:404
switch-company          -                         -                  nobody
table-settings          =sync-jobs                viewer             viewer
saved-view-new          =sync-jobs                -                  viewer
saved-view-change       =1                        -                  viewer:404
saved-view              =none                     viewer:404         -
conflicts               -                         viewer             -
conflict                =customer,customer        viewer             -
conflict-settle         =customer,customer        -                  accountant
conflict-gone           =customer,customer        -                  accountant         302
conflict-follow         =customer,customer        -                  accountant         302
policies                connection                viewer             accountant
people                  -                         administrator      administrator
people-change           membership                -                  administrator
people-remove           membership                administrator      administrator
people-link             membership                -                  administrator
set-password            =none,=none               anyone:404         anyone:404
audit                   -                         accountant         -
admin-index             -                         viewer:302         viewer
admin:index             -                         viewer:302         viewer
search                  -                         viewer             -
admin:search            -                         viewer             -
admin:login             -                         anyone             anyone
admin:logout            -                         -                  viewer
admin:password_change   -                         viewer             viewer
admin:password_change_done  -                     viewer             -
admin:autocomplete      -                         viewer:403         -
admin:jsi18n            -                         viewer             -
admin:view_on_site      =1,=1                     viewer:404         viewer:404
admin:app_list          =records                  viewer             viewer
admin:auth_user_password_change     member        superuser          superuser          above-walls
admin:records_invoice_void_one      invoice       operator           operator           403
admin:records_creditmemo_void_one   creditmemo    operator           operator           403
admin:records_bill_void_one         bill          operator           operator           403
admin:records_vendorcredit_void_one  vendorcredit  operator          operator           403
admin:records_payment_void_one      payment       operator           operator           403
"""

# The pages that the admin makes for each model. About a row that is not there, is another company's
# or is not for this person, they say no or lead away. "above-walls": superusers see all companies'.
ADMIN = """
model                   see            add            change         delete         note
companies.company       administrator  superuser      administrator  nobody         above-walls
auth.user               superuser      superuser      superuser      superuser      above-walls
auth.group              superuser      superuser      superuser      superuser      above-walls
records.account         viewer         nobody         nobody         nobody         -
records.taxcode         viewer         nobody         nobody         nobody         -
records.paymentterm     viewer         nobody         nobody         nobody         -
records.paymentmethod   viewer         nobody         nobody         nobody         -
records.customer        viewer         operator       operator       operator       -
records.vendor          viewer         operator       operator       operator       -
records.item            viewer         operator       operator       operator       -
records.invoice         viewer         operator       operator       operator       -
records.creditmemo      viewer         operator       operator       operator       -
records.bill            viewer         operator       operator       operator       -
records.vendorcredit    viewer         operator       operator       operator       -
records.payment         viewer         operator       operator       operator       -
connectors.connection   viewer         nobody         administrator  nobody         -
"""

PEOPLE = ("anonymous", *Role.values, "superuser")
ANYONE, NOBODY, NO_SUCH_METHOD = "anyone", "nobody", "-"
METHODS = ("GET", "POST")
# What people of one company must never read of the other.
SECRET = "Elsewhere"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a table: who may `GET` and `POST` an address, and what it names."""

    name: str
    about: tuple[str, ...]
    cells: dict[str, str]
    # What is not for this person, and what is not this company's.
    refused: frozenset[int] = frozenset({403})
    elsewhere: frozenset[int] = frozenset({404})
    # Superusers see every company's companies and people.
    is_above_walls: bool = False

    @property
    def names_a_row(self) -> bool:
        return any(not what.startswith("=") for what in self.about)

    def is_allowed(self, person: str, method: str) -> bool:
        who = self.cells[method].partition(":")[0]
        if who in {ANYONE, NOBODY}:
            return who == ANYONE
        least = PEOPLE.index(who) if who != NO_SUCH_METHOD else 1
        return PEOPLE.index(person) >= least

    def answers(self, person: str, method: str) -> Set[int]:
        who, _colon, status = self.cells[method].partition(":")
        if not self.is_allowed(person, method):
            return {302} if person == "anonymous" else self.refused
        if who == NO_SUCH_METHOD:
            return {405}
        if status:
            return {int(status)}
        return {200} if method == "GET" and who != ANYONE else {200, 302}

    def foreign_answers(self, person: str, method: str) -> Set[int]:
        """Who may not anyway may hear either that, or that nothing is there."""
        if self.cells[method] == NO_SUCH_METHOD or person == "anonymous":
            return self.answers(person, method)
        if not self.is_allowed(person, method):
            return self.refused | self.elsewhere
        if person == "superuser" and self.is_above_walls:
            return self.answers(person, method)
        return self.elsewhere


def lines(table: str) -> Iterator[list[str]]:
    yield from (line.split() for line in table.strip().splitlines()[1:])


def page_rules() -> Iterator[Rule]:
    for name, about, get, post, *note in lines(PAGES):
        rows = () if about == "-" else tuple(about.split(","))
        is_above = note == ["above-walls"]
        elsewhere = frozenset({int(note[0])}) if note and not is_above else frozenset({404})
        yield Rule(
            name,
            rows,
            {"GET": get, "POST": post},
            elsewhere=elsewhere,
            is_above_walls=is_above,
        )


def admin_rules() -> Iterator[Rule]:
    no_or_away = frozenset({302, 403})
    for label, see, add, change, delete, note in lines(ADMIN):
        app, _dot, model = label.partition(".")
        row = {"companies.company": "company", "auth.user": "member"}.get(label, model)
        for page, about, get, post in (
            ("changelist", (), see, see),
            ("add", (), add, add),
            ("change", (row,), see, change),
            ("delete", (row,), delete, delete),
            ("history", (row,), see, see),
        ):
            yield Rule(
                f"admin:{app}_{model}_{page}",
                about,
                {"GET": get, "POST": post},
                refused=no_or_away if about else frozenset({403}),
                elsewhere=no_or_away,
                is_above_walls=note == "above-walls",
            )


RULES = {rule.name: rule for rule in (*page_rules(), *admin_rules())}


def addresses(patterns: Any, space: str = "") -> Iterator[str]:
    """The name of every address; what has none only leads to another one."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield space + pattern.name


def test_every_address_has_its_line_in_the_table() -> None:
    assert set(addresses(get_resolver().url_patterns)) == set(RULES)


@dataclass(frozen=True, slots=True)
class Scene:
    """Two companies, everything the second one has, and a client for each role in the first."""

    mine: World
    theirs: World
    before: dict[str, list[Any]]
    clients: dict[str, Client]


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    """Made once: each request takes back what it changed."""
    with django_db_blocker.unblock(), transaction.atomic():
        mine, theirs = world(name="Mine"), world(name=SECRET)
        clients = {person: client_of(person, mine) for person in PEOPLE}
        yield Scene(mine, theirs, rows_of(theirs.company), clients)
        transaction.set_rollback(True)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_each_role_may_what_the_table_says(scene: Scene, rule: Rule) -> None:
    mine, theirs = scene.mine, scene.theirs
    wrong = []
    for person, client in scene.clients.items():
        for method in METHODS:
            with taking_back(client):
                found, tells = ask(client, rule, method, mine)
            if found not in (expected := rule.answers(person, method)):
                wrong.append(f"{person} {method}: {found}, not {expected}")
            if rule.names_a_row:
                with taking_back(client):
                    found, also_tells = ask(client, rule, method, theirs)
                tells = tells or also_tells
                if found not in (expected := rule.foreign_answers(person, method)):
                    wrong.append(f"{person} {method} elsewhere: {found}, not {expected}")
            if tells and person != "superuser":  # who sees the names of all companies
                wrong.append(f"{person} {method} tells of another company")
    assert not wrong, "\n".join(wrong)


# Names under which forms say what they are about; none of them may reach over the wall.
NAMES = ("pick", "job", "connection", "item", "error", "group", "link", "match", "record", "id")


@pytest.mark.parametrize(
    "rule",
    [rule for rule in RULES.values() if rule.cells["POST"] != NO_SUCH_METHOD],
    ids=lambda rule: rule.name,
)
def test_no_form_reaches_another_companys_rows(scene: Scene, rule: Rule) -> None:
    """Whatever it says: the rows of the other company under every name a form may use."""
    mine, theirs = scene.mine, scene.theirs
    ids = [row.pk for row in theirs.rows.values()]
    said: dict[str, Any] = dict.fromkeys(NAMES, ids)
    said |= {"company": theirs.company.pk, "cause": theirs.id_of("$fingerprint"), "all": "1"}
    said |= {"action": "delete_selected", "_selected_action": ids, "post": "yes"}
    client = scene.clients[Role.ADMINISTRATOR]
    for about in (mine, theirs):
        with taking_back(client):
            status, tells = ask(client, rule, "POST", about, said)
            assert rows_of(theirs.company) == scene.before
        assert status < 500
        assert not tells


def client_of(person: str, made: World) -> Client:
    """Somebody with this role in the company, or in none."""
    client = Client()
    if person == "anonymous":
        return client
    if person == "superuser":
        client.force_login(factories.user(is_superuser=True))
        session = client.session
        session[SESSION_KEY] = made.company.pk
        session.save()
    else:
        client.force_login(factories.member(company=made.company, role=Role(person)))
    return client


def ask(
    client: Client, rule: Rule, method: str, about: World, said: dict[str, Any] | None = None
) -> tuple[int, bool]:
    """The status of the answer, and whether it shows anything of the other company."""
    address = reverse(rule.name, args=[about.id_of(what) for what in rule.about])
    answer = client.get(address) if method == "GET" else client.post(address, said)
    body = answer.getvalue() if answer.streaming else answer.content
    return answer.status_code, SECRET.encode() in body


@contextmanager
def taking_back(client: Client) -> Iterator[None]:
    """What an answer changed is taken back, also a log-out."""
    cookies = deepcopy(client.cookies)
    block = transaction.atomic()
    # As in the tests of Django itself: what must be the outermost block may run in a test.
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)
    client.cookies = cookies


def rows_of(company: Company) -> dict[str, list[Any]]:
    """Everything the company has, to be compared."""
    models = [model for model in apps.get_models() if has_company(model)]
    return {
        model._meta.label: list(
            model._default_manager.filter(company=company).order_by("pk").values()
        )
        for model in models
    }
